"""modules: what session code can import, name by name, and what stands in for library functions that give too much."""

import json
import sys
import unittest
from contextlib import contextmanager

from harness import Steps, error_of, output_of

import modules

# names that only later versions have
SINCE = {
    ("datetime", "UTC"): (3, 11),
    ("statistics", "correlation"): (3, 10),
    ("statistics", "linear_regression"): (3, 10),
}

# every module whose members are all listed with "*": some that must be there
WHOLE = {"math": "pi sqrt gcd floor", "cmath": "phase exp", "itertools": "chain product groupby islice count"}


# one of each kind of object that is copied
COPIES = """
import collections, copy, dataclasses, datetime, enum, functools, io, json, re, types
class A:
    def __init__(self): self.x, self.me = [1, [2]], self
a = A()
class L(list): pass
class S(str):
    def __init__(self, text): self.k = [1]
class E(enum.Enum): A = 1
Color = enum.Enum('Color', 'RED')
P = collections.namedtuple('P', 'a b')
@dataclasses.dataclass
class T:
    a: list
    b: object
class Error(Exception): pass
class Shallow:
    def __copy__(self): return 'own'
class Deep:
    def __init__(self, v): self.v, self.up = v, self
    def __deepcopy__(self, memo):
        new = Deep(None)
        memo[id(self)] = new
        new.v, new.up = copy.deepcopy(self.v, memo), copy.deepcopy(self.up, memo)
        assert id(self) in memo and memo[id(self)] is new and memo.get(0) is None
        return new
def f(): pass
circle = []; circle.append(circle)
"""


def first_line(code):
    return error_of(code)["message"].split("\n")[0]


@contextmanager
def fresh(*names):
    """As in a process that has not imported these modules yet."""
    known = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    try:
        yield
    finally:
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(known)


def is_there(loader, module, name):
    try:
        loader.load_name(module, name)
    except ImportError:
        return False
    return True


class Names(unittest.TestCase):
    def test_every_listed_name_is_there_or_belongs_to_a_later_version(self):
        loader = modules.Modules(None)
        wrong = []
        for module, listed in modules.NAMES.items():
            if module == "urllib":
                continue  # its one name is a submodule: below
            for name in (WHOLE[module] if listed == "*" else listed).split():
                if is_there(loader, module, name) != (sys.version_info >= SINCE.get((module, name), (3, 9))):
                    wrong.append((module, name))
        self.assertEqual(wrong, [])

    def test_every_module_can_be_imported_by_a_step(self):
        steps = Steps()
        for name in modules.NAMES:
            self.assertEqual(steps.output("import %s as m\nprint(m, m.__name__)" % name), "<module %r> %s\n" % (name, name))

    def test_a_submodule_is_reached_through_its_package(self):
        self.assertEqual(output_of("import collections.abc\nprint(collections.abc.Mapping.__name__)"), "Mapping\n")
        for code in ("import urllib.parse\nprint(urllib.parse.quote('ä'))", "from urllib import parse\nprint(parse.quote('ä'))"):
            with fresh("urllib", "urllib.parse"):
                self.assertEqual(output_of(code), "%C3%A4\n")

    def test_no_listed_name_is_private(self):
        for module, listed in modules.NAMES.items():
            self.assertEqual([name for name in listed.split() if name.startswith("_")], [], module)

    def test_a_name_that_is_not_listed_is_not_there(self):
        for module, name in (("json", "codecs"), ("json", "decoder"), ("datetime", "sys"), ("re", "enum"), ("random", "SystemRandom"), ("string", "Formatter"), ("typing", "get_type_hints"), ("dataclasses", "make_dataclass"), ("functools", "partialmethod"), ("functools", "update_wrapper"), ("contextlib", "ExitStack"), ("io", "open"), ("io", "FileIO"), ("csv", "re"), ("types", "FunctionType"), ("types", "new_class"), ("enum", "sys"), ("urllib", "request"), ("calendar", "sys"), ("statistics", "sys"), ("pprint", "PrettyPrinter"), ("copy", "copyreg"), ("abc", "ABCMeta"), ("ast", "parse"), ("base64", "main"), ("time", "clock_settime"), ("math", "__loader__")):
            steps = Steps()
            with self.subTest(module, name=name):
                message = steps.error("import %s\n%s.%s" % (module, module, name))["message"]
                self.assertTrue(message.startswith(("AttributeError: module %r has no attribute %r, or it is not available here" % (module, name), "line 2: the attribute")), message)

    def test_c_code_may_import_what_it_needs_and_nothing_else(self):
        self.assertEqual(output_of("from datetime import datetime\nprint(datetime.strptime('2024-02-03', '%Y-%m-%d').day)"), "3\n")
        for name in ("os", "sys", "posix", "io", "builtins", "ctypes"):
            with self.assertRaises(ImportError):
                modules.c_import(name)
        with self.assertRaises(ImportError):
            modules.c_import("re", level=1)


class Proxies(unittest.TestCase):
    def test_a_module_cannot_be_changed(self):
        for code in ("math.pi = 3", "math.new = 3", "del math.pi", "setattr(math, 'pi', 3)", "math.pi += 1", "for math.pi in 'a': pass"):
            self.assertEqual(error_of("import math\n" + code)["code"], "sandbox_violation")
        self.assertTrue(output_of("import math\nprint(math.pi)").startswith("3.14159"))

    def test_a_proxy_refuses_even_writes_that_pass_the_guards_by(self):
        proxy = modules.Modules(None).load("math")
        for write in (lambda: setattr(proxy, "pi", 3), lambda: delattr(proxy, "pi"), lambda: setattr(type(proxy), "x", 1), lambda: delattr(type(proxy), "__repr__")):
            with self.assertRaises(modules.Violation):
                write()

    def test_no_attribute_of_a_proxy_leads_to_the_module(self):
        proxy = modules.Modules(None).load("json")
        for name in ("__dict__", "_members", "_name", "__loader__", "__spec__", "__file__", "__class__", "__slots__"):
            with self.assertRaises(AttributeError):
                getattr(proxy, name)

    def test_two_imports_give_the_same_module(self):
        self.assertEqual(output_of("import json\na = json\nimport json as b\nprint(a is b)"), "True\n")

    def test_a_module_tells_its_name_and_cannot_be_called_or_copied_into_power(self):
        self.assertEqual(first_line("import json\njson()"), "TypeError: 'Proxy' object is not callable")


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
        self.assertEqual(first_line("from dataclasses import dataclass\ndataclass(int)"), "dataclass takes a class of your own")
        self.assertEqual(first_line("from dataclasses import dataclass\ndataclass(5)"), "dataclass takes a class of your own")
        made = modules.safe_dataclass(__import__("dataclasses").dataclass)
        for name in ("a b", "a=print()", "__class__", "a\n", "1a", ""):
            with self.assertRaises(modules.Violation):
                made(type("A", (), {"__module__": "__main__", "__annotations__": {name: int}}))

    def test_named_tuples_belong_to_the_session(self):
        self.assertEqual(output_of("from collections import namedtuple\nP = namedtuple('P', 'a, b', defaults=[2])\nQ = namedtuple('Q', ['c', 'class'], rename=True)\nclass R(P):\n    def s(self): return self.a + self.b\nprint(P(1), Q(1, 2), R(1).s(), P(1) == (1, 2))"), "P(a=1, b=2) Q(c=1, _1=2) 3 True\n")
        self.assertEqual(modules.safe_namedtuple(__import__("collections").namedtuple)("P", "a").__module__, "__main__")
        for code in ("namedtuple('P', 'a', module='json')", "namedtuple('P', ['a=1'])", "namedtuple('a b', 'c')", "namedtuple('P', ['__class__'])"):
            self.assertEqual(error_of("from collections import namedtuple\n" + code)["code"], "code_error")

    def test_attrgetter_and_methodcaller_follow_the_rules_of_reading(self):
        self.assertEqual(output_of("from operator import attrgetter, methodcaller, itemgetter\nclass A:\n    def __init__(self, b): self.b = b; self._c = 1\n    def m(self, x, y=0): return x + y\na = A(A(5))\nprint(attrgetter('b.b')(a), attrgetter('b.b', 'b._c')(a), methodcaller('m', 1, y=2)(a), methodcaller('upper')('x'), sorted([A(2), A(1)], key=attrgetter('b'))[0].b)"), "5 (5, 1) 3 X 1\n")
        for name in ("__class__", "a.__class__", "b.gi_frame", "__init__.__globals__", "mro"):
            self.assertEqual(first_line("from operator import attrgetter\nattrgetter(%r)" % name), "attrgetter(%r) is not allowed" % name)
        for name in ("__getattribute__", "__class__", "mro", "with_traceback"):
            self.assertEqual(first_line("from operator import methodcaller\nmethodcaller(%r)" % name), "methodcaller(%r) is not allowed" % name)
        self.assertEqual(first_line("from operator import attrgetter\nclass S(str): pass\nattrgetter(S('__class__'))"), "attrgetter('__class__') is not allowed")

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

    def test_copies_are_as_deep_as_they_say(self):
        code = COPIES + "print(copy.copy(a).x is a.x, copy.deepcopy(a).x, copy.deepcopy(a).x is a.x, copy.deepcopy(a).me is a)"
        self.assertEqual(output_of(code), "True [1, [2]] False False\n")
        cases = {
            "copy.deepcopy(L([1, [2]]))": "[1, [2]]", "copy.deepcopy({'a': ([],)})": "{'a': ([],)}", "copy.deepcopy(P([1], 2))": "P(a=[1], b=2)", "copy.deepcopy(T([1], 2)) == T([1], 2)": "True",
            "copy.deepcopy(E.A) is E.A": "True", "copy.deepcopy([re.I])[0] is re.I": "True", "copy.deepcopy(Deep([1])).up.v": "[1]", "copy.copy(Shallow())": "own",
            "copy.deepcopy(Error('m')).args": "('m',)", "copy.deepcopy(types.SimpleNamespace(a=[1]))": "namespace(a=[1])", "copy.deepcopy(collections.ChainMap({'a': [1]}))": "ChainMap({'a': [1]})",
            "copy.deepcopy(collections.Counter('aab'))": "Counter({'a': 2, 'b': 1})", "copy.deepcopy(collections.defaultdict(list, a=[1]))['b']": "[]", "copy.deepcopy(collections.deque([[1]], 3))": "deque([[1]], maxlen=3)",
            "copy.deepcopy(collections.OrderedDict(a=1))['a']": "1", "copy.deepcopy(functools.partial(max, 3))(2)": "3", "copy.deepcopy([len, f, A, json, read_file, (i for i in 'a')])[:5] == [len, f, A, json, read_file]": "True",
            "copy.deepcopy(io.StringIO('a')).read()": "a", "copy.deepcopy({1, 2})": "{1, 2}", "copy.copy([1])": "[1]", "copy.deepcopy(bytearray(b'a'))": "bytearray(b'a')", "copy.deepcopy(Color(1)) is Color.RED": "True",
            "dataclasses.asdict(T([1], a))['b'] is a": "False", "copy.deepcopy(circle)[0] is circle": "False", "copy.copy(datetime.date(2024, 1, 2))": "2024-01-02", "copy.deepcopy(S('q')).k": "[1]",
        }  # fmt: skip
        steps = Steps()
        steps.output(COPIES)
        for code, printed in cases.items():
            with self.subTest(code):
                self.assertEqual(steps.output("print(%s)" % code), printed + "\n")

    def test_an_enum_made_by_a_call_has_no_method_that_a_class_body_may_not_define(self):
        self.assertEqual(output_of("from enum import Enum\nE = Enum('E', 'A B')\nF = Enum('F', {'X': 1})\nprint(E.B.value, F.X.name, E['A'])"), "2 X E.A\n")
        made = []
        for name in ("__reduce_ex__", "__getattr__", "__match_args__", "__get__", "__set_name__", "__del__"):
            for members in ("[(%r, f)]", "{%r: f}", "[(%r, f), ('A', 1)]"):
                if Steps().run("from enum import Enum\ndef f(*a): return 1\nEnum('E', %s)" % members % name)["error"] is None:
                    made.append(members % name)
        self.assertEqual(made, [])

    def test_copying_writes_no_attribute_of_library_objects(self):
        code = "import copy, json\nfrom enum import Enum\ndef reduce(self, protocol): return (lambda: json.loads, (), (None, {'tampered': 5}))\nB = Enum('B', [('__reduce_ex__', reduce), ('__copy__', None)])\nclass C(B): A = 1\ncopy.copy(C.A)"
        steps = Steps()
        steps.run(code)
        self.addCleanup(json.loads.__dict__.pop, "tampered", None)
        self.assertEqual(steps.output("import json\nprint(hasattr(json.loads, 'tampered'))"), "False\n")

    def test_random_is_seeded_and_reads_nothing_of_the_host(self):
        self.assertEqual(output_of("import random\nrandom.seed(1); a = random.random()\nr = random.Random(1)\nprint(a == r.random(), 0 <= random.randint(0, 5) <= 5)"), "True True\n")

    def test_the_library_does_what_honest_code_needs(self):
        cases = {
            "import re\nprint(re.sub(r'(\\w)\\d', lambda m: m.group(1).upper(), 'a1 b2', flags=re.I), re.compile('a').pattern)": "A B a",
            "import json\nprint(json.dumps({'a': [1.5, None]}, indent=1, sort_keys=True).count('\\n'), json.loads('[1]'))\ntry: json.loads('{')\nexcept json.JSONDecodeError as e: print(e.lineno)": "5 [1]\n1",
            "from collections import Counter, defaultdict, OrderedDict, deque, ChainMap\nd = defaultdict(list); d['a'].append(1)\nprint(Counter('aab').most_common(1), dict(d), list(deque([1, 2], maxlen=1)), ChainMap({'a': 1})['a'], list(OrderedDict(b=1)))": "[('a', 2)] {'a': [1]} [2] 1 ['b']",
            "import csv, io\nrows = list(csv.DictReader(io.StringIO('a,b\\n1,\"x,y\"\\n')))\nw = io.StringIO(); csv.writer(w).writerow([1, 'a b'])\nprint(rows, repr(w.getvalue()))": "[{'a': '1', 'b': 'x,y'}] '1,a b\\r\\n'",
            "from enum import Enum, IntEnum, Flag, auto\nclass C(IntEnum):\n    A = auto()\n    B = auto()\nclass F(Flag):\n    X = 1\n    Y = 2\nprint(C.B > C.A, C['A'].name, (F.X | F.Y) & F.X == F.X)": "True A True",
            "from functools import lru_cache, reduce, partial, cached_property, cmp_to_key\n@lru_cache(maxsize=None)\ndef f(n): return n if n < 2 else f(n - 1) + f(n - 2)\nclass A:\n    @cached_property\n    def b(self): return 4\nprint(f(30), reduce(lambda a, b: a + b, [1, 2]), partial(max, 3)(2), A().b, sorted([1, 2], key=cmp_to_key(lambda a, b: b - a)))": "832040 3 3 4 [2, 1]",
            "from datetime import datetime, timedelta, timezone\nprint(datetime(2024, 1, 31, tzinfo=timezone.utc).isoformat(), (datetime(2024, 1, 31) + timedelta(days=1)).strftime('%d %b'))": "2024-01-31T00:00:00+00:00 01 Feb",
            "import hashlib, base64, zlib, html, textwrap, statistics, heapq, bisect, difflib, unicodedata\nprint(hashlib.sha256(b'').hexdigest()[:4], base64.b64encode(b'a'), zlib.crc32(b'a'), html.escape('<'), textwrap.fill('a b', 1), statistics.median([1, 3]), heapq.nsmallest(1, [2, 1]), bisect.bisect([1, 2], 1), difflib.get_close_matches('ab', ['abc']), unicodedata.normalize('NFC', 'a\\u0308'))": "e3b0 b'YQ==' 3904355907 &lt; a\nb 2.0 [1] 1 ['abc'] ä",
            "from abc import ABC, abstractmethod\nclass A(ABC):\n    @abstractmethod\n    def f(self): ...\ntry: A()\nexcept TypeError: print('abstract')": "abstract",
        }  # fmt: skip
        for code, printed in cases.items():
            with self.subTest(code.split("\n")[0]):
                self.assertEqual(output_of(code), printed + "\n")


if __name__ == "__main__":
    unittest.main()
