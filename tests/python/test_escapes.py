"""Ways round the guards that need no forbidden name: objects that pass attributes on, protocols that name what to call, and
names that come to mean something else. Each program prints "reached" when it gets through.
"""

import json
import sys
import unittest
import warnings

from harness import Steps

# something of the library's that has no business in a session: str.format itself reads any attribute of any object
FORMATS = {
    "a class method that is a text": "class T(str):\n    def __call__(self): pass\nclass C: m = classmethod(T('{0.__class__}'))\nraw = C.m.format",
    "a class method that is a plain text": "class C: m = classmethod('{0.__class__}')\nraw = C.m.format",
    "a generic alias of a text's class": "from collections.abc import Iterable\nclass K(str, Iterable): pass\nf = K[int].format\nraw = lambda value: f('{0.__class__}', value)",
    "a generic alias of a text": "raw = type(list[int])('{0.__class__}', int).format",
    "a bound method made of a text": "class T(str):\n    def __call__(self): pass\nclass A:\n    def f(self): pass\nraw = type(A().f)(T('{0.__class__}'), 1).format",
    "a copied method that has another's name": "import copy\ndef format(*a): pass\nclass T(str): g = format\nraw = copy.copy(T('{0.__class__}').g)",
    "a function that caches": "from functools import lru_cache\nf = lru_cache(str).format\nraw = lambda value: f('{0.__class__}', value)",
}  # fmt: skip

# private attributes of the library's
PRIVATE = {
    "a class of the session behind the library's": "import random\nclass Mine: _randbelow = 1\nclass R(random.Random, Mine): pass\nR()._randbelow(2)",
    "an enum's": "from enum import Enum\nclass E(Enum): A = 1\nE._convert_",
    "super": "import random\nclass R(random.Random):\n    def f(self): return super()._randbelow(2)\nR().f()",
    "super in a class method": "from enum import Enum\nclass E(Enum):\n    @classmethod\n    def f(cls): return super()._convert_\nE.f()",
    "a parameter called super": "import random\ndef f(super): return super()._randbelow(2)\nf(random.Random)",
    "a copied method that has another's name": "import copy, random\ndef _randbelow(self): pass\nclass R(random.Random): g = _randbelow\nassert copy.copy(R().g)(2) is not None",
    "an initialiser of the library's for any object": "from textwrap import TextWrapper\nimport json\nclass W(TextWrapper):\n    @classmethod\n    def f(cls): return super().__init__\nW.f()(json.loads)",
    "the public part of what is no named tuple": "chunks('ab')._make",
}  # fmt: skip


def reached(programs, steps=None):
    """The names of those that print "reached"."""
    return [name for name, program in programs.items() if "reached" in (steps or Steps()).run(program)["output"]]


class Unlike(str):
    """A name that says it is another when it is asked."""

    def startswith(self, *rest):
        return False


class ForwardedAttributes(unittest.TestCase):
    def test_str_format_is_not_had_by_way_of_an_object_that_passes_attributes_on(self):
        self.assertEqual(reached({name: code + "\nif 'class' in raw(1): print('reached')" for name, code in FORMATS.items()}), [])

    def test_private_attributes_of_the_library_are_not_had_by_way_of_classes_of_the_session(self):
        self.assertEqual(reached({name: code + "\nprint('reached')" for name, code in PRIVATE.items()}), [])

    def test_the_object_that_an_error_holds_is_not_given_by_what_passes_it_on(self):
        ways = {
            "super": "class E(AttributeError):\n    def f(self): return super().obj\ne = E(obj=held)\nif e.f() is held: print('reached')",
            "a class method": "e = AttributeError(obj=held)\nclass C: m = classmethod(e)\nif C.m.obj is held: print('reached')",
            "a generic alias": "if type(list[int])(AttributeError(obj=held), int).obj is held: print('reached')",
            "the class's own descriptor": "class C(AttributeError): renamed = AttributeError.obj\nif C(obj=held).renamed is held: print('reached')",
        }
        self.assertEqual(reached({name: "held = [1]\n" + code for name, code in ways.items()}), [])


class Protocols(unittest.TestCase):
    """What the library looks up on an object and does as it is told, it may not find there by the session's choice."""

    NAMES = ("__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__getnewargs__", "__mro_entries__", "__dataclass_fields__", "__text_signature__", "__signature__", "__wrapped__", "__class__")

    def test_nothing_that_code_can_call_puts_a_dunder_of_its_choice_on_an_object(self):
        steps = Steps()
        steps.output("import %s" % ", ".join(module for module in steps.session.modules.names))
        session = steps.session
        makers = dict(session.builtins)
        for module in session.modules.names:
            makers.update(object.__getattribute__(session.modules.load(module), "_members"))
        found = []
        for maker, value in makers.items():
            for name in [*self.NAMES, *map(Unlike, self.NAMES)]:
                mark = object()
                for arguments, keywords in (((), {name: mark}), (("a",), {name: mark}), (({name: mark},), {}), (("A", {name: mark}), {}), (("A", [(name, mark)]), {}), ((lambda: 0,), {name: mark})):
                    try:
                        with warnings.catch_warnings(record=True):
                            made = value(*arguments, **keywords)
                    except BaseException:
                        continue
                    if getattr(made, name, None) is mark or getattr(type(made), "__dict__", {}).get(name) is mark:
                        found.append("%s gives %s" % (maker, name))
        self.assertEqual(sorted(set(found)), [])

    WRITES = {
        "a namespace": "n = SimpleNamespace(**{'__reduce__': lambda: RECIPE})\ncopy.copy(n)",
        "a namespace that is set up again": "class N(SimpleNamespace):\n    def __init__(self): super().__init__(**{'__reduce__': lambda: RECIPE})\ncopy.copy(N())",
        "a namespace of a mapping": "copy.copy(SimpleNamespace({'__reduce__': lambda: RECIPE}))",
        "a namespace whose keyword denies its name": "class S(str):\n    def startswith(self, *rest): return False\nn = SimpleNamespace(**{S('__reduce__'): lambda: RECIPE})\ncopy.copy(n)",
        "a cached property by another name": "class K(cached_property): pass\nk = K(lambda self: lambda: RECIPE)\nclass A: x = k\nk.attrname = '__reduce__'\na = A()\na.x\ncopy.copy(a)",
        "an enum": "B = Enum('B', [('__reduce_ex__', lambda self, p: RECIPE), ('__copy__', None)])\nclass C(B): A = 1\ncopy.copy(C.A)",
        "an enum whose names are listed by a list of its own": "class L(list):\n    def __iter__(self): return iter([('__reduce_ex__', lambda self, p: RECIPE), ('__copy__', None)])\nB = Enum('B', L())\nclass C(B): A = 1\ncopy.copy(C.A)",
        "an enum whose names split as they like": "class S(str):\n    def replace(self, *a): return self\n    def split(self): return [('__reduce_ex__', lambda self, p: RECIPE), ('__copy__', None)]\nB = Enum('B', S('A'))\nclass C(B): A = 1\ncopy.copy(C.A)",
        "a memo": "n = SimpleNamespace(a=1)\nclass All(dict):\n    def get(self, key, default=None): return {'__reduce__': lambda: RECIPE} if self.on() else default\n    def on(self):\n        self.n = getattr(self, 'n', 0) + 1\n        return self.n > 1\ncopy.copy(copy.deepcopy(n, All()))",
        "a memo in the middle": "class P:\n    def __deepcopy__(self, memo):\n        memo[id(None)] = {'__reduce__': lambda: RECIPE}\n        return self\ncopy.copy(copy.deepcopy([P(), partial(len)])[1])",
        "a memo in the middle of asdict": "class P:\n    def __deepcopy__(self, memo):\n        memo[id(None)] = {'__reduce__': lambda: RECIPE}\n        return self\nclass H:\n    def __init__(self): self.a = [P(), partial(len)]\n@dataclass\nclass D: a: object\ncopy.copy(asdict(D(H()))['a'].a[1])",
    }  # fmt: skip

    def test_copying_sets_no_attribute_of_what_is_not_the_session_s(self):
        imports = "import copy, json\nfrom enum import Enum\nfrom functools import cached_property, partial\nfrom types import SimpleNamespace\nfrom dataclasses import dataclass, asdict\nRECIPE = (lambda: json.loads, (), (None, {'tampered': 5}))\n"
        self.addCleanup(json.loads.__dict__.pop, "tampered", None)
        found = []
        for name, code in self.WRITES.items():
            Steps().run(imports + code)
            if json.loads.__dict__.pop("tampered", None):
                found.append(name)
        self.assertEqual(found, [])

    def test_a_cached_property_is_kept_under_its_own_name(self):
        code = "from functools import cached_property\nclass K(cached_property): pass\nk = K(lambda self: 1)\nclass A: x = k\nk.attrname = '__mro_entries__'\na = A()\na.x\nprint('reached')"
        self.assertNotIn("reached", Steps().run(code)["output"])
        self.assertEqual(Steps().output("from functools import cached_property\nclass A:\n    n = 0\n    @cached_property\n    def x(self): self.n += 1; return self.n\na = A()\nprint(a.x, a.x, A().x, a.n)"), "1 1 1 1\n")

    def test_the_name_of_a_field_is_no_text_that_the_session_may_change_its_mind_about(self):
        code = "from dataclasses import dataclass, field\nclass F(type(field())):\n    calls = 0\n    @property\n    def name(self):\n        F.calls += 1\n        return 'a=[1 / 0][0],b' if F.calls == AT else 'a'\n    @name.setter\n    def name(self, value): pass\n@dataclass\nclass D: a: int = F(DEFAULTS)\nD()"
        found = []
        for defaults in ("1, 1, True, True, None, True, {}", "1, 1, True, True, None, True, {}, False"):
            for at in range(1, 20):
                error = Steps().run(code.replace("DEFAULTS", defaults).replace("AT", str(at)))["error"]
                found += [at] if error and "ZeroDivision" in error["message"] else []
        self.assertEqual(found, [])

    def test_a_class_statement_calls_no_class_of_the_session_with_its_namespace(self):
        code = "class Taker:\n    def __init__(self, *a): pass\nclass T(Taker):\n    def __init__(self, *a):\n        if len(a) == 3: print('reached')\nclass X(T()): v = 1"
        self.assertNotIn("reached", Steps().run(code)["output"])


class Names(unittest.TestCase):
    def test_a_pattern_tests_the_builtin_type_whenever_its_name_is_bound_anew(self):
        if sys.version_info < (3, 10):
            return
        steps = Steps()
        steps.output("from abc import ABC\nfrom dataclasses import dataclass\n@dataclass\nclass Own(ABC):\n    gi_frame: object\ndef later():\n    global str\n    str = Own\ndef g(): yield 1\nx = g()\nOwn.register(type(x))")
        done = steps.run("later()\nmatch x:\n    case str(frame): print('reached')")
        self.assertNotIn("reached", done["output"])
        for code in ("match {}:\n    case {**str}: pass", "from json import loads as str", "def str(): pass", "[1 for str in 'a']"):
            done = Steps().run(code + "\nmatch 5:\n    case str(frame): pass")
            self.assertEqual(done["error"] and done["error"]["code"], "sandbox_violation", code)

    def test_super_is_bound_to_nothing_else(self):
        for code in ("def f(super): pass", "super = 1", "import json as super", "class super: pass", "def super(): pass", "lambda super: 1", "[1 for super in 'a']", "try: pass\nexcept ValueError as super: pass", "def f():\n    global super"):
            self.assertEqual(Steps().error(code)["code"], "sandbox_violation", code)

    def test_the_class_of_what_code_could_not_import_is_a_stand_in(self):
        objects = ["(x for x in 'a')", "(lambda: 0)", "len", "[].append", "list[int]", "None", "json", "read_file", "CONTEXT", "chunks('ab')", "chunks('ab')[0]", "field()", "managed()", "{}.keys()", "iter([])", "A().f", "typing.Any", "f.__doc__ and 1 or (i for i in 'a')"]
        code = "import json, typing\nfrom contextlib import contextmanager\nfrom dataclasses import field\nclass A:\n    def f(self): pass\ndef f(): pass\n@contextmanager\ndef managed(): yield 1\n"
        steps = Steps({"a.txt": "one"})
        steps.output(code)
        for value in objects:
            with self.subTest(value):
                self.assertEqual(steps.output("x = %s\nT = type(x)\nprint(isinstance(x, T), T is type(x), isinstance(1, T), T.__name__ != '')" % value), "True True False True\n")
                self.assertIsNotNone(steps.run("class X(T): pass")["error"])
                self.assertIsNotNone(steps.run("T.a = 1")["error"])

    def test_the_class_of_what_code_could_make_itself_is_the_class(self):
        code = "import re, collections, datetime, types\nclass A: pass\nfor x in (1, 'a', [], A(), ValueError(), re.compile('a'), collections.Counter(), datetime.date(2024, 1, 1), types.SimpleNamespace(), {}, 1.5, b'', (), True): print(end=str(type(x) in (int, str, list, A, ValueError, re.Pattern, collections.Counter, datetime.date, types.SimpleNamespace, dict, float, bytes, tuple, bool))[0])\nprint(type(5)(7), type(ValueError())('a').args)"
        self.assertEqual(Steps().output(code), "TTTTTTTTTTTTTT7 ('a',)\n")

    def test_what_ends_a_step_is_no_base_class_and_cannot_be_changed(self):
        steps = Steps()
        steps.run("class Keep:\n    def __enter__(self): return self\n    def __exit__(self, kind, error, where): self.kind, self.error = kind, error\nk = Keep()\nwith k: getattr(1, '__class__')")
        for code in ("class X(k.kind): pass", "k.kind.first = None", "k.error.line = 5", "k.kind.line = 5", "del k.kind.first", "raise k.kind('mine', 5)", "raise k.kind('mine')", "k.kind('mine')"):
            error = steps.error(code)
            self.assertEqual(error["code"], "code_error" if "5)" in code else "sandbox_violation", code)


if __name__ == "__main__":
    unittest.main()
