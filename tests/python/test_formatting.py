"""str.format without its attribute walks, and print: as the language has them, but for what reaches out."""

import random
import unittest

from harness import Steps, error_of, output_of

from attributes import format_text

POINT = "class P:\n    def __init__(self): self.a = [1, {'k': 'v'}]; self._b = 2\n    def __str__(self): return 'P!'\np = P()\n"

# template, positional, by name: formatted as str.format does
TEMPLATES = [
    ("", (), {}), ("plain", (), {}), ("{{}}{}", (1,), {}), ("{}{}", (1, 2), {}), ("{0}{1}{0}", (1, 2), {}), ("{a}{b}", (), {"a": 1, "b": 2}),
    ("{}{a}{}", (1, 2), {"a": 3}), ("{0}{a}", (1,), {"a": 3}), ("{:>5}|{:<5}|{:^5}|{:*^7}", (1, 2, 3, 4), {}), ("{:.2f} {:08.3f} {:+d} {:x} {:#b} {:,} {:_} {:e} {:%}", (1.234, 3.14159, 5, 255, 5, 1234567, 1234567, 12345.678, 0.25), {}),
    ("{!r} {!s} {!a}", ("ä", "ä", "ä"), {}), ("{0!r:>10}", ("a",), {}), ("{:{}}", (1, 5), {}), ("{:{}.{}f}", (3.14159, 10, 2), {}), ("{0:{w}}", (1,), {"w": 5}), ("{a:{b}{c}}", (), {"a": 1, "b": ">", "c": 4}),
    ("{0[0]}", ([7],), {}), ("{0[k]}", ({"k": 8},), {}), ("{0[k][1]}", ({"k": [1, 2]},), {}), ("{0[a b]}", ({"a b": 9},), {}), ("{[0]}{[0]}", ([1], [2]), {}), ("{0.real}{0.imag}", (5,), {}), ("{.real}", (5,), {}),
    ("{0[0].real}", ([6],), {}), ("{:}", (1,), {}), ("{0:}", ("a",), {}), ("{:d}", (True,), {}), ("{:>{}}", ("a", 3), {}), ("ä{}ö", ("ü",), {}), ("{:\n>3}", ("a",), {}), ("{0[-1]}", ({"-1": 1},), {}), ("{:{{^{}}}", ("a", 5), {}),
    ("{", (), {}), ("}", (), {}), ("{0", (1,), {}), ("{0!}", (1,), {}), ("{}{0}", (1,), {}), ("{0}{}", (1,), {}), ("{1}", (1,), {}), ("{}{}", (1,), {}), ("{a}", (), {}), ("{0.nosuch}", (1,), {}), ("{0[1]}", ([1],), {}),
    ("{0[x]}", ([1],), {}), ("{:q}", (1,), {}), ("{:s}", (1,), {}), ("{:{:{}}}", (1, 2, 3), {}), ("{:{:{}}}", (1, 2, 0), {}), ("{:{:0}}", (1, 2), {}), ("{:{:{:{}}}}", (1, 2, 3, 4), {}), ("{0.}", (1,), {}), ("{0[]}", (1,), {}), ("{0]}", (1,), {}), ("{a.}", (), {"a": 1}), ("{ 0}", (1,), {}),
]  # fmt: skip


def result_of(work):
    try:
        return work()
    except Exception as error:
        return type(error).__name__


class FormatStrings(unittest.TestCase):
    def test_every_template_gives_what_str_format_gives_or_the_same_kind_of_error(self):
        for template, args, kwargs in TEMPLATES:
            with self.subTest(template):
                self.assertEqual(result_of(lambda: format_text(template, args, kwargs)), result_of(lambda: template.format(*args, **kwargs)))

    def test_an_unknown_conversion_is_a_value_error(self):
        self.assertEqual(result_of(lambda: format_text("{!x}", (1,), {})), "ValueError")

    def test_templates_at_random_give_what_str_format_gives(self):
        seed = random.randrange(1 << 32)
        source = random.Random(seed)
        pieces = ["{}", "{0}", "{1}", "{a}", "{{", "}}", "x", "{:>4}", "{a!r}", "{:{}}", "{0:{a}}", "{b[0]}", "{b[1]}", "{!s:^6}", "é", ":", "!"]
        for _ in range(3000):
            template = "".join(source.choice(pieces) for _ in range(source.randrange(1, 6)))
            args, kwargs = (source.choice([1, 2.5]), 7, "z"), {"a": source.choice([3, 5]), "b": [1, 2]}
            expected = result_of(lambda: template.format(*args, **kwargs))
            self.assertEqual(result_of(lambda: format_text(template, args, kwargs)), expected, "%r, seed %d" % (template, seed))

    def test_attributes_and_items_of_the_session_s_objects_are_walked(self):
        self.assertEqual(output_of(POINT + "print('{0.a[1][k]} {x._b} {0!s} {0.a[0]:>3}'.format(p, x=p))"), "v 2 P!   1\n")

    def test_every_way_to_format_refuses_to_walk_out(self):
        walks = ["__class__", "__init__.__globals__", "a.__class__", "a[1].__class__", "__dict__", "__doc__.__class__", "a.append.__self__"]
        forms = [
            "'{0.%s}'.format(p)", "'{p.%s}'.format(p=p)", "'{.%s}'.format(p)", "'{p.%s}'.format_map({'p': p})", "str.format('{0.%s}', p)", "str.format_map('{p.%s}', {'p': p})",
            "f = '{0.%s}'.format\nf(p)", "getattr('{0.%s}', 'format')(p)", "getattr(str, 'format')('{0.%s}', p)", "S('{0.%s}').format(p)", "S.format('{0.%s}', p)", "list(map('{0.%s}'.format, [p]))",
            "'{0:{1.%s}}'.format(p, p)", "'{0:{0.%s}}'.format(p)", "'{0!r:{p.%s}}'.format(1, p=p)", "attrgetter('format')('{0.%s}')(p)", "methodcaller('format', p)('{0.%s}')", "sorted([p], key='{0.%s}'.format)",
        ]  # fmt: skip
        wrong = []
        for walk in walks:
            for form in forms:
                done = Steps().run(POINT + "class S(str): pass\nfrom operator import attrgetter, methodcaller\n" + form % walk)
                if done["error"] is None or done["error"]["code"] != "sandbox_violation":
                    wrong.append((form % walk, done["error"]))
        self.assertEqual(wrong, [])

    def test_a_format_of_its_own_on_another_kind_of_object_is_called(self):
        self.assertEqual(output_of("class A:\n    def format(self, x): return ('own', x)\n    format_map = format\na = A()\nprint(a.format(1), a.format_map(2), A.format(a, 3))"), "('own', 1) ('own', 2) ('own', 3)\n")

    def test_other_ways_to_format_work(self):
        code = "from datetime import date\nfrom decimal import Decimal\nd = date(2024, 1, 2)\nprint(f'{d:%d.%m.%Y} {Decimal(\"1.50\"):.1f}', '{:%Y}'.format(d), format(3.14159, '.2f'), '%s %5.1f %(a)s' % {'a': 1} if 0 else '%s %d%%' % ('a', 5))"
        self.assertEqual(output_of(code), "02.01.2024 1.5 2024 3.14 a 5%\n")

    def test_a_mapping_of_the_session_s_fills_a_template(self):
        self.assertEqual(output_of("class D(dict):\n    def __missing__(self, key): return '<' + key + '>'\nprint('{a} {b}'.format_map(D(a=1)))"), "1 <b>\n")

    def test_a_replaced_str_changes_nothing(self):
        self.assertEqual(error_of(POINT + "class str: pass\n'{0.__class__}'.format(p)")["code"], "sandbox_violation")


class Print(unittest.TestCase):
    def test_print_writes_what_print_writes(self):
        code = "print()\nprint(1, 'a', [2], None)\nprint('a', 'b', sep='-', end='!\\n')\nprint('a', 'b', sep=None, end=None)\nprint(*range(3), sep='', flush=True)\nprint('ä', end='')\nprint(file=None)\nprint('a', sep='x')"
        self.assertEqual(output_of(code), "\n1 a [2] None\na-b!\na b\n012\nä\na\n")

    def test_an_object_s_own_text_is_printed(self):
        self.assertEqual(output_of("class A:\n    def __repr__(self): return 'r'\nclass B(A):\n    def __str__(self): return 's'\nprint(A(), B(), [B()])"), "r s [r]\n")

    def test_sep_and_end_must_be_texts(self):
        for option in ("sep=1", "end=b''", "sep=S('x')"):
            self.assertEqual(error_of("class S(str): pass\nprint(1, %s)" % option)["message"].split("\n")[0], "TypeError: sep and end must be str")

    def test_print_fills_a_string_io_and_nothing_else(self):
        self.assertEqual(output_of("from io import StringIO\ns = StringIO()\nprint('a', 1, file=s)\nprint(repr(s.getvalue()))"), "'a 1\\n'\n")
        for file in ("1", "[]", "A()", "BytesIO()", "print"):
            code = "from io import BytesIO\nclass A:\n    def write(self, text): pass\nprint(1, file=%s)" % file
            self.assertEqual(error_of(code)["message"].split("\n")[0], "print(file=…) only takes an io.StringIO")

    def test_nothing_is_printed_when_a_value_has_no_text(self):
        done = Steps().run("class A:\n    def __str__(self): return 1\nprint('before')\nprint('a', A())")
        self.assertEqual(done["output"], "before\n")
        self.assertTrue(done["error"]["message"].startswith("TypeError: __str__ returned non-string"))

    def test_an_unknown_option_is_a_type_error(self):
        self.assertTrue(error_of("print(1, colour='red')")["message"].startswith("TypeError: "))


if __name__ == "__main__":
    unittest.main()
