"""failures: an error as the model is told of it: kind, text, line, source line, and nothing of the host."""

import unittest

from harness import Steps, error_of

from failures import MAX_NAME, MAX_TEXT


class Places(unittest.TestCase):
    def test_an_error_has_its_kind_its_text_its_line_and_the_source_line(self):
        self.assertEqual(error_of("a = {}\n\n    \nb = a['k']  # here\n"), {"code": "code_error", "message": "KeyError: 'k'\n  line 4: b = a['k']  # here", "line": 4})

    def test_an_error_without_a_text_has_its_kind_only(self):
        self.assertEqual(error_of("assert 0")["message"], "AssertionError\n  line 1: assert 0")

    def test_the_way_to_an_error_is_shown_from_the_outside_in(self):
        code = "def f(n):\n    return 1 // n\ndef g(n):\n    return f(n)\ng(0)"
        self.assertEqual(error_of(code)["message"], "ZeroDivisionError: integer division or modulo by zero\n  line 5: g(0)\n  line 4: return f(n)\n  line 2: return 1 // n".replace("integer division or modulo by zero", division_text()))
        self.assertEqual(error_of(code)["line"], 2)

    def test_only_the_last_three_places_of_a_deep_error_are_shown(self):
        code = "def f(n):\n    if n == 0: raise ValueError('end')\n    f(n - 1)\nf(9)"
        self.assertEqual(error_of(code)["message"], "ValueError: end\n  line 3: f(n - 1)\n  line 3: f(n - 1)\n  line 2: if n == 0: raise ValueError('end')")

    def test_an_error_in_a_function_of_an_earlier_step_names_that_step(self):
        steps = Steps()
        steps.output("x = 1\ndef f(n):\n    return [][n]")
        error = steps.error("y = 2\nf(0)")
        self.assertEqual((error["message"], error["line"]), ("IndexError: list index out of range\n  line 2: f(0)\n  line 3 of step 1: return [][n]", 2))

    def test_an_error_in_a_step_that_is_long_past_is_still_told(self):
        steps = Steps()
        steps.output("def f(): return 1 / 0")
        for _ in range(60):
            steps.output("pass")
        error = steps.error("f()")
        self.assertEqual((error["message"].split("\n")[:2], error["line"]), (["ZeroDivisionError: division by zero", "  line 1: f()"], 1))

    def test_an_error_in_the_library_or_a_host_function_shows_the_session_s_lines_only(self):
        for code in ("import json\njson.loads('{')", "import re\nre.compile('(')", "import statistics\nstatistics.mean([])", "x = 1\nread_file('nosuch')", "x = 1\ngrep('(')", "x = 1\nchunks('a', 0)", "x = 1\nset_final(object())", "from dataclasses import dataclass\ndataclass(5)"):
            error = error_of(code)
            with self.subTest(code):
                self.assertEqual(error["message"].split("\n")[1:], ["  line 2: " + code.split("\n")[1]])
                self.assertNotIn("/", error["message"].split("\n")[0])
                self.assertNotIn(".py", error["message"])

    def test_an_error_in_a_comprehension_a_lambda_a_class_or_a_generator_has_its_line(self):
        for code, line in (("a = [\n    1 / n\n    for n in (1, 0)\n]", 2), ("f = lambda: (\n    1 / 0)\nf()", 2), ("class A:\n    x = 1 / 0", 2), ("def g():\n    yield 1\n    yield 1 / 0\nlist(g())", 3), ("f'{1}' + f'''\n{1 / 0}'''", 2)):
            error = error_of(code)
            with self.subTest(code):
                self.assertIn(error["line"], (line, line - 1) if code.startswith("f'") else (line,))

    def test_a_cause_is_not_mixed_with_the_error(self):
        error = error_of("try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise ValueError('mine') from e")
        self.assertEqual((error["message"], error["line"]), ("ValueError: mine\n  line 4: raise ValueError('mine') from e", 4))

    def test_a_violation_has_its_line_wherever_it_is_found(self):
        self.assertEqual(error_of("x = 1\ngetattr(x, '__class__')"), {"code": "sandbox_violation", "message": "the attribute '__class__' is not allowed; use type(x).__name__ or isinstance\n  line 2: getattr(x, '__class__')", "line": 2})

    def test_a_refusal_before_the_step_runs_has_its_line_and_the_source_line_too(self):
        error = error_of("x = 1\ny = x.__class__  # here")
        self.assertEqual((error["code"], error["line"]), ("sandbox_violation", 2))
        self.assertIn("y = x.__class__  # here", error["message"])


def division_text():
    try:
        1 // 0
    except ZeroDivisionError as error:
        return str(error)


class SyntaxErrors(unittest.TestCase):
    def test_bad_syntax_has_its_line_and_the_source_line(self):
        error = error_of("a = 1\nb = (2\n")
        self.assertEqual((error["code"], error["line"]), ("code_error", 2))
        self.assertTrue(error["message"].startswith("SyntaxError: "))
        self.assertTrue(error["message"].endswith("(line 2: b = (2)"), error["message"])

    def test_bad_syntax_in_a_text_that_is_read_is_told_at_the_line_that_reads_it(self):
        error = error_of("import ast\nx = 1\nast.literal_eval('1 +')")
        self.assertEqual((error["code"], error["line"]), ("code_error", 3))
        self.assertIn("line 3: ast.literal_eval('1 +')", error["message"])

    def test_one_that_the_code_raises_itself_is_told_like_any_other(self):
        self.assertEqual(error_of("x = 1\nraise SyntaxError('mine')"), {"code": "code_error", "message": "SyntaxError: mine\n  line 2: raise SyntaxError('mine')", "line": 2})

    def test_what_the_code_puts_into_one_stays_of_the_kinds_that_the_host_reads(self):
        parts = ["('f', '12', 0, '')", "('f', object(), 0, '')", "('f', 1.5, 0, '')", "('f', 10 ** 400, 0, '')", "('f', -1, 0, 5)", "('f', None, None, None)", "('f', True, 0, ['x'])"]
        wrong = []
        for part in parts:
            error = error_of("raise SyntaxError('x', %s)" % part)
            if not (error["line"] is None or type(error["line"]) is int and abs(error["line"]) < 2**53) or type(error["message"]) is not str:
                wrong.append((part, error))
        self.assertEqual(wrong, [])


class Texts(unittest.TestCase):
    def test_a_long_text_is_cut(self):
        for kind in ("ValueError", "KeyError", "SyntaxError", "Exception", "BaseException"):
            error = error_of("raise %s('x' * 1_000_000)" % kind)
            with self.subTest(kind):
                self.assertLess(len(error["message"]), MAX_TEXT + 500)

    def test_a_long_source_line_is_cut(self):
        self.assertLess(len(error_of("x = '%s'; 1 / 0" % ("y" * 5000))["message"]), 300)

    def test_memory_and_recursion_are_told_with_what_to_do(self):
        self.assertEqual(error_of("raise MemoryError")["message"], "MemoryError: the memory limit is reached; keep less at once, read in chunks()\n  line 1: raise MemoryError")
        self.assertTrue(error_of("def f(): f()\nf()")["message"].startswith("RecursionError: the recursion is too deep; use a loop\n"))

    def test_the_session_s_own_errors_tell_their_own_text(self):
        self.assertEqual(error_of("class E(Exception):\n    def __str__(self): return 'own'\nraise E('x')")["message"].split("\n")[0], "E: own")

    def test_an_error_whose_kind_has_a_long_name_is_told_by_its_beginning(self):
        name = "E" * 100_000
        self.assertEqual(error_of("class %s(Exception): pass\nraise %s('x')" % (name, name))["message"].split("\n")[0], name[:MAX_NAME] + ": x")

    def test_an_error_whose_text_fails_is_told_as_one_that_cannot_be_shown(self):
        for body in ("1 / 0", "return 5", "raise SystemExit", "raise KeyboardInterrupt", "return getattr(self, '__class__')"):
            error = error_of("class E(Exception):\n    def __str__(self): %s\nraise E('x')" % body)
            self.assertEqual((error["code"], error["message"]), ("code_error", "an error that can't be shown"))

    def test_a_text_of_a_kind_of_its_own_runs_no_method_of_it(self):
        error = error_of("class S(str):\n    def __getitem__(self, at): return 'forged'\n    def __str__(self): return self\nclass E(Exception):\n    def __str__(self): return S('real')\nraise E")
        self.assertEqual(error["message"].split("\n")[0], "E: real")

    def test_an_error_of_a_host_function_is_told_with_its_own_code(self):
        answer = {"ok": False, "code": "model_invocation_failed", "error": "the model said no", "final": False}
        steps = Steps(answer=lambda name, args: answer)
        self.assertEqual(steps.error("x = 1\nsub_rlm('q')"), {"code": "model_invocation_failed", "message": "the model said no\n  line 2: sub_rlm('q')", "line": 2})

    def test_an_error_that_builds_on_one_of_a_host_function_has_no_code_of_its_own(self):
        steps = Steps(answer=lambda name, args: {"ok": False, "code": "model_invocation_failed", "error": "no", "final": False})
        steps.output("try: sub_rlm('q')\nexcept Exception as e: Kind = type(e)\nclass Mine(Kind): code = 5")
        self.assertEqual(steps.error("raise Mine('x')"), {"code": "code_error", "message": "Mine: x\n  line 1: raise Mine('x')", "line": 1})

    def test_the_text_of_an_unknown_name_is_the_language_s(self):
        self.assertEqual(error_of("nosuch")["message"], "NameError: name 'nosuch' is not defined\n  line 1: nosuch")


if __name__ == "__main__":
    unittest.main()
