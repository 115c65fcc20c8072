"""syntax: how large, how deep and in which characters a step's source may be."""

import _ast
import unittest

from harness import Steps, error_of, output_of, refusal

import policy
import syntax
from violations import Violation


class Sizes(unittest.TestCase):
    def test_source_is_limited_in_characters(self):
        limit = syntax.MAX_SOURCE
        self.assertIsNone(refusal("#" * limit))
        self.assertEqual(refusal("#" * (limit + 1)), "the code has more than 262144 characters; do the work in several steps")

    def test_source_is_limited_in_syntax_nodes(self):
        line = "a = [%s]\n" % ",".join(["b"] * 999)  # a thousand elements, each with its context
        self.assertIsNone(refusal(line * 19))
        self.assertEqual(refusal(line * 21), "the code is too large; do the work in several steps")

    def test_nesting_is_limited_and_its_line_is_told(self):
        self.assertIsNone(refusal("a = " + "[" * 70 + "]" * 70))
        self.assertEqual(refusal("\na = " + "-" * 90 + "1"), "line 2: the code is nested too deeply; use names for its parts")
        self.assertEqual(refusal("a" + ".b" * 90), "line 1: the code is nested too deeply; use names for its parts")

    def test_nesting_that_the_parser_itself_refuses_is_refused(self):
        for code in ("(" * 5000 + ")" * 5000, "-" * 200_000 + "1", "[" * 150 + "]" * 150, "a" + "[0]" * 50_000):
            with self.subTest(code[:10]), self.assertRaises((Violation, SyntaxError)):
                policy.check(code, "<step 1>", frozenset(), ())

    def test_a_long_chain_of_conditions_is_not_deep(self):
        chain = "x = 60\nif x == 0: pass\n" + "".join("elif x == %d: print(x)\n" % n for n in range(1, 61))
        self.assertEqual(output_of(chain), "60\n")

    def test_a_text_or_bytes_constant_is_limited(self):
        self.assertIsNone(refusal("a = %r" % ("x" * 200_000)))
        for value in ("x" * (policy.MAX_CONSTANT + 1), b"x" * (policy.MAX_CONSTANT + 1)):
            with self.assertRaises(Violation) as raised:
                policy.Rewriter(frozenset(), ()).visit(_ast.Constant(value=value, kind=None, lineno=4))
            self.assertEqual(str(raised.exception), "line 4: a constant is too large; put texts together in several steps")

    def test_an_integer_constant_is_limited(self):
        self.assertIsNone(refusal("a = 0x" + "f" * 1024))
        self.assertEqual(refusal("a = 0x1" + "0" * 1024), "line 1: an integer constant is too large; compute it: 10 ** 2000")
        self.assertEqual(refusal("a = 1" + "0" * 1300), "line 1: an integer constant is too large; compute it: 10 ** 2000")

    def test_an_integer_constant_that_the_interpreter_refuses_is_an_error_of_the_code(self):
        self.assertIn(error_of("a = 1" + "0" * 9000)["code"], ("code_error", "sandbox_violation"))


class Characters(unittest.TestCase):
    def test_control_characters_and_lone_surrogates_are_refused_with_their_line(self):
        for char in "\0\x01\x07\x08\x0b\x0e\x1a\x1b\x1f\x7f\ud800\udc00\udfff":
            with self.subTest(hex(ord(char))):
                text = "line 3: the character U+%04X is not allowed in code; write it as an escape" % ord(char)
                self.assertEqual(refusal("a = 1\n\nb = '%s'" % char), text)

    def test_they_are_refused_in_comments_as_well(self):
        self.assertIn("U+0000", refusal("# \0"))

    def test_tabs_form_feeds_and_every_letter_of_unicode_are_allowed(self):
        self.assertEqual(output_of("if 1:\n\tprint('ä\u2028😀\u0085')\n\x0c\nprint(2)"), "ä\u2028😀\u0085\n2\n")

    def test_line_ends_of_every_kind_are_read(self):
        for end in ("\n", "\r\n", "\r"):
            with self.subTest(end):
                self.assertEqual(output_of(end.join(["for a in 'xy':", "    print(a)", "print('end')"])), "x\ny\nend\n")

    def test_a_line_end_in_a_text_is_a_newline_whatever_the_source_has(self):
        self.assertEqual(output_of("print(repr('''a\r\nb'''))"), "'a\\nb'\n")

    def test_the_line_of_an_error_is_counted_the_same_with_every_line_end(self):
        for end in ("\n", "\r\n", "\r"):
            with self.subTest(end):
                error = error_of("a = 1" + end + "1 / 0" + end)
                self.assertEqual((error["line"], error["message"]), (2, "ZeroDivisionError: division by zero\n  line 2: 1 / 0"))

    def test_a_coding_comment_of_utf_8_is_nothing_but_a_comment(self):
        for comment in ("# coding: utf-8", "# -*- coding: utf-8 -*-", "#!/usr/bin/env python3\n# vim: set fileencoding=utf-8 :"):
            self.assertEqual(output_of(comment + "\nprint('ä')"), "ä\n")

    def test_no_coding_comment_changes_how_source_is_read(self):
        for coding in ("latin-1", "utf-7", "utf-16", "rot13", "unicode_escape", "nosuch"):
            done = Steps().run("# coding: %s\nprint('+AG8- \\xe4 ä')" % coding)
            with self.subTest(coding):
                if done["error"] is None:
                    self.assertEqual(done["output"], "+AG8- ä ä\n")
                else:
                    self.assertEqual((done["error"]["code"], done["output"]), ("code_error", ""))

    def test_bad_syntax_is_an_error_with_its_line_and_text(self):
        error = error_of("a = 1\nb = = 2\n")
        self.assertEqual((error["code"], error["line"]), ("code_error", 2))
        self.assertRegex(error["message"], r"^SyntaxError: invalid syntax.* \(line 2: b = = 2\)$")

    def test_bad_indentation_is_an_error_with_its_line(self):
        error = error_of("if 1:\nprint(2)")
        self.assertEqual((error["code"], error["line"]), ("code_error", 2))

    def test_a_statement_out_of_place_is_an_error_with_its_line(self):
        for code, line in (("a = 1\nreturn a", 2), ("break", 1), ("\n\nyield 1", 3), ("def f():\n    nonlocal x", 2), ("def f(a, a): pass", 1)):
            with self.subTest(code):
                error = error_of(code)
                self.assertEqual((error["code"], error["line"]), ("code_error", line))

    def test_a_step_that_is_refused_leaves_the_session_as_it_was(self):
        steps = Steps()
        steps.output("a = 1")
        steps.error("a = 2\nopen")
        self.assertEqual(steps.output("print(a)"), "1\n")


if __name__ == "__main__":
    unittest.main()
