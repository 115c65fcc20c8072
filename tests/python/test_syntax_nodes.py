"""syntax: which kinds of syntax a step may use."""

import _ast
import sys
import unittest

from harness import error_of, output_of, refusal

import policy
import syntax

MATCH = "match %s:\n    case %s:\n        print('yes')\n    case _:\n        print('no')"

# kind of node: code that has one, what it prints
RUNS = {
    "Module": ("print(1)", "1"),
    "Expr": ("1; print(2)", "2"),
    "Assign": ("a = b = 3; print(a, b)", "3 3"),
    "AugAssign": ("a = 3; a += 4; print(a)", "7"),
    "AnnAssign": ("a: int = 3; print(a)", "3"),
    "For": ("for a in 'ab': print(a)\nelse: print('end')", "a\nb\nend"),
    "While": ("a = 2\nwhile a: a -= 1\nelse: print('end')", "end"),
    "If": ("if 0: print(1)\nelif 1: print(2)\nelse: print(3)", "2"),
    "With": ("from contextlib import nullcontext\nwith nullcontext(5) as a: print(a)", "5"),
    "withitem": ("from contextlib import nullcontext\nwith nullcontext(5) as a, nullcontext(6) as b: print(a, b)", "5 6"),
    "Try": ("try: 1 / 0\nexcept ZeroDivisionError: print('caught')\nelse: print(0)\nfinally: print('end')", "caught\nend"),
    "ExceptHandler": ("try: {}['k']\nexcept (ValueError, KeyError) as e: print(e)", "'k'"),
    "Raise": ("try: raise ValueError('a') from KeyError('b')\nexcept ValueError as e: print(e, e.__cause__)", "a 'b'"),
    "Assert": ("try: assert 0, 'text'\nexcept AssertionError as e: print(e)", "text"),
    "Delete": ("a = [1, 2]; b = 1; del a[0], b; print(a)", "[2]"),
    "FunctionDef": ("def f(a, /, b=2, *c, d, e=5, **g): return a, b, c, d, e, g\nprint(f(1, d=4, z=6))", "(1, 2, (), 4, 5, {'z': 6})"),
    "Lambda": ("print((lambda a, b=2: a + b)(1))", "3"),
    "arguments": ("def f(*, a): return a\nprint(f(a=1))", "1"),
    "arg": ("def f(a: int) -> int: return a\nprint(f(1))", "1"),
    "ClassDef": ("class A:\n    b = 1\n    def c(self): return self.b\nclass D(A): pass\nprint(D().c())", "1"),
    "Return": ("def f(): return\nprint(f())", "None"),
    "Yield": ("def f():\n    got = yield 1\n    yield got\ng = f(); print(next(g), g.send(2))", "1 2"),
    "YieldFrom": ("def f(): yield from (1, 2)\nprint(list(f()))", "[1, 2]"),
    "Global": ("def f():\n    global a\n    a = 1\nf(); print(a)", "1"),
    "Nonlocal": ("def f():\n    a = 1\n    def g():\n        nonlocal a\n        a += 1\n    g(); return a\nprint(f())", "2"),
    "Pass": ("pass; print(1)", "1"),
    "Break": ("for a in range(9):\n    if a == 2: break\nprint(a)", "2"),
    "Continue": ("for a in range(3):\n    if a == 1: continue\n    print(a)", "0\n2"),
    "Import": ("import json, collections.abc as c\nprint(json.dumps(1), c.Mapping.__name__)", "1 Mapping"),
    "ImportFrom": ("from json import dumps as d, loads\nprint(d(loads('[1]')))", "[1]"),
    "alias": ("import math as m; print(m.pi > 3)", "True"),
    "BoolOp": ("print(0 or 2 and 3)", "3"),
    "NamedExpr": ("print((a := 2) + a)", "4"),
    "BinOp": ("print(1 + 2)", "3"),
    "UnaryOp": ("print(-1)", "-1"),
    "IfExp": ("print(1 if 0 else 2)", "2"),
    "Dict": ("print({'a': 1, **{'b': 2}})", "{'a': 1, 'b': 2}"),
    "Set": ("print({1, 1})", "{1}"),
    "List": ("a = [1, *(2, 3)]; print(a)", "[1, 2, 3]"),
    "Tuple": ("a, (b, c) = 1, (2, 3); print((a, b, c))", "(1, 2, 3)"),
    "ListComp": ("print([a * b for a in (1, 2) if a > 1 for b in (3, 4)])", "[6, 8]"),
    "SetComp": ("print({a % 1 for a in (1, 2)})", "{0}"),
    "DictComp": ("print({a: a for a in (1,)})", "{1: 1}"),
    "GeneratorExp": ("print(sum(a for a in (1, 2)))", "3"),
    "comprehension": ("print([b for a in ((1, 2), (3,)) for b in a])", "[1, 2, 3]"),
    "Compare": ("print(1 < 2 <= 2)", "True"),
    "Call": ("print(*(1, 2), **{'sep': '-'})", "1-2"),
    "keyword": ("print(dict(a=1))", "{'a': 1}"),
    "FormattedValue": ("a = 2.5; print(f'{a!r:>{5}}|{a=:.2f}')", "  2.5|a=2.50"),
    "JoinedStr": ("print(f'a{1}b')", "a1b"),
    "Constant": ("print(1, 1.5, 2j, 'a', b'b', True, None, ...)", "1 1.5 2j a b'b' True None Ellipsis"),
    "Attribute": ("class A: pass\na = A(); a.b = 1; print(a.b); del a.b; print(hasattr(a, 'b'))", "1\nFalse"),
    "Subscript": ("a = [1, 2]; a[0] = 3; print(a[0], a[-1])", "3 2"),
    "Starred": ("a, *b = 1, 2, 3; print(b)", "[2, 3]"),
    "Name": ("a = 1; print(a, __name__)", "1 __main__"),
    "Slice": ("print('abcdef'[1:5:2])", "bd"),
    "Load": ("a = 1; print(a)", "1"),
    "Store": ("for a in (1,): pass\nprint(a)", "1"),
    "Del": ("a = {1: 2}; del a[1]; print(a)", "{}"),
}  # fmt: skip
OPERATORS = {
    "And": "1 and 2", "Or": "0 or 2", "Add": "1 + 1", "Sub": "3 - 1", "Mult": "1 * 2", "Div": "4 / 2 == 2 and 2",
    "Mod": "5 % 3", "Pow": "2 ** 1", "LShift": "1 << 1", "RShift": "4 >> 1", "BitOr": "2 | 0", "BitXor": "3 ^ 1",
    "BitAnd": "2 & 3", "FloorDiv": "5 // 2", "Invert": "~-3", "Not": "not 0 and 2", "UAdd": "+2", "USub": "- -2",
    "Eq": "(1 == 1) + 1", "NotEq": "(1 != 2) + 1", "Lt": "(1 < 2) + 1", "LtE": "(1 <= 1) + 1", "Gt": "(2 > 1) + 1",
    "GtE": "(1 >= 1) + 1", "Is": "(None is None) + 1", "IsNot": "(1 is not None) + 1", "In": "(1 in [1]) + 1",
    "NotIn": "(1 not in []) + 1",
}  # fmt: skip
PATTERNS = {
    "Match": ("1", "1"), "match_case": ("2", "2 if True"), "MatchValue": ("'a'", "'a'"), "MatchSingleton": ("None", "None"),
    "MatchSequence": ("[1, 2]", "[1, 2]"), "MatchMapping": ("{'a': 1, 'b': 2}", "{'a': 1, **rest}"),
    "MatchStar": ("[1, 2]", "[1, *rest]"), "MatchAs": ("3", "int() as n"), "MatchOr": ("4", "3 | 4"),
    "MatchClass": ("5", "int(real=5)"),
}  # fmt: skip

# code that has a kind that is refused: what is said of it, and the first Python that has it
REFUSED = [
    ("async def f(): pass", (3, 9), "line 1: async def is not allowed; write plain functions; sub_rlm_batch works in parallel"),
    ("x = 1\nasync def f():\n    await x", (3, 9), "line 2: async def is not allowed; write plain functions; sub_rlm_batch works in parallel"),
    ("try:\n    pass\nexcept* ValueError:\n    pass", (3, 11), "line 1: except* is not allowed; write except instead of except*"),
    ("\ntype X = int", (3, 12), "line 2: TypeAlias is not allowed; write name = type"),
    ("def f[T](a: T): pass", (3, 12), "line 1: type parameters are not allowed; leave them out; hints are not checked"),
    ("class A[T]: pass", (3, 12), "line 1: type parameters are not allowed; leave them out; hints are not checked"),
    ("x = t'a'", (3, 14), "line 1: TemplateStr is not allowed; use an f-string"),
    ("class A(metaclass=type): pass", (3, 9), "line 1: class keywords (metaclass=…) are not allowed; use a plain class or a decorator function"),
    ("class A(b=1): pass", (3, 9), "line 1: class keywords (metaclass=…) are not allowed; use a plain class or a decorator function"),
    ("class A(**{'metaclass': 1}): pass", (3, 9), "line 1: class keywords (metaclass=…) are not allowed; use a plain class or a decorator function"),
]  # fmt: skip


# where an expression can stand, in the place of X
PLACES = [
    "X", "a = X", "a += X", "a: X = 1", "a: int = X", "a[X] = 1", "X[a] = 1", "X.a = 1", "X.a += 1", "del X.a", "del X[a]", "for a in X: pass", "for X.a in b: pass", "while X: pass", "if X: pass", "if a: pass\nelif X: pass",
    "with X: pass", "with a as X.b: pass", "try: pass\nexcept X: pass", "try: pass\nexcept (A, X): pass", "try: X\nexcept A: pass", "try: pass\nexcept A: X", "try: pass\nexcept A: pass\nelse: X", "try: pass\nfinally: X", "raise X", "raise a from X",
    "assert X", "assert a, X", "def f(a=X): pass", "def f(a, /, *, b=X): pass", "def f(a: X): pass", "def f(*a: X, **b: X): pass", "def f() -> X: pass", "@X\ndef f(): pass", "def f(): return X", "def f(): yield X", "def f(): yield from X",
    "class A(X): pass", "@X\nclass A: pass", "class A:\n    a = X", "class A:\n    def f(self): X", "lambda: X", "lambda a=X: a", "f(X)", "f(a=X)", "f(*X)", "f(**X)", "X()", "a and X", "not X", "-X", "a + X", "a if X else b", "X if a else b", "a < X", "a in X",
    "{X: a}", "{a: X}", "{**X}", "{X}", "[X]", "[*X]", "(X, a)", "[X for a in b]", "[a for a in X]", "[a for a in b if X]", "{a: X for a in b}", "{X for a in b}", "list(X for a in b)", "[c for a in b for c in X]", "(a := X)", "a[X]", "a[X:]", "a[:X]", "a[::X]", "a[b, X]",
    "f'{X}'", "f'{X!r}'", "f'{a:{X}}'", "f'{X=}'", "match X:\n    case a: pass", "match a:\n    case b if X: pass", "match a:\n    case X: pass", "match a:\n    case b: X", "match a:\n    case X(): pass", "match a:\n    case {X: 1}: pass", "match a:\n    case A(b=X): pass", "match a:\n    case [1, X]: pass",
]  # fmt: skip


class AllowedKinds(unittest.TestCase):
    def test_every_allowed_kind_of_syntax_runs(self):
        for kind, (code, printed) in RUNS.items():
            with self.subTest(kind):
                self.assertEqual(output_of(code), printed + "\n")

    def test_every_allowed_operator_runs(self):
        for kind, expression in OPERATORS.items():
            with self.subTest(kind):
                self.assertEqual(output_of("print(%s)" % expression), "2\n")

    def test_matrix_multiplication_runs(self):
        code = "class M:\n    def __mul__(self, other): return 1\ntry: M() @ M()\nexcept TypeError as e: print('@' in str(e))"
        self.assertEqual(output_of(code), "True\n")

    def test_every_allowed_pattern_runs_where_the_interpreter_has_patterns(self):
        for kind, (subject, pattern) in PATTERNS.items():
            code = MATCH % (subject, pattern)
            with self.subTest(kind):
                if sys.version_info >= (3, 10):
                    self.assertEqual(output_of(code), "yes\n")
                else:
                    self.assertTrue(error_of(code)["message"].startswith("SyntaxError: "))

    def test_the_tables_of_this_test_name_every_allowed_kind(self):
        self.assertEqual(syntax.ALLOWED, {*RUNS, *OPERATORS, *PATTERNS, "MatMult"})

    def test_every_kind_of_this_interpreter_that_is_not_allowed_is_one_of_those_known_to_be_refused(self):
        kinds = {name for name in dir(_ast) if isinstance(getattr(_ast, name), type) and issubclass(getattr(_ast, name), _ast.AST)}
        abstract = {"AST", "mod", "stmt", "expr", "expr_context", "boolop", "operator", "unaryop", "cmpop", "excepthandler", "pattern", "type_param", "type_ignore"}
        refused = {"AsyncFunctionDef", "AsyncFor", "AsyncWith", "Await", "TryStar", "TypeAlias", "ParamSpec", "TypeVar", "TypeVarTuple"}
        unparsed = {"Interactive", "Expression", "FunctionType", "TypeIgnore"}
        self.assertLessEqual(kinds - syntax.ALLOWED - abstract - unparsed - {"TemplateStr", "Interpolation"}, refused)


class RefusedKinds(unittest.TestCase):
    def test_a_refused_kind_is_named_with_its_line_and_what_to_write_instead(self):
        for code, since, text in REFUSED:
            if sys.version_info >= since:
                with self.subTest(code):
                    self.assertEqual(refusal(code), text)

    def test_await_and_async_loops_are_refused_by_their_kind_wherever_they_are_met(self):
        for kind in ("Await", "AsyncFor", "AsyncWith"):
            node = getattr(_ast, kind)(lineno=3)
            with self.subTest(kind), self.assertRaisesRegex(policy.Violation, "^line 3: a[sw].* is not allowed; "):
                policy.Rewriter(frozenset(), ()).visit(node)

    def test_a_kind_that_a_later_python_adds_is_refused(self):
        class Unheard(_ast.stmt):
            _fields = ()

        node = Unheard()
        node.lineno = 7
        with self.assertRaises(policy.Violation) as raised:
            policy.Rewriter(frozenset(), ()).visit(node)
        self.assertEqual(str(raised.exception), "line 7: Unheard is not allowed; write it with statements that every Python has")

    def test_an_async_comprehension_is_refused(self):
        self.assertIn("async", refusal("async def f():\n    return [x async for x in y]"))
        for code in ("[x async for x in y]", "x = (x async for x in y)", "{x for z in y async for x in z}"):
            self.assertEqual(refusal("z = 1\n" + code), "line 2: async for is not allowed; write a plain for loop")

    def test_what_is_refused_is_found_wherever_an_expression_can_stand(self):
        missed = []
        for place in PLACES:
            code = place.replace("X", "x.__class__")
            if sys.version_info >= (3, 10) or not place.startswith("match"):
                if not (refusal(code) or "").endswith("the attribute '__class__' is not allowed; use type(x).__name__ or isinstance"):
                    missed.append(code)
                self.assertIsNone(refusal(place.replace("X", "x.y")), place)
        self.assertEqual(missed, [])

    def test_a_refused_kind_deep_inside_other_code_is_found(self):
        code = "class A:\n    def f(self):\n        return [lambda: 0 for x in 'a'\n            if (lambda: [k for k in (x.__class__,)])()]"
        self.assertEqual(refusal(code), "line 4: the attribute '__class__' is not allowed; use type(x).__name__ or isinstance")


if __name__ == "__main__":
    unittest.main()
