"""attributes: what only run time can decide about them."""

import unittest

from harness import Steps, error_of, output_of

import classes
import hints
import names
from violations import Violation

POINT = "class P:\n    '''a point'''\n    kind = 'p'\n    def __init__(self): self._a = 1; self.b = 2\n    def _m(self): return 'm'\n"


def first_line(code):
    return error_of(code)["message"].split("\n")[0]


class PrivateAttributes(unittest.TestCase):
    def test_a_private_attribute_of_the_session_s_own_objects_is_read(self):
        self.assertEqual(output_of(POINT + "p = P()\nprint(p._a, p._m(), P._m(p), getattr(p, '_a'), hasattr(p, '_a'), hasattr(p, '_z'))"), "1 m m 1 True False\n")

    def test_it_is_found_in_a_base_class_of_the_session(self):
        self.assertEqual(output_of(POINT + "class Q(P):\n    def _n(self): return self._m() + str(self._a)\nprint(Q()._n(), Q._m(Q()))"), "m1 m\n")

    def test_properties_class_and_static_methods_work_when_they_are_private(self):
        code = "class A:\n    @property\n    def _p(self): return 1\n    @classmethod\n    def _c(cls): return cls._s() + 1\n    @staticmethod\n    def _s(): return 2\nprint(A()._p, A._c(), A()._s())"
        self.assertEqual(output_of(code), "1 3 2\n")

    def test_one_that_is_not_there_is_an_attribute_error(self):
        self.assertEqual(first_line(POINT + "P()._z"), "AttributeError: P object has no attribute '_z'")

    def test_those_of_library_objects_and_classes_are_not_there(self):
        objects = {
            "collections.Counter('a')": "_keep_positive", "random.Random()": "_randbelow",
            "decimal.Decimal(1)": "_exp", "re.compile('a')": "_x", "json.loads": "_x", "datetime.datetime(2024, 1, 1)": "_hour",
            "csv.Sniffer()": "_guess_delimiter", "difflib.Differ()": "_dump", "textwrap.TextWrapper()": "_split",
            "fractions.Fraction(1)": "_numerator", "fractions.Fraction": "_from_coprime_ints", "random": "_inst", "json": "_default_encoder",
        }  # fmt: skip
        for value, name in objects.items():
            with self.subTest(value):
                code = "import collections, csv, datetime, decimal, difflib, fractions, json, random, re, textwrap\n%s.%s" % (value, name)
                self.assertEqual(error_of(code)["message"].split(": ")[0], "AttributeError")

    def test_those_of_the_library_stay_hidden_in_a_class_of_the_session_that_builds_on_it(self):
        self.assertEqual(first_line("import random\nclass R(random.Random): pass\nR()._randbelow"), "AttributeError: R object has no attribute '_randbelow'")
        self.assertEqual(first_line("from enum import Enum\nclass E(Enum):\n    A = 1\nE._convert_"), "AttributeError: EnumType object has no attribute '_convert_'".replace("EnumType", classes.class_name(__import__("enum").Enum)))

    def test_value_and_name_of_the_session_s_enums_are_read(self):
        self.assertEqual(output_of("from enum import Enum\nclass E(Enum):\n    A = 1\nprint(E.A._value_, E.A._name_, E.A.value, E['A'].name, E(1), list(E))"), "1 A 1 A E.A [<E.A: 1>]\n")

    def test_those_of_the_functions_of_the_sandbox_are_not_there(self):
        reached = []
        for value in ("print", "read_file", "sub_rlm", "CONTEXT", "chunks('ab')", "chunks('ab')[0]", "getattr"):
            for name in ("_call", "_name", "_snapshot", "_span", "_make", "_cuts", "_x"):
                if Steps().run("%s.%s" % (value, name))["error"] is None:
                    reached.append("%s.%s" % (value, name))
        self.assertEqual(reached, [])


class Writes(unittest.TestCase):
    def test_attributes_of_the_session_s_objects_classes_and_functions_are_written(self):
        self.assertEqual(output_of(POINT + "p = P()\np.b = 5; p._a += 1; p.c = p.b\nP.kind = 'q'\ndef f(): return f.n\nf.n = 3\ndel p.b\nprint(p._a, p.c, P.kind, f(), hasattr(p, 'b'))"), "2 5 q 3 False\n")

    def test_they_are_written_in_every_place_that_assigns(self):
        code = POINT + "from contextlib import nullcontext\np = P()\nfor p.i in (1, 2): pass\n(p.x, p._y), *p.z = (3, 4), 5\nwith nullcontext(6) as p.w: pass\n[0 for p.v in (7,)]\np.u: int = 8\np.b *= 9\nsetattr(p, 't', 10)\nprint(p.i, p.x, p._y, p.z, p.w, p.v, p.u, p.b, p.t)"
        self.assertEqual(output_of(code), "2 3 4 [5] 6 7 8 18 10\n")

    def test_simple_namespaces_and_decimal_contexts_are_written(self):
        self.assertEqual(output_of("from types import SimpleNamespace\nfrom decimal import getcontext, Decimal\nn = SimpleNamespace(a=1)\nn.b = 2; n._c = 3; n.a += 1\ngetcontext().prec = 3\nprint(n, n._c, Decimal(1) / 3)"), "namespace(a=2, b=2, _c=3) 3 0.333\n")

    def test_nothing_else_is_written(self):
        values = ["len", "print", "getattr", "read_file", "sub_rlm", "json", "json.loads", "json.JSONDecodeError", "re.compile('a')", "collections.Counter", "collections.Counter()", "int", "dict", "Exception", "ValueError()", "CONTEXT", "type(CONTEXT)", "chunks('ab')", "chunks('ab')[0]", "type(chunks('ab')[0])", "textwrap.TextWrapper()", "random", "typing.Any", "type(int)", "(lambda: 0).__name__", "range(3)", "enum.Enum", "functools.partial(len)", "contextlib.suppress()", "io.StringIO()"]
        forms = ["%s.a = 1", "%s.a += 1", "del %s.a", "for %s.a in 'x': pass", "setattr(%s, 'a', 1)"]
        imports = "import collections, contextlib, enum, functools, io, json, random, re, textwrap, typing\n"
        wrong = []
        for value in values:
            for form in forms:
                done = Steps().run(imports + form % value)
                if done["error"] is None or done["error"]["code"] != "sandbox_violation":
                    wrong.append((form % value, done["error"]))
        self.assertEqual(wrong, [])

    def test_the_refusal_names_the_kind_and_the_way_out(self):
        self.assertEqual(first_line("[].a = 1"), "attributes of list can't be set; keep your data in a dict or a class of your own")

    def test_an_augmented_write_follows_the_rules_of_reading_too(self):
        for code in ("e = AttributeError()\ne.obj += 1", "class S(str): pass\ns = S('a')\ns.format += 1", "s.format_map += 1"):
            error = error_of(code)
            self.assertEqual((error["code"], "assignment to the attribute" in error["message"]), ("sandbox_violation", True))
        self.assertEqual(first_line(POINT + "p = P()\np._z += 1"), "AttributeError: P object has no attribute '_z'")

    def test_setattr_refuses_the_names_that_an_assignment_refuses(self):
        self.assertEqual(self.set_by_name("__class__", "__dict__", "__name__", "__doc__", "__x", "gi_frame", "mro"), [])

    def test_setattr_leaves_the_public_parts_of_named_tuples_alone(self):
        self.assertEqual(self.set_by_name("_fields", "_asdict", "_replace", "_make", "_field_defaults"), [])

    def set_by_name(self, *names_):
        """Those of the names that setattr sets."""
        return [name for name in names_ if Steps().run(POINT + "setattr(P(), %r, 1)" % name)["error"] is None]


class AttributesByName(unittest.TestCase):
    def test_getattr_reads_what_can_be_written_with_a_dot(self):
        self.assertEqual(output_of(POINT + "p = P()\nprint(getattr(p, 'b'), getattr(p, 'z', 'none'), getattr(p, 'z', None), getattr([], 'append').__name__, getattr(P, '__name__'), getattr(p, '__doc__'))"), "2 none None append P a point\n")
        self.assertEqual(first_line(POINT + "getattr(P(), 'z')"), "AttributeError: 'P' object has no attribute 'z'")

    def test_getattr_and_hasattr_refuse_a_forbidden_name_even_with_a_default(self):
        for name in ("__class__", "__globals__", "__dict__", "gi_frame", "f_back", "tb_frame", "co_code", "mro", "with_traceback", "", "__", "\uff3f_class__", "\u1d43bc"):
            for form in ("getattr(1, %a)", "getattr(1, %a, None)", "hasattr(1, %a)", "setattr(1, %a, 2)"):
                self.assertEqual(first_line(form % name), "the attribute %r is not allowed; %s" % (name, hints.ATTRIBUTES.get(name, hints.ATTRIBUTE)))

    def test_a_name_that_is_no_exact_text_is_a_type_error(self):
        for name in ("1", "b'a'", "None", "S('__class__')"):
            for form in ("getattr(1, %s)", "hasattr(1, %s)", "setattr(1, %s, 2)"):
                self.assertEqual(first_line("class S(str): pass\n" + form % name), "TypeError: an attribute's name must be a str")

    def test_hasattr_tells_of_the_methods_of_protocols(self):
        for name in sorted(names.METHOD_DUNDERS):
            self.assertEqual(output_of("print(hasattr([], %r))" % name), "%s\n" % hasattr([], name))

    def test_the_object_that_an_error_holds_is_not_given(self):
        for code in ("e.obj", "getattr(e, 'obj')", "hasattr(e, 'obj') or 1 / 0", "'{0.obj}'.format(e)"):
            error = error_of("try: [].x\nexcept AttributeError as caught: e = caught\n" + code)
            self.assertIn(error["message"].split(":")[0], ("AttributeError", "ZeroDivisionError"))

    def test_an_attribute_of_that_name_elsewhere_is_read(self):
        self.assertEqual(output_of("class A:\n    obj = 3\nprint(A().obj, getattr(A, 'obj'))"), "3 3\n")

    def test_type_takes_one_argument_and_tells_nothing_of_a_class(self):
        self.assertEqual(output_of(POINT + "p = P()\nprint(type(p) is P, type(1) is int, type(p).__name__, type('a')(5))"), "True True P 5\n")
        self.assertEqual(output_of("from abc import ABC\nprint(type(int) is type(ABC), type(int).__name__)"), "True Opaque\n")
        self.assertEqual(first_line("type('A', (), {})"), "type() takes one argument here; write a class statement")

    def test_type_is_named_where_a_class_is(self):
        self.assertEqual(output_of("def f(x: type[int], y: type | None = None) -> type: return x\nprint(isinstance(int, type), isinstance(f, (type, str)), f(1))"), "True False 1\n")
        self.assertEqual(first_line("class M(type): pass"), "metaclasses are not allowed; use a plain class or a decorator function")

    def test_a_metaclass_is_no_base_class(self):
        for base in (type, __import__("abc").ABCMeta, __import__("enum").EnumMeta):
            with self.assertRaises(Violation):
                classes.base(base)
        self.assertIs(classes.base(int), int)

    def test_the_guards_themselves_cannot_be_replaced(self):
        steps = Steps()
        steps.output("getattr = hasattr = setattr = print_ = type = None")
        self.assertEqual(steps.error("[].x = 1")["code"], "sandbox_violation")


if __name__ == "__main__":
    unittest.main()
