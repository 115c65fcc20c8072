"""Other ways to write a program: the same attribute by another road, the same statement in another place, and parts of
another program in this one."""

import ast

LOOK_ALIKES = {"a": "\u1d43", "e": "\u1d49", "i": "\u2071", "o": "\u1d52", "s": "\u02e2", "l": "\u02e1", "_": "\uff3f"}

# the attribute NAME of the value VALUE
SPELLINGS = [
    "getattr(VALUE, NAME)", "getattr(VALUE, NAME, None)", "getattr(VALUE, ''.join([NAME]))", "getattr(VALUE, NAME[:2] + NAME[2:])", "list(map(getattr, [VALUE], [NAME]))[0]",
    "__import__('operator').attrgetter(NAME)(VALUE)", "operator.attrgetter(NAME)(VALUE)", "functools.reduce(getattr, NAME.split('.'), VALUE)", "('{0.' + NAME + '}').format(VALUE)", "str.format('{0.' + NAME + '}', VALUE)",
    "'{a.%s!r}'.replace('%s', NAME).format_map({'a': VALUE})", "type('S', (str,), {})(NAME)", "type(VALUE).__getattribute__(VALUE, NAME)", "vars(VALUE)[NAME]", "operator.methodcaller('__getattribute__', NAME)(VALUE)",
    "(lambda o, n: getattr(o, n))(VALUE, NAME)", "next(getattr(o, NAME) for o in [VALUE])", "object.__getattribute__(VALUE, NAME)", "VALUE.__dict__[NAME]", "getattr(*[VALUE, NAME])", "getattr(**{'a': VALUE})",
]  # fmt: skip
# an expression, said with more words
AROUND = ["(lambda: E)()", "[E for _ in '1'][0]", "next(iter([E]))", "{'k': E}['k']", "(E if 1 else 0)", "(walrus := E)", "(lambda *a, **k: a[0])(E)", "max([E], key=id)", "next(x for x in [E])", "copy.copy(E)", "functools.partial(lambda a: a, E)()", "[*[E]][0]", "sorted([E], key=id)[0]", "collections.deque([E]).pop()", "types.SimpleNamespace(a=E).a", "functools.reduce(lambda a, b: b, [0, E])"]  # fmt: skip
# statements, somewhere else
PLACES = [
    "def f():\n    BODY\nf()", "class C:\n    BODY", "try:\n    BODY\nfinally: pass", "try:\n    BODY\nexcept BaseException as e: print(e)", "for i in '1':\n    BODY", "while True:\n    BODY\n    break", "with contextlib.nullcontext():\n    BODY",
    "def g():\n    BODY\n    yield 1\nlist(g())", "class C:\n    def __repr__(self):\n        BODY\n        return ''\nprint(C())", "class C:\n    def __len__(self):\n        BODY\n        return 0\nbool(C())", "class C:\n    @property\n    def p(self):\n        BODY\nC().p",
    "class C:\n    def __exit__(self, *a):\n        BODY\n        return True\n    def __enter__(self): pass\nwith C(): 1 / 0", "def d(k):\n    BODY\n    return k\n@d\nclass C: pass", "if 1:\n    BODY", "try: 1 / 0\nexcept ZeroDivisionError as e:\n    BODY", "def k(x):\n    BODY\n    return 0\nsorted([1], key=k)",
    "@dataclasses.dataclass\nclass C:\n    def __post_init__(self):\n        BODY\nC()", "match 1:\n    case _:\n        BODY", "@contextlib.contextmanager\ndef m():\n    try: yield\n    finally:\n        BODY\nwith m(): pass", "class C:\n    def __eq__(self, o):\n        BODY\n        return True\nC() in [1]", "def h(a):\n    BODY\n    return 'x'\nre.sub('a', h, 'a')",
]  # fmt: skip


def mutate(rng, tree, other):
    """The text of a program like `tree`, with something of `other` perhaps."""
    change = rng.choice((respell, respell, respell, wrap, wrap, move, move, splice, exchange, look_alike))
    return change(rng, tree, other)


def respell(rng, tree, other):
    """Some attribute by another road."""

    def replace(node):
        name, value = ast.Constant(node.attr), node.value
        return _filled(rng.choice(SPELLINGS), VALUE=value, NAME=name)

    return _replace_one(rng, tree, lambda node: isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load), replace)


def wrap(rng, tree, other):
    return _replace_one(rng, tree, lambda node: isinstance(node, (ast.Attribute, ast.Call, ast.Name)) and _is_read(node), lambda node: _filled(rng.choice(AROUND), E=node))


def move(rng, tree, other):
    """The whole program in another place."""
    line = rng.choice(PLACES)
    indent = next(part for part in line.split("\n") if "BODY" in part).index("BODY")
    return line.replace("BODY", ast.unparse(tree).replace("\n", "\n" + " " * indent))


def splice(rng, tree, other):
    """A statement of another program, before, between or behind."""
    if other.body:
        tree.body.insert(rng.randrange(len(tree.body) + 1), rng.choice(other.body))
    return ast.unparse(tree)


def exchange(rng, tree, other):
    """An expression of another program in the place of one of this."""
    donors = [node for node in ast.walk(other) if isinstance(node, ast.expr) and _is_read(node) and not isinstance(node, (ast.Starred, ast.Slice, ast.FormattedValue))]
    return _replace_one(rng, tree, lambda node: isinstance(node, (ast.Name, ast.Constant, ast.Call, ast.Attribute)) and _is_read(node), lambda node: rng.choice(donors) if donors else node)


def look_alike(rng, tree, other):
    """A name in letters that normalise to its own."""
    names = [node for node in ast.walk(tree) if isinstance(node, (ast.Name, ast.Attribute))]
    if names:
        node = rng.choice(names)
        field = "id" if isinstance(node, ast.Name) else "attr"
        setattr(node, field, "".join(LOOK_ALIKES.get(letter, letter) if rng.random() < 0.3 and at else letter for at, letter in enumerate(getattr(node, field))))
    return ast.unparse(tree)


def _is_read(node):
    return isinstance(getattr(node, "ctx", None), (ast.Load, type(None)))


def _filled(template, **parts):
    class Filling(ast.NodeTransformer):
        def visit_Name(self, node):
            return parts.get(node.id, node)

    return Filling().visit(ast.parse(template, mode="eval")).body


def _replace_one(rng, tree, fits, replace):
    found = [node for node in ast.walk(tree) if fits(node)]
    if not found:
        return ast.unparse(tree)
    chosen = rng.choice(found)

    class Replacing(ast.NodeTransformer):
        def visit(self, node):
            return replace(node) if node is chosen else self.generic_visit(node)

    return ast.unparse(ast.fix_missing_locations(Replacing().visit(tree)))
