"""The language layer: which Python a step may use. Source is parsed, every node must be of an allowed kind (syntax.py), every
name and attribute is checked (attribute_rules.py), and what only run time can decide is rewritten into a call of a guard.
"""

import _ast

from attribute_rules import AttributeRules
from hints import MODULES, NAMES, NODES
from names import FORMATTERS, GUARDED, METHOD_DUNDERS, POSITIONAL_PATTERNS, is_allowed_attribute, is_allowed_identifier
from syntax import located, measure, parse
from violations import Violation

MAX_CONSTANT = 256 * 1024
MAX_INTEGER_BITS = 4096

ANNOTATIONS = 0x1000000  # CO_FUTURE_ANNOTATIONS


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
    tree = parse(source, filename)
    rewriter = Rewriter(modules, known_names)
    rewriter.collect(measure(tree))
    tree = rewriter.visit(tree)
    try:
        return Checked(compile(tree, filename, "exec", rewriter.future, True), rewriter.reads)
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise Violation("the code cannot be compiled (%s); write it in smaller parts" % type(error).__name__) from None


class Rewriter(AttributeRules):
    def __init__(self, modules, known_names):
        self.modules = modules
        self.bound = set(known_names)
        self.reads = set()
        self.in_class_body = [False]
        self.future = 0  # the compiler's flags for what is imported from __future__

    # -- what the program binds --------------------------------------------------------------------------------------

    def collect(self, nodes):
        """Every name that the program binds anywhere: a forbidden builtin's name may be used for something else."""
        for node in nodes:
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

    # -- names -------------------------------------------------------------------------------------------------------

    def identifier(self, node, name, what="name"):
        if name == "super":  # it means more to the compiler than a name; bound to anything it would pass its guard by
            self.refuse(node, "super is only allowed as super().method", "call the method, or choose another name")
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
                self.refuse(node, "the pattern attribute %r is not allowed" % name, "bind the object and read its public attributes")
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
                statements.append(located(_ast.Expr(value=self.guard(node, "import", self.text(node, alias.name))), node))
        return statements

    def visit_ImportFrom(self, node):
        if node.level:
            self.refuse(node, "relative imports are not allowed", "name the module: from json import loads")
        if node.module == "__future__" and all(alias.name == "annotations" for alias in node.names):
            self.future = ANNOTATIONS
            return located(_ast.Pass(), node)
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
        target = located(_ast.Name(id=name, ctx=_ast.Store()), place)
        return located(_ast.Assign(targets=[target], value=value, type_comment=None), place)

    # -- constants ---------------------------------------------------------------------------------------------------

    def visit_Constant(self, node):
        value = node.value
        if isinstance(value, (str, bytes)) and len(value) > MAX_CONSTANT:
            self.refuse(node, "a constant is too large", "put texts together in several steps")
        if isinstance(value, int) and value.bit_length() > MAX_INTEGER_BITS:
            self.refuse(node, "an integer constant is too large", "compute it: 10 ** 2000")
        return node
