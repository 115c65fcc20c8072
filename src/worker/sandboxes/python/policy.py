"""The language layer: which Python a step may use. Source is parsed, every node must be of an allowed kind, every name
and attribute is checked, and what only run time can decide is rewritten into a call of a guard (guards.py).

Built on _ast, the interpreter's own parser output; the ast module would cost 3 ms more at every start. The node kinds
follow CPython's Parser/Python.asdl for 3.9 to 3.13; a kind that a later version adds is refused until it is listed.
"""

import _ast

from hints import ATTRIBUTES, MODULES, NAMES, NODES
from names import FORMATTERS, GUARDED, METHOD_DUNDERS, is_allowed_attribute, is_allowed_identifier, is_private, is_read_only
from violations import Violation, violation_at

MAX_SOURCE = 256 * 1024
MAX_NODES = 40_000
MAX_DEPTH = 80
MAX_CONSTANT = 256 * 1024
MAX_INTEGER_BITS = 4096

ONLY_AST = 0x400  # PyCF_ONLY_AST
ANNOTATIONS = 0x1000000  # CO_FUTURE_ANNOTATIONS

ALLOWED = frozenset(
    """Module Expr Assign AugAssign AnnAssign For While If With withitem Try ExceptHandler Raise Assert Delete FunctionDef
    Lambda arguments arg ClassDef Return Yield YieldFrom Global Nonlocal Pass Break Continue Import ImportFrom alias Match
    match_case MatchValue MatchSingleton MatchSequence MatchMapping MatchStar MatchAs MatchOr MatchClass BoolOp NamedExpr
    BinOp UnaryOp IfExp Dict Set List Tuple ListComp SetComp DictComp GeneratorExp comprehension Compare Call keyword
    FormattedValue JoinedStr Constant Attribute Subscript Starred Name Slice Load Store Del And Or Add Sub Mult Div Mod Pow
    LShift RShift BitOr BitXor BitAnd FloorDiv MatMult Invert Not UAdd USub Eq NotEq Lt LtE Gt GtE Is IsNot In NotIn""".split()
)
SUPER_ATTRIBUTES = METHOD_DUNDERS - {"__call__"}
POSITIONAL_PATTERNS = frozenset("str int float bool list dict tuple set bytes frozenset".split())

GUARD = "__g_%s__"  # no name of session code begins or ends with two underscores


class Checked:
    """A step that may run: its code object, and the free names it reads, which may have to be bound first."""

    __slots__ = ("code", "reads")

    def __init__(self, code, reads):
        self.code = code
        self.reads = reads


def check(source, filename, modules, known_names):
    """Parses, checks, rewrites and compiles. Raises Violation or SyntaxError.

    `modules` are the importable names, `known_names` those that earlier steps have bound.
    """
    tree = _parse(source, filename)
    _measure(tree)
    rewriter = Rewriter(modules, known_names)
    rewriter.collect(tree)
    tree = rewriter.visit(tree)
    try:
        return Checked(compile(tree, filename, "exec", rewriter.future, True), rewriter.reads)
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise Violation("the code cannot be compiled: %s" % type(error).__name__) from None


def lines_of(source):
    """The lines of a source, whatever its line ends are, numbered as the interpreter numbers them."""
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _parse(source, filename):
    if len(source) > MAX_SOURCE:
        raise Violation("the code has more than %d characters; do the work in several steps" % MAX_SOURCE)
    lines = lines_of(source)
    for number, line in enumerate(lines, 1):
        for char in line:
            if (char < " " and char not in "\t\f") or char == "\x7f" or "\ud800" <= char <= "\udfff":
                raise violation_at(number, "the character U+%04X is not allowed in code; write it as an escape" % ord(char))
    try:
        # From bytes with a byte order mark: no "coding:" comment can change how the source is read.
        return compile(("\ufeff" + "\n".join(lines)).encode("utf-8"), filename, "exec", ONLY_AST, True)
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        if isinstance(error, SyntaxError):
            raise
        raise Violation("the code cannot be parsed: %s" % type(error).__name__) from None


def _measure(tree):
    count = 0
    stack = [(tree, 1, 1)]
    while stack:
        node, depth, line = stack.pop()
        line = getattr(node, "lineno", line)
        count += 1
        if count > MAX_NODES:
            raise Violation("the code is too large; do the work in several steps")
        if depth > MAX_DEPTH:
            raise violation_at(line, "the code is nested too deeply; use names for its parts")
        for child in _children(node):
            stack.append((child, depth + 1, line))


def _children(node):
    for field in node._fields:
        value = getattr(node, field, None)
        if type(value) is list:
            for item in value:
                if isinstance(item, _ast.AST):
                    yield item
        elif isinstance(value, _ast.AST):
            yield value


def _located(node, place):
    """`node` and its new parts get the position of the code they stand for."""
    for field in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
        if getattr(node, field, None) is None:
            setattr(node, field, getattr(place, field))
    return node


class Rewriter:
    def __init__(self, modules, known_names):
        self.modules = modules
        self.bound = set(known_names)
        self.reads = set()
        self.in_class_body = [False]
        self.future = 0  # the compiler's flags for what is imported from __future__

    # -- what the program binds --------------------------------------------------------------------------------------

    def collect(self, tree):
        """Every name that the program binds anywhere: a forbidden builtin's name may be used for something else."""
        stack = [tree]
        while stack:
            node = stack.pop()
            kind = type(node).__name__
            if kind == "Name" and type(node.ctx) is not _ast.Load:
                self.bound.add(node.id)
            elif kind in ("FunctionDef", "ClassDef"):
                self.bound.add(node.name)
            elif kind == "arg":
                self.bound.add(node.arg)
            elif kind == "alias":
                self.bound.add(node.asname or node.name.split(".")[0])
            elif kind in ("ExceptHandler", "MatchAs", "MatchStar") and node.name:
                self.bound.add(node.name)
            elif kind == "MatchMapping" and node.rest:
                self.bound.add(node.rest)
            stack.extend(_children(node))

    # -- walking -----------------------------------------------------------------------------------------------------

    def visit(self, node):
        kind = type(node).__name__
        if kind not in ALLOWED:
            self.refuse(node, "%s is not allowed" % _spoken(kind), NODES.get(kind))
        method = getattr(self, "visit_" + kind, None)
        return self.visit_parts(node) if method is None else method(node)

    def visit_parts(self, node):
        for field in node._fields:
            value = getattr(node, field, None)
            if type(value) is list:
                setattr(node, field, self.visit_list(value))
            elif isinstance(value, _ast.AST):
                setattr(node, field, self.visit(value))
        return node

    def visit_list(self, items):
        result = []
        for item in items:
            seen = self.visit(item) if isinstance(item, _ast.AST) else item
            if type(seen) is list:
                result.extend(seen)
            else:
                result.append(seen)
        return result

    def refuse(self, node, what, hint=None):
        raise violation_at(getattr(node, "lineno", 1), what + ("; " + hint if hint else ""))

    def guard(self, place, name, *args):
        return _located(_ast.Call(func=self.guard_name(place, name), args=list(args), keywords=[]), place)

    def guard_name(self, place, name):
        return _located(_ast.Name(id=GUARD % name, ctx=_ast.Load()), place)

    def text(self, place, value):
        return _located(_ast.Constant(value=value, kind=None), place)

    # -- names -------------------------------------------------------------------------------------------------------

    def identifier(self, node, name, what="name"):
        if name == "super":  # it means more to the compiler than a name; bound to anything it would pass its guard by
            self.refuse(node, "super is only allowed as super().method")
        if name is not None and not is_allowed_identifier(name):
            self.refuse(node, "the %s %r is not allowed" % (what, name), "names neither begin nor end with two underscores")

    def visit_Name(self, node):
        name = node.id
        if type(node.ctx) is _ast.Load:
            if name == "__name__":
                return node
            if name in NAMES and name not in self.bound:
                self.refuse(node, "%s is not available" % name, NAMES[name])
            self.reads.add(name)
        self.identifier(node, name)
        return node

    def visit_arg(self, node):
        self.identifier(node, node.arg, "parameter")
        return self.visit_parts(node)

    def visit_keyword(self, node):
        self.identifier(node, node.arg, "keyword")
        return self.visit_parts(node)

    def visit_Global(self, node):
        for name in node.names:
            self.identifier(node, name)
        return node

    visit_Nonlocal = visit_Global

    def visit_comprehension(self, node):
        if node.is_async:
            self.refuse(node.target, "async for is not allowed", NODES["AsyncFor"])
        return self.visit_parts(node)

    def visit_MatchAs(self, node):
        self.identifier(node, node.name)
        return self.visit_parts(node)

    visit_MatchStar = visit_MatchAs

    def visit_MatchMapping(self, node):
        self.identifier(node, node.rest)
        return self.visit_parts(node)

    def visit_MatchValue(self, node):
        self.visit_parts(node)
        if type(node.value) is _ast.Call:  # a guard's; a pattern can't call
            self.refuse(node, "this attribute is not allowed in a pattern", "compare it in an if")
        return node

    def visit_MatchClass(self, node):
        for name in node.kwd_attrs:
            if not is_allowed_attribute(name) or name.startswith("_") or name in FORMATTERS or name in GUARDED:
                self.refuse(node, "the pattern attribute %r is not allowed" % name)
        kind = node.cls.id if type(node.cls) is _ast.Name else None
        if node.patterns and (kind not in POSITIONAL_PATTERNS or kind in self.bound):
            self.refuse(node, "a class pattern with positions is only allowed for builtin types", "name the attributes: Point(x=0)")
        self.visit_parts(node)
        if node.patterns:
            node.cls = self.guard_name(node.cls, kind)  # the builtin type, whatever its name is bound to by then
        return node

    # -- exceptions --------------------------------------------------------------------------------------------------

    def visit_ExceptHandler(self, node):
        """Every handler's type goes through a guard, so that none can catch what ends a step; a bare one catches Exception."""
        self.identifier(node, node.name)
        node.type = self.guard(node, "catch", *([] if node.type is None else [self.visit(node.type)]))
        node.body = self.visit_list(node.body)
        return node

    # -- definitions -------------------------------------------------------------------------------------------------

    def visit_FunctionDef(self, node):
        method = self.in_class_body[-1] and node.name in METHOD_DUNDERS
        if not method:
            self.identifier(node, node.name, "function name")
        self.no_type_parameters(node)
        node.decorator_list = self.visit_list(node.decorator_list)
        decorators, node.decorator_list = node.decorator_list, []
        self.in_class_body.append(False)
        self.visit_parts(node)
        self.in_class_body.pop()
        node.decorator_list = decorators
        return node

    def visit_Lambda(self, node):
        self.in_class_body.append(False)
        self.visit_parts(node)
        self.in_class_body.pop()
        return node

    def visit_ClassDef(self, node):
        self.identifier(node, node.name, "class name")
        if node.keywords:
            self.refuse(node, "class keywords (metaclass=…) are not allowed", "use a plain class or a decorator function")
        self.no_type_parameters(node)
        node.decorator_list = self.visit_list(node.decorator_list)
        node.bases = [self.guard(base, "base", self.visit(base)) for base in node.bases]
        self.in_class_body.append(True)
        node.body = self.visit_list(node.body)
        self.in_class_body.pop()
        return node

    def no_type_parameters(self, node):
        if getattr(node, "type_params", None):
            self.refuse(node, "type parameters are not allowed", "leave them out; hints are not checked")

    # -- attributes --------------------------------------------------------------------------------------------------

    def visit_Attribute(self, node):
        if type(node.ctx) is _ast.Load:
            return self.read_attribute(node)
        self.checked_target(node)
        node.value = self.guard(node, "write", self.visit(node.value))
        return node

    def read_attribute(self, node):
        name, value = node.attr, node.value
        if name == "__name__" and type(value) is _ast.Attribute and value.attr == "__class__":
            return self.guard(node, "class_name", self.visit(value.value))
        if _is_super_call(value) and (name in SUPER_ATTRIBUTES or (is_allowed_attribute(name) and name not in FORMATTERS)):
            return self.guard(node, "parent", value, self.text(node, name))
        self.checked_attribute(node, name)
        value = self.visit(value)
        if name in FORMATTERS:
            return self.guard(node, "formatter", value, self.text(node, name))
        if name in GUARDED:
            return self.guard(node, "guarded", value, self.text(node, name))
        if is_private(name):
            return self.guard(node, "private", value, self.text(node, name))
        node.value = value
        return node

    def checked_attribute(self, node, name):
        if not is_allowed_attribute(name):
            self.refuse(node, "the attribute %r is not allowed" % name, ATTRIBUTES.get(name))

    def checked_target(self, node):
        name = node.attr
        if is_read_only(name):
            self.refuse(node, "assignment to the attribute %r is not allowed" % name, ATTRIBUTES.get(name))
        self.checked_attribute(node, name)

    def visit_AugAssign(self, node):
        """x.a += 1 reads as well as writes: both rules apply."""
        target = node.target
        if type(target) is not _ast.Attribute:
            return self.visit_parts(node)
        self.checked_target(target)
        if target.attr in FORMATTERS or target.attr in GUARDED:
            self.refuse(node, "assignment to the attribute %r is not allowed" % target.attr)
        target.value = self.guard(target, "update", self.visit(target.value), self.text(target, target.attr))
        node.value = self.visit(node.value)
        return node

    # -- imports -----------------------------------------------------------------------------------------------------

    def visit_Import(self, node):
        statements = []
        for alias in node.names:
            self.importable(node, alias.name)
            self.identifier(node, alias.asname)
            top = alias.name.split(".")[0]
            target, module = (alias.asname, alias.name) if alias.asname else (top, top)
            statements.append(self.binding(node, target, self.guard(node, "import", self.text(node, module))))
            if not alias.asname and alias.name != top:
                statements.append(_located(_ast.Expr(value=self.guard(node, "import", self.text(node, alias.name))), node))
        return statements

    def visit_ImportFrom(self, node):
        if node.level:
            self.refuse(node, "relative imports are not allowed")
        if node.module == "__future__" and all(alias.name == "annotations" for alias in node.names):
            self.future = ANNOTATIONS
            return _located(_ast.Pass(), node)
        self.importable(node, node.module)
        statements = []
        for alias in node.names:
            if alias.name == "*" or alias.name.startswith("_"):
                self.refuse(node, "import of %r from %r is not allowed" % (alias.name, node.module), "name what you need")
            self.identifier(node, alias.asname)
            value = self.guard(node, "import_from", self.text(node, node.module), self.text(node, alias.name))
            statements.append(self.binding(node, alias.asname or alias.name, value))
        return statements

    def importable(self, node, name):
        if name in self.modules:
            return
        hint = MODULES.get(name.split(".")[0]) or "there are " + ", ".join(sorted(self.modules))
        self.refuse(node, "import of %r is not allowed" % name, hint)

    def binding(self, place, name, value):
        target = _located(_ast.Name(id=name, ctx=_ast.Store()), place)
        return _located(_ast.Assign(targets=[target], value=value, type_comment=None), place)

    # -- constants ---------------------------------------------------------------------------------------------------

    def visit_Constant(self, node):
        value = node.value
        if isinstance(value, (str, bytes)) and len(value) > MAX_CONSTANT:
            self.refuse(node, "a constant is too large")
        if isinstance(value, int) and value.bit_length() > MAX_INTEGER_BITS:
            self.refuse(node, "an integer constant is too large")
        return node


def _is_super_call(node):
    return (
        type(node) is _ast.Call and type(node.func) is _ast.Name and node.func.id == "super" and not node.args and not node.keywords
    )


def _spoken(kind):
    words = {"AsyncFunctionDef": "async def", "AsyncFor": "async for", "AsyncWith": "async with", "Await": "await", "TryStar": "except*"}
    return words.get(kind, kind)
