"""modules: what session code can import, name by name."""

import sys
import unittest
from contextlib import contextmanager

from harness import Steps, error_of, output_of

import modules
from violations import Violation

# names that only later versions have
SINCE = {
    ("datetime", "UTC"): (3, 11),
    ("statistics", "correlation"): (3, 10),
    ("statistics", "linear_regression"): (3, 10),
}

# every module whose members are all listed with "*": some that must be there
WHOLE = {"math": "pi sqrt gcd floor", "cmath": "phase exp", "itertools": "chain product groupby islice count"}


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
            with self.assertRaises(Violation):
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


class Use(unittest.TestCase):
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


class Registrations(unittest.TestCase):
    """A class that is registered with another is of its kind for the whole library, until the runner ends."""

    IMPORTS = "from abc import ABC\nfrom collections.abc import Mapping, Sized\nfrom contextlib import nullcontext\nfrom fractions import Fraction\nclass Own(Mapping): pass\nclass Late: pass\n"

    def test_nothing_is_registered_with_a_class_of_the_library_or_one_built_on_it(self):
        steps = Steps()
        steps.output(self.IMPORTS)
        ways = ["%s.register(Late)", "getattr(%s, 'register')(Late)", "attrgetter('register')(%s)(Late)", "@%s.register\nclass More: pass", "f'{%s.register(Late)}'", "classmethod(%s).__func__.register(Late)", "class C: m = classmethod(%s)\nC.m.register(Late)"]
        for cls in ("Mapping", "Own", "ABC", "Sized", "Fraction", "nullcontext", "Mapping[int, str]"):
            for way in ways:
                steps.run("from operator import attrgetter\n" + way % cls)
                printed = steps.output("print(isinstance(Late(), (Mapping, Sized, Fraction, nullcontext)))")
                self.assertEqual(printed, "False\n", (cls, way))

    def test_what_to_write_instead_is_said(self):
        error = Steps().error(self.IMPORTS + "Mapping.register(Late)")
        self.assertEqual(error["message"].split("\n")[0], "AttributeError: abstract classes of the library take no registrations; build on them: class Mine(Mapping)")

    def test_the_session_s_own_abstract_classes_and_methods_of_that_name_work(self):
        code = "from abc import ABC\nclass Shape(ABC): pass\n@Shape.register\nclass Dot: pass\nclass Registry:\n    def __init__(self): self.kept = []\n    def register(self, x): self.kept.append(x); return x\nr = Registry()\n@r.register\ndef f(): pass\nprint(isinstance(Dot(), Shape), len(r.kept), hasattr(r, 'register'))"
        self.assertEqual(Steps().output(code), "True 1 True\n")


if __name__ == "__main__":
    unittest.main()
