"""replacements: what stands in for library functions that give too much."""

import unittest

from harness import Steps, error_of, output_of

import replacements
from violations import Violation


def first_line(code):
    return error_of(code)["message"].split("\n")[0]


class Replacements(unittest.TestCase):
    def test_dataclasses_of_the_session_work(self):
        code = "from dataclasses import dataclass, field, asdict, astuple, replace, fields\n@dataclass(order=True)\nclass P:\n    a: int\n    b: list = field(default_factory=list)\n    def __post_init__(self): self.c = self.a\n@dataclass(frozen=True)\nclass Q(P): d: str = 'x'\np = P(1)\nprint(p, asdict(p), astuple(p), replace(p, a=2), P(1) < P(2), [f.name for f in fields(P)], p.c)\ntry: Q(1).a = 2\nexcept Exception as e: print(type(e).__name__)"
        with self.subTest("plain"):
            self.assertEqual(output_of(code.replace("(frozen=True)\nclass Q(P)", "\nclass Q(P)").replace("try: Q(1).a = 2\nexcept Exception as e: print(type(e).__name__)", "print(Q(1))")), "P(a=1, b=[]) {'a': 1, 'b': []} (1, []) P(a=2, b=[]) True ['a', 'b'] 1\nQ(a=1, b=[], d='x')\n")
        with self.subTest("frozen"):
            self.assertEqual(output_of("from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Q: d: str = 'x'\ntry: Q().d = 2\nexcept Exception as e: print(type(e).__name__)"), "FrozenInstanceError\n")

    def test_a_class_variable_is_no_field_of_a_dataclass(self):
        for future in ("", "from __future__ import annotations\n"):
            code = future + "from dataclasses import dataclass\nfrom typing import ClassVar\nimport typing\n@dataclass\nclass P:\n    a: int\n    n: ClassVar[int] = 0\n    m: typing.ClassVar = 1\nprint(P(1), P.n, P.m)"
            self.assertEqual(output_of(code), "P(a=1) 0 1\n")

    def test_a_dataclass_is_made_of_a_class_of_the_session_with_plain_field_names(self):
        self.assertEqual(first_line("from dataclasses import dataclass\ndataclass(int)"), "dataclass takes a class of your own; write a class statement")
        self.assertEqual(first_line("from dataclasses import dataclass\ndataclass(5)"), "dataclass takes a class of your own; write a class statement")
        made = replacements.safe_dataclass(__import__("dataclasses").dataclass)
        for name in ("a b", "a=print()", "__class__", "a\n", "1a", ""):
            with self.assertRaises(Violation):
                made(type("A", (), {"__module__": "__main__", "__annotations__": {name: int}}))

    def test_named_tuples_belong_to_the_session(self):
        self.assertEqual(output_of("from collections import namedtuple\nP = namedtuple('P', 'a, b', defaults=[2])\nQ = namedtuple('Q', ['c', 'class'], rename=True)\nclass R(P):\n    def s(self): return self.a + self.b\nprint(P(1), Q(1, 2), R(1).s(), P(1) == (1, 2))"), "P(a=1, b=2) Q(c=1, _1=2) 3 True\n")
        self.assertEqual(replacements.safe_namedtuple(__import__("collections").namedtuple)("P", "a").__module__, "__main__")
        for code in ("namedtuple('P', 'a', module='json')", "namedtuple('P', ['a=1'])", "namedtuple('a b', 'c')", "namedtuple('P', ['__class__'])"):
            self.assertEqual(error_of("from collections import namedtuple\n" + code)["code"], "code_error")

    def test_attrgetter_and_methodcaller_follow_the_rules_of_reading(self):
        self.assertEqual(output_of("from operator import attrgetter, methodcaller, itemgetter\nclass A:\n    def __init__(self, b): self.b = b; self._c = 1\n    def m(self, x, y=0): return x + y\na = A(A(5))\nprint(attrgetter('b.b')(a), attrgetter('b.b', 'b._c')(a), methodcaller('m', 1, y=2)(a), methodcaller('upper')('x'), sorted([A(2), A(1)], key=attrgetter('b'))[0].b)"), "5 (5, 1) 3 X 1\n")
        for name in ("__class__", "a.__class__", "b.gi_frame", "__init__.__globals__", "mro"):
            self.assertEqual(first_line("from operator import attrgetter\nattrgetter(%r)" % name), "attrgetter(%r) is not allowed; use the object's public methods and attributes" % name)
        for name in ("__getattribute__", "__class__", "mro", "with_traceback"):
            self.assertEqual(first_line("from operator import methodcaller\nmethodcaller(%r)" % name), "methodcaller(%r) is not allowed; use the object's public methods and attributes" % name)
        self.assertEqual(first_line("from operator import attrgetter\nclass S(str): pass\nattrgetter(S('__class__'))"), "attrgetter('__class__') is not allowed; use the object's public methods and attributes")

    def test_wraps_copies_between_functions_of_the_session(self):
        self.assertEqual(output_of("from functools import wraps\ndef logged(f):\n    @wraps(f)\n    def inner(*a): return ('in', f(*a))\n    return inner\n@logged\ndef g(x):\n    'doc'\n    return x\nprint(g(1), g.__name__, g.__doc__)"), "('in', 1) g doc\n")

    def test_wraps_takes_no_list_of_attributes_to_copy(self):
        for code in ("wraps(f, updated=('__globals__',))", "wraps(f)(g, updated=('__globals__',))", "wraps(f, assigned=('__code__',))"):
            self.assertTrue(first_line("from functools import wraps\nimport json\ndef f(): pass\ng = json.loads\n" + code).startswith("TypeError: "))

    def test_total_ordering_changes_classes_of_the_session_only(self):
        self.assertEqual(output_of("from functools import total_ordering\n@total_ordering\nclass A:\n    def __init__(self, n): self.n = n\n    def __eq__(self, o): return self.n == o.n\n    def __lt__(self, o): return self.n < o.n\nprint(A(1) >= A(1), A(2) > A(1), max([A(1), A(3)]).n)"), "True True 3\n")
        self.assertEqual(error_of("from functools import total_ordering\ntotal_ordering(int)")["code"], "sandbox_violation")

    def test_names_of_typing_can_be_written_and_do_nothing(self):
        self.assertEqual(output_of("from typing import Any, Dict, List, Optional, Union, Callable, NamedTuple, TypeVar, Generic, cast, TYPE_CHECKING, Tuple\nT = TypeVar('T', bound=int)\nX = Optional[Dict[str, List[Union[int, 'str']]]] | None\nclass Box(Generic[T]):\n    v: T\ndef f(a: Callable[..., Any], b: 'Tuple[int, ...]' = ()) -> List[int]: return [1]\nclass P(NamedTuple):\n    a: int\n    b: str = 'x'\nif TYPE_CHECKING: import json\nprint(f(1), cast(int, 'a'), P(1), Box().__class__.__name__, Union['1 / 0'])"), "[1] a P(a=1, b='x') Box typing\n")
        for code in ("Union.__args__", "Union._x", "List.append", "Union['x'].name", "Any.a = 1", "getattr(Any, '__origin__')"):
            self.assertIsNotNone(Steps().run("from typing import Any, List, Union\n" + code)["error"], code)

    def test_names_of_typing_that_stand_for_a_class_tell_its_instances(self):
        self.assertEqual(output_of("from typing import Dict, Iterable, List, Mapping\nprint(isinstance([], List), isinstance([], Iterable), isinstance([], (Dict, str)), isinstance({}, Mapping))"), "True True False True\n")
        self.assertEqual(first_line("from typing import Any\nisinstance(1, Any)"), "TypeError: isinstance() takes a class; this is a name for hints only")

    def test_pprint_prints_into_the_step_s_output(self):
        self.assertEqual(output_of("from pprint import pprint, pformat\npprint({'b': [1], 'a': 2})\npprint([1, 2], width=1)\nprint(pformat(3))"), "{'a': 2, 'b': [1]}\n[1,\n 2]\n3\n")

    def test_enums_are_made_by_a_call_in_every_form(self):
        code = "from enum import Enum, Flag, IntEnum\nprint(list(Enum('E', 'A, B', type=str)), list(IntEnum('I', ['A', 'B'], start=5)), list(Flag('F', ('X', 'Y'))), list(Enum('Z', zip('ab', [1, 2]))), list(Enum('M', {'q': [1]})), Enum('N', (('a', 1), ('b', 2)))(2), Enum(value='V', names='A').A)\nclass Base(Enum):\n    def twice(self): return self.value * 2\nprint(Base('D', 'A B').B.twice(), Base('D', 'A').A._value_)"
        self.assertEqual(output_of(code), "[<E.A: '1'>, <E.B: '2'>] [<I.A: 5>, <I.B: 6>] [<F.X: 1>, <F.Y: 2>] [<Z.a: 1>, <Z.b: 2>] [<M.q: [1]>] N.b V.A\n4 1\n")

    def test_an_enum_made_by_a_call_has_no_method_that_a_class_body_may_not_define(self):
        self.assertEqual(output_of("from enum import Enum\nE = Enum('E', 'A B')\nF = Enum('F', {'X': 1})\nprint(E.B.value, F.X.name, E['A'])"), "2 X E.A\n")
        made = []
        for name in ("__reduce_ex__", "__getattr__", "__match_args__", "__get__", "__set_name__", "__del__"):
            for members in ("[(%r, f)]", "{%r: f}", "[(%r, f), ('A', 1)]"):
                if Steps().run("from enum import Enum\ndef f(*a): return 1\nEnum('E', %s)" % members % name)["error"] is None:
                    made.append(members % name)
        self.assertEqual(made, [])


if __name__ == "__main__":
    unittest.main()
