"""policy and names: identifiers, attributes, builtins and imports that a step may name."""

import sys
import unittest

from harness import Steps, error_of, output_of, refusal

import hints
import names

# where an identifier can stand, in the place of %s
IDENTIFIERS = [
    "%s = 1", "%s += 1", "%s: int = 1", "del %s", "for %s in 'a': pass", "[1 for %s in 'a']", "(%s := 1)", "a, *%s = 1, 2",
    "with f() as %s: pass", "def %s(): pass", "def f(%s): pass", "def f(%s, /): pass", "def f(*%s): pass",
    "def f(*, %s): pass", "def f(**%s): pass", "lambda %s: 1", "class %s: pass", "f(%s=1)", "import json as %s",
    "from json import loads as %s", "def f():\n    global %s",     "def f():\n    %s = 1\n    def g():\n        nonlocal %s", "try:\n    pass\nexcept ValueError as %s:\n    pass", "print(%s)",
]  # fmt: skip
PATTERN_IDENTIFIERS = [
    "match 1:\n    case %s: pass", "match 1:\n    case [*%s]: pass", "match 1:\n    case {**%s}: pass",
    "match 1:\n    case int() as %s: pass", "match 1:\n    case [[1, {'a': int(real=%s)}]]: pass",
]  # fmt: skip

READS = """__class__ __dict__ __globals__ __builtins__ __subclasses__ __bases__ __base__ __mro__ __code__ __closure__ __func__
__self__ __module__ __init__ __call__ __getattribute__ __reduce__ __reduce_ex__ __new__ __init_subclass__ __class_getitem__
__traceback__ __context__ __import__ __loader__ __spec__ __wrapped__ __annotations__ __slots__ __qualname__ __defaults__
__kwdefaults__ __get__ __set__ __del__ __format__ __sizeof__ __dir__ __weakref__ __members__ __subclasshook__ __instancecheck__
gi_frame gi_code gi_yieldfrom cr_frame cr_code cr_origin ag_frame ag_code tb_frame tb_next tb_lasti co_code co_consts
f_back f_builtins f_code f_generator f_globals f_lasti f_lineno f_locals f_trace f_trace_lines f_trace_opcodes
func_globals func_code func_closure func_defaults im_func im_self im_class mro with_traceback""".split()

WRITE_FORMS = ["x.%s = 1", "x.%s += 1", "x.%s: int = 1", "del x.%s", "for x.%s in 'a': pass", "x.a, x.%s = 1, 2", "[1 for x.%s in 'a']", "with f() as x.%s: pass", "[x.a, *x.%s] = 1, 2"]


class Identifiers(unittest.TestCase):
    def test_a_name_with_two_underscores_at_an_end_is_refused_wherever_it_stands(self):
        forms = IDENTIFIERS + (PATTERN_IDENTIFIERS if sys.version_info >= (3, 10) else [])
        for form in forms:
            for name in ("__x", "x__", "__x__", "__builtins__", "__g_write__", "__g_session__", "__name"):
                with self.subTest(form.replace("%s", name)):
                    self.assertRegex(refusal(form.replace("%s", name)), r"^line \d+: the .* is not allowed; names neither begin nor end with two underscores$")

    def test_the_same_places_take_ordinary_names(self):
        for form in IDENTIFIERS:
            for name in ("x", "_x", "_", "x_", "größe", "sub_rlm"):
                with self.subTest(form.replace("%s", name)):
                    self.assertIsNone(refusal(form.replace("%s", name)))

    def test_the_name_of_the_module_can_be_read_and_not_bound(self):
        self.assertEqual(output_of("print(__name__)\nif __name__ == '__main__': print('yes')"), "__main__\nyes\n")
        self.assertIsNotNone(refusal("__name__ = 'os'"))
        self.assertIsNotNone(refusal("del __name__"))

    def test_a_method_of_a_protocol_is_defined_directly_in_a_class_body_only(self):
        for name in sorted(names.METHOD_DUNDERS):
            method = "    def %s(self, *rest): pass" % name
            with self.subTest(name):
                self.assertIsNone(refusal("class A:\n" + method))
                self.assertIsNotNone(refusal("def %s(): pass" % name))
                self.assertIsNotNone(refusal("class A:\n    def f(self):\n    " + method))
                self.assertIsNotNone(refusal("class A:\n    %s = 1" % name))

    def test_methods_that_change_how_objects_work_are_refused_in_a_class_body(self):
        for name in "__getattr__ __setattr__ __getattribute__ __get__ __set_name__ __init_subclass__ __class_getitem__ __prepare__ __new__ __del__ __reduce__ __reduce_ex__ __format__ __instancecheck__ __mro_entries__ __subclasshook__ __set__ __delete__ __dir__ __await__ __aiter__".split():
            with self.subTest(name):
                self.assertEqual(refusal("class A:\n    def %s(self): pass" % name), "line 2: the function name %r is not allowed; names neither begin nor end with two underscores" % name)
        for name in ("__slots__", "__match_args__", "__annotations__", "__class__", "__metaclass__"):
            with self.subTest(name):
                self.assertIsNotNone(refusal("class A:\n    %s = ('a',)" % name))

    def test_look_alikes_of_a_name_are_the_name(self):
        self.assertEqual(refusal("x.__cl\u1d43ss__"), "line 1: the attribute '__class__' is not allowed; use type(x).__name__ or isinstance")
        self.assertEqual(refusal("\uff4fpen('a')"), "line 1: open is not available; there are no files; read documents with read_file(path)")
        self.assertEqual(refusal("x.g\u2071_frame"), "line 1: the attribute 'gi_frame' is not allowed; use the object's public methods and attributes")
        self.assertEqual(refusal("import \uff4f\uff53"), refusal("import os"))
        self.assertEqual(refusal("_\uff3fx = 1"), refusal("__x = 1"))


class Attributes(unittest.TestCase):
    def test_ways_out_of_the_session_s_objects_cannot_be_read_or_written(self):
        for name in READS:
            for form in ["x.%s", "x.y.%s.z", "f'{x.%s}'", "x.%s()", *WRITE_FORMS]:
                with self.subTest(form.replace("%s", name)):
                    self.assertIn("the attribute %r is not allowed" % name, refusal(form.replace("%s", name)) or "it was allowed")

    def test_what_to_write_instead_is_said_of_an_attribute_that_models_use(self):
        for name, hint in hints.ATTRIBUTES.items():
            self.assertEqual(refusal("\nx.%s" % name), "line 2: the attribute %r is not allowed; %s" % (name, hint))

    def test_some_dunders_are_read_and_none_is_written(self):
        for name in sorted(names.READABLE_DUNDERS):
            self.assertIsNone(refusal("x.%s" % name))
            self.assertEqual(refusal("x.%s = 1" % name), "line 1: assignment to the attribute %r is not allowed; keep the value under a name of your own" % name)

    def test_a_class_s_name_is_read_as_a_whole_pattern(self):
        self.assertEqual(output_of("class A: pass\nprint(A().__class__.__name__, (1).__class__.__name__)"), "A int\n")
        for code in ("x.__class__", "x.__class__.__base__", "(x.__class__).__bases__", "x.__class__.__doc__"):
            self.assertIn("is not allowed", refusal(code))

    def test_super_is_only_written_as_a_call_of_a_method(self):
        self.assertEqual(output_of("class A:\n    def __init__(self): self.a = 1\nclass B(A):\n    def __init__(self):\n        super().__init__(); self.b = 2\nprint(B().a)"), "1\n")
        for code in ("super", "f(super)", "super()", "super(A, self).__init__()", "s = super", "super().__class__", "super().__call__", "super().__getattribute__", "super().format", "super().__dict__"):
            with self.subTest(code):
                self.assertIsNotNone(refusal(code))

    def test_super_does_not_open_the_private_attributes_of_the_library(self):
        error = error_of("import random\nclass R(random.Random):\n    def f(self): return super()._randbelow\nprint(R().f())")
        self.assertEqual(error["message"].split("\n")[0], "AttributeError: R object has no attribute '_randbelow'")

    def test_super_reaches_private_methods_of_the_session_s_classes(self):
        self.assertEqual(output_of("class A:\n    def _f(self): return 1\nclass B(A):\n    def _f(self): return super()._f() + 1\nprint(B()._f())"), "2\n")

    def test_the_fields_of_named_tuples_are_public_and_read_only(self):
        code = "from collections import namedtuple\nP = namedtuple('P', 'a b')\np = P(1, 2)\nprint(p._fields, p._asdict(), p._replace(a=3), P._make([4, 5]), P._field_defaults)"
        self.assertEqual(output_of(code), "('a', 'b') {'a': 1, 'b': 2} P(a=3, b=2) P(a=4, b=5) {}\n")
        self.assertIsNotNone(refusal("p._fields = ()"))

    def test_class_patterns_name_plain_attributes(self):
        if sys.version_info < (3, 10):
            return
        match = "match x:\n    case %s: pass"
        for pattern in ("A(b=1)", "str(y)", "dict()", "A(b=int(c))", "float(1.5)"):
            self.assertIsNone(refusal(match % pattern), pattern)
        for pattern in ("A(__class__=c)", "A(gi_frame=c)", "A(_b=c)", "A(format=c)", "A(format_map=c)", "A(obj=c)", "A(f_globals=c)", "A(mro=c)"):
            self.assertRegex(refusal(match % pattern), r"^line 2: the pattern attribute '\w+' is not allowed; bind the object and read its public attributes$")
        for pattern in ("A(1)", "A.b(1)", "A(c, b=1)"):
            self.assertEqual(refusal(match % pattern), "line 2: a class pattern with positions is only allowed for builtin types; name the attributes: Point(x=0)")
        self.assertEqual(refusal("x = 1\n" + match % "self._x").split("; ")[0], "line 3: this attribute is not allowed in a pattern")

    def test_a_class_that_only_has_a_builtin_type_s_name_takes_no_positions(self):
        """Its __match_args__ would name any attribute, and ABC.register any object: str(x) could be a generator's frame."""
        if sys.version_info < (3, 10):
            return
        makers = ["@dataclass\nclass str(ABC):\n    gi_frame: object", "str = namedtuple('str', 'gi_frame')", "@dataclass\nclass Own(ABC):\n    gi_frame: object\nstr = Own"]
        use = "\ndef gen(): yield 1\ng = gen()\nif hasattr(str, 'register'): str.register(type(g))\nmatch g:\n    case str(frame): print('reached')\nmatch str(5):\n    case str(x): print('reached')"
        reached = []
        for maker in makers:
            for together in (True, False):
                steps = Steps()
                steps.output("from abc import ABC\nfrom dataclasses import dataclass\nfrom collections import namedtuple")
                done = steps.run(maker + use) if together else (steps.run(maker), steps.run(use))[1]
                if done["error"] is None or done["error"]["code"] != "sandbox_violation":
                    reached.append((maker, together, done["output"]))
        self.assertEqual(reached, [])


class Builtins(unittest.TestCase):
    def test_a_builtin_that_reaches_out_is_refused_with_what_to_write_instead(self):
        for name, hint in hints.NAMES.items():
            if not name.startswith("__"):
                with self.subTest(name):
                    self.assertEqual(refusal("\nprint(%s)" % name), "line 2: %s is not available; %s" % (name, hint))

    def test_the_import_function_is_refused(self):
        self.assertIsNotNone(refusal("__import__('os')"))

    def test_a_name_that_the_program_binds_is_its_own(self):
        for code in ("input = 'a'\nprint(input)", "def f(dir):\n    print(dir)\nf('a')", "for vars in 'a': print(vars)", "from math import floor as open\nprint(chr(open(97.5)))", "class exit: v = 'a'\nprint(exit.v)", "print([help for help in 'a'][0])"):
            with self.subTest(code):
                self.assertEqual(output_of(code), "a\n")

    def test_a_name_that_an_earlier_step_bound_is_its_own(self):
        steps = Steps()
        steps.output("input = 'a'")
        self.assertEqual(steps.output("print(input)"), "a\n")

    def test_a_name_that_is_bound_elsewhere_but_not_yet_is_a_violation_when_it_is_called(self):
        error = error_of("try:\n    open('x')\nexcept NameError: pass\nopen = 1")
        self.assertEqual(error["code"], "sandbox_violation")
        self.assertIn("open is not available; there are no files; read documents with read_file(path)", error["message"])


class Imports(unittest.TestCase):
    def test_an_unknown_module_is_refused_with_a_hint(self):
        for name, hint in hints.MODULES.items():
            if name != "urllib":
                self.assertEqual(refusal("import " + name), "line 1: import of %r is not allowed; %s" % (name, hint))
        self.assertEqual(refusal("import os.path"), "line 1: import of 'os.path' is not allowed; " + hints.MODULES["os"])
        self.assertEqual(refusal("from urllib.request import urlopen"), "line 1: import of 'urllib.request' is not allowed; " + hints.MODULES["urllib"])

    def test_a_module_without_a_hint_is_refused_with_the_list_of_those_that_are_there(self):
        self.assertEqual(refusal("import nosuch"), "line 1: import of 'nosuch' is not allowed; there are collections, collections.abc, json, math, re, urllib, urllib.parse")
        self.assertEqual(refusal("x = 1\nfrom nosuch import y"), refusal("import nosuch").replace("line 1", "line 2"))

    def test_relative_star_and_private_imports_are_refused(self):
        self.assertEqual(refusal("from . import x"), "line 1: relative imports are not allowed; name the module: from json import loads")
        self.assertEqual(refusal("from .json import x"), "line 1: relative imports are not allowed; name the module: from json import loads")
        self.assertEqual(refusal("from json import *"), "line 1: import of '*' from 'json' is not allowed; name what you need")
        self.assertEqual(refusal("from json import _default_decoder"), "line 1: import of '_default_decoder' from 'json' is not allowed; name what you need")
        self.assertIsNotNone(refusal("from json import __builtins__ as b"))

    def test_an_import_deep_inside_other_code_is_checked(self):
        self.assertIn("import of 'os' is not allowed", refusal("def f():\n    try:\n        import os\n    except ImportError: pass"))

    def test_a_name_that_a_module_does_not_show_is_an_import_error(self):
        self.assertEqual(error_of("from json import detect_encoding")["message"], "ImportError: cannot import name 'detect_encoding' from 'json'; it is not available here\n  line 1: from json import detect_encoding")

    def test_annotations_of_the_future_let_a_class_name_itself(self):
        self.assertEqual(output_of("from __future__ import annotations\nclass A:\n    def f(self, other: A) -> A: return other\nprint(A().f(1))"), "1\n")

    def test_other_features_of_the_future_are_refused(self):
        self.assertIsNotNone(refusal("from __future__ import braces"))


if __name__ == "__main__":
    unittest.main()
