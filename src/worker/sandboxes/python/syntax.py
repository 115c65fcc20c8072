"""A step's source as a tree: its size, its characters, the kinds of nodes it may have, and the walk that rewrites it.

Built on _ast, the interpreter's own parser output; the ast module would cost 3 ms more at every start. The node kinds
follow CPython's Parser/Python.asdl for 3.9 to 3.13; a kind that a later version adds is refused until it is listed.
"""

import _ast

from hints import NODE, NODES
from names import GUARD
from violations import Violation, violation_at

MAX_SOURCE = 256 * 1024
MAX_NODES = 40_000
MAX_DEPTH = 80

ONLY_AST = 0x400  # PyCF_ONLY_AST

ALLOWED = frozenset(
    """Module Expr Assign AugAssign AnnAssign For While If With withitem Try ExceptHandler Raise Assert Delete FunctionDef
    Lambda arguments arg ClassDef Return Yield YieldFrom Global Nonlocal Pass Break Continue Import ImportFrom alias Match
    match_case MatchValue MatchSingleton MatchSequence MatchMapping MatchStar MatchAs MatchOr MatchClass BoolOp NamedExpr
    BinOp UnaryOp IfExp Dict Set List Tuple ListComp SetComp DictComp GeneratorExp comprehension Compare Call keyword
    FormattedValue JoinedStr Constant Attribute Subscript Starred Name Slice Load Store Del And Or Add Sub Mult Div Mod Pow
    LShift RShift BitOr BitXor BitAnd FloorDiv MatMult Invert Not UAdd USub Eq NotEq Lt LtE Gt GtE Is IsNot In NotIn""".split()
)


def lines_of(source):
    """The lines of a source, whatever its line ends are, numbered as the interpreter numbers them."""
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def parse(source, filename):
    """The syntax tree. Raises Violation, or SyntaxError with the line."""
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
        raise Violation("the code cannot be parsed (%s); write it in smaller parts" % type(error).__name__) from None


def measure(tree):
    """All nodes of a tree. Refuses one that is too large, or too deep for what walks it."""
    nodes = []
    stack = [(tree, 1, 1)]
    while stack:
        node, depth, line = stack.pop()
        line = getattr(node, "lineno", line)
        nodes.append(node)
        if len(nodes) > MAX_NODES:
            raise Violation("the code is too large; do the work in several steps")
        if depth > MAX_DEPTH:
            raise violation_at(line, "the code is nested too deeply; use names for its parts")
        for field in node._fields:
            value = getattr(node, field, None)
            for part in value if type(value) is list else (value,):
                if isinstance(part, _ast.AST):
                    stack.append((part, depth + 1, line))
    return nodes


def located(node, place):
    """`node` and its new parts get the position of the code they stand for."""
    for field in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
        if getattr(node, field, None) is None:
            setattr(node, field, getattr(place, field))
    return node


class Walker:
    """Visits every node by visit_KIND or part by part, and puts what that gives in the node's place: a node, or statements."""

    def visit(self, node):
        kind = type(node).__name__
        if kind not in ALLOWED:
            self.refuse(node, "%s is not allowed" % _spoken(kind), NODES.get(kind, NODE))
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
        return located(_ast.Call(func=self.guard_name(place, name), args=list(args), keywords=[]), place)

    def guard_name(self, place, name):
        return located(_ast.Name(id=GUARD % name, ctx=_ast.Load()), place)

    def text(self, place, value):
        return located(_ast.Constant(value=value, kind=None), place)


def _spoken(kind):
    words = {"AsyncFunctionDef": "async def", "AsyncFor": "async for", "AsyncWith": "async with", "Await": "await", "TryStar": "except*"}
    return words.get(kind, kind)
