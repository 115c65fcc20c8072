"""grep: the lines that match a regular expression, as a search line by line would find them."""

import random
import re
import time
import unittest
import warnings
from unittest import mock

from harness import Steps, make_snapshot, output_of

import grep as grep_module
import patterns
from grep import SNIPPET_CHARS, grep_function

FILES = {"a.txt": "alpha 1\nbeta 22\nGamma\n", "b.txt": "nothing\r\nbeta here\r\n", "sub/c.txt": "no line end: beta"}


def grep(files=FILES, first_lines=None):
    return grep_function(make_snapshot(files, first_lines))


def places(hits):
    return [(hit["path"], hit["start_line"]) for hit in hits]


def naive(data, pattern, options):
    """(line number, line) of every matching line: split, then searched one by one."""
    lines = data.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    regex = re.compile(pattern, options)
    return [(number, line) for number, line in enumerate(lines, 1) if regex.search(line)]


class Hits(unittest.TestCase):
    def test_a_hit_has_its_document_its_line_a_signal_and_the_line_s_text(self):
        self.assertEqual(grep()(r"\bbeta\b", "a.txt"), [{"path": "a.txt", "start_line": 2, "end_line": 2, "signal": "regex_match", "snippet": "beta 22"}])

    def test_all_documents_are_searched_in_their_order(self):
        self.assertEqual(places(grep()("beta")), [("a.txt", 2), ("b.txt", 2), ("sub/c.txt", 1)])

    def test_a_line_is_one_hit_however_often_it_matches(self):
        self.assertEqual(places(grep({"x": "aaa\na a\nb\n"})("a")), [("x", 1), ("x", 2)])

    def test_hits_are_limited(self):
        held = grep({"x": "a\n" * 100, "y": "a\n" * 100})
        self.assertEqual([len(held("a")), len(held("a", max_matches=150)), len(held("a", max_matches=1)), held("a", max_matches=0), held("a", None, -1), len(held("a", "x", 1000))], [80, 150, 1, [], [], 100])
        self.assertEqual(places(held("a", max_matches=101))[-1], ("y", 1))

    def test_lines_of_a_part_have_the_numbers_of_their_source(self):
        self.assertEqual(places(grep({"a:20-22": "x\nhit\nx\n"}, {"a:20-22": 20})("hit")), [("a:20-22", 21)])

    def test_a_snippet_shows_the_match_in_a_long_line(self):
        line = "x" * 10_000 + " needle " + "y" * 10_000
        hit = grep({"x": "one\n" + line + "\n"})("needle")[0]
        self.assertEqual((hit["start_line"], len(hit["snippet"])), (2, SNIPPET_CHARS))
        self.assertIn("needle", hit["snippet"])
        self.assertEqual(len(grep({"x": line})("^x")[0]["snippet"]), SNIPPET_CHARS)

    def test_white_space_around_a_snippet_is_left_out(self):
        self.assertEqual(grep({"x": "  \tdeep\t \n"})("deep")[0]["snippet"], "deep")

    def test_a_line_without_a_line_end_is_a_line(self):
        self.assertEqual(places(grep({"x": "a\nb"})("b$")), [("x", 2)])

    def test_empty_lines_match_what_is_empty_and_no_line_is_invented(self):
        self.assertEqual(places(grep({"x": "\n\na\n"})("^$")), [("x", 1), ("x", 2)])
        self.assertEqual(places(grep({"x": "a\n"})("^$")), [])
        self.assertEqual(places(grep({"x": "", "y": "a"})("")), [("y", 1)])

    def test_carriage_returns_before_line_ends_are_no_part_of_a_line(self):
        self.assertEqual(places(grep({"x": "a\r\nb\r\n"})("b$")), [("x", 2)])
        self.assertEqual(grep({"x": "a\r\n"})("a.?")[0]["snippet"], "a")


class Arguments(unittest.TestCase):
    def test_flags_are_letters(self):
        held = grep({"x": "Alpha\nbeta ä\n"})
        cases = [("alpha", "i", 1), ("alpha", "", 0), ("a l p h a", "xi", 1), (r"\W$", "a", 1), (r"\W$", "", 0), ("^b", "m", 1), ("A.p", "s", 1), ("alpha", "iu", 1), ("alpha", "ims", 1)]
        for pattern, flags, count in cases:
            with self.subTest(pattern, flags=flags):
                self.assertEqual(len(held(pattern, flags=flags)), count)

    def test_an_unknown_flag_is_refused_with_those_there_are(self):
        with self.assertRaises(ValueError) as raised:
            grep()("a", flags="iz")
        self.assertEqual(str(raised.exception), "grep has no flag 'z'; there are i, m, s, x, a")

    def test_flags_of_the_re_module_are_taken(self):
        self.assertEqual(output_of("import re\nprint(len(grep('BETA', flags=re.I)), len(grep('BETA', flags=re.IGNORECASE | re.ASCII)), len(grep('BETA', flags=0)))", FILES), "3 3 0\n")

    def test_a_compiled_pattern_is_searched_with_its_flags(self):
        self.assertEqual(output_of("import re\nprint(len(grep(re.compile('BETA', re.I))), len(grep(re.compile('BETA'), flags='i')), len(grep(re.compile('b e t a', re.X))), len(grep(re.compile('BETA'))))", FILES), "3 3 3 0\n")

    def test_inline_flags_are_searched_with(self):
        self.assertEqual([len(grep()(pattern)) for pattern in ("(?i)BETA", "(?i:BETA)", "(?x) b e t a", "(?#note)beta")], [3, 3, 3, 3])

    def test_a_bad_pattern_is_an_error_of_the_code(self):
        error = Steps(FILES).error("grep('(')")
        self.assertEqual(error["code"], "code_error")
        self.assertIn("missing ), unterminated subpattern at position 0", error["message"])

    def test_a_pattern_of_bytes_or_of_no_kind_is_an_error_of_the_code(self):
        for pattern in ("b'a'", "5", "None", "['a']"):
            self.assertTrue(Steps(FILES).error("grep(%s)" % pattern)["message"].startswith(("TypeError", "AttributeError")), pattern)

    def test_an_unknown_document_is_told_with_near_names(self):
        with self.assertRaises(ValueError) as raised:
            grep()("a", "c.txt")
        self.assertEqual(str(raised.exception), "there is no document 'c.txt' (there is sub/c.txt); list_files() names them")


class LargeDocuments(unittest.TestCase):
    def test_lines_of_a_document_of_several_windows_have_their_numbers(self):
        data = "".join("line %d %s\n" % (number, "needle" if number % 9000 == 0 else "hay ä") for number in range(1, 100_001))
        hits = grep({"before": "x\n", "x": data})("needle", max_matches=1000)
        self.assertEqual(places(hits), [("x", number) for number in range(9000, 100_001, 9000)])

    def test_a_line_longer_than_a_window_is_one_line(self):
        data = "a\n" + "b" * (3 << 20) + "needle\n" + "c" * (2 << 20)
        self.assertEqual([places(grep({"x": data})(pattern)) for pattern in ("needle", "^c", "b$", "^a", "needle$")], [[("x", 2)], [("x", 3)], [], [("x", 1)], [("x", 2)]])

    def test_invalid_bytes_are_searched_as_they_are_shown(self):
        self.assertEqual(places(grep({"x": b"a\xffb\n\xe2\x82\nc\xc3"})("\ufffd")), [("x", 1), ("x", 2), ("x", 3)])


class FastPath(unittest.TestCase):
    """Patterns that are searched for over many lines at once give what the search line by line gives."""

    LINES = "abc\n[x] a-b\n\nfoo(bar) 12,5\n  indented\ttab\nend.\n\x0bvertical\nB C\n-dash\n]bracket\na\nb\n\\back\n^caret\nA1_b2\n".encode()
    # patterns that models write, and those that are easily rewritten wrongly
    PATTERNS = [
        r"abc", r"^abc$", r"\w+", r"\W", r"^\W", r"\D+", r"\S$", r"\s", r"^\s*$", r"\s+$", r"a\s*b", r"[^a]", r"[^a-z]", r"[^\n]", r"[^\s]", r"[^\W]", r"[\s\S]", r"[\w.]+", r"a.b", r"a|b$", r"(a|^)b", r".*", r"x*", r"$", r"^", r"\b\d+\b", r"\B",
        r"[^]]", r"\[[^]]*\]", r"\[[^]]+\]", r"[]]", r"[]a]", r"[^]a]+$", r"[^-]", r"[^-,]", r"[^-a]", r"[^-\s]", r"[^-\w]", r"^[^-\s]+$", r"[-a]", r"[a-]", r"[^a-]", r"[\]]", r"[^\]]+$", r"[\[\]]", r"[[]", r"[^[]+$", r"[\\]", r"[^\\]+$", r"[\^]", r"[^^]+$", r"[a^]",
        r"a[\b-z]b", r"[\t-z]+", r"c[\t-z]\[", r"[\x09-\x0b]", r"[!-~]+$", r"\x0a", r"\012", r"\n", r"a\nb", r"(?<!\S)a", r"(?<=a)b", r"(?<![^x])a", r"(?!\S)", r"(?!$)", r"(?=b)", r"a(?!\s)", r"a(?=\s|$)", r"(?:a)(b)?\1", r"(?P<n>a)(?P=n)?", r"\Aabc", r"c\Z",
        r"(?m)^b", r"(?s)a.b", r"(?i)ABC", r"a{2,3}|b{1}", r"a+?", r"(a)(?(1)-|x)", r"[0-9]+,[0-9]", r"\$|\.", r"'|\"", r"\(\w+\)", r"\t", r"[\t]", r"\v", r"[ä-ü]", r"[\d\-x]", r"[\w-]+$", r"[^\w-]", r"\0", r"\-", r"[^\t]+$", r"[^\d]+$", r"^[^\]-]+$", r"^[^\-\]]+$",
        r"\x61bc", r"\u0061bc", r"\N{LATIN SMALL LETTER A}bc", r"\141bc", r"x{0,100}", r"(?:a|b){0,20}$", r"[\n]abc", r"\nabc\n", r"(abc)?", r"(abc)", r"(?:abc|x)", r"(?i:ABC)", r"abc{0}", r"(?s:a.b)", r"(?-m:^b)", r"(?!abc)end", r"[\t-\n]",
    ]  # fmt: skip

    def check(self, data, pattern, flags, case):
        options = sum({"i": re.I, "m": re.M, "s": re.S, "a": re.A}[flag] for flag in flags)
        try:
            expected = [(number, line.strip()) for number, line in naive(data, pattern, options)]
        except re.error:
            expected = re.error
        try:
            found = [(hit["start_line"], hit["snippet"]) for hit in grep({"x": data})(pattern, flags=flags, max_matches=10_000)]
        except re.error:
            found = re.error
        if found != expected:
            self.wrong.append("%s: %s, not %s" % (case, found, expected))

    def setUp(self):
        self.wrong = []
        quiet = warnings.catch_warnings()
        quiet.__enter__()
        self.addCleanup(quiet.__exit__, None, None, None)
        warnings.simplefilter("ignore", FutureWarning)  # of "[[" and "--" in classes

    def test_every_kind_of_pattern_finds_what_the_search_line_by_line_finds(self):
        for pattern in self.PATTERNS:
            for flags in ("", "i", "a", "m", "s"):
                for data in (self.LINES, self.LINES.replace(b"\n", b"\r\n"), self.LINES[:-1]):
                    self.check(data, pattern, flags, "%s with %r" % (pattern, flags))
        self.assertEqual(sorted({case.split(" with ")[0] for case in self.wrong}), [])

    def test_patterns_and_texts_at_random_find_the_same(self):
        seed = random.randrange(1 << 32)
        source = random.Random(seed)
        atoms = ["a", "b", "ä", ".", r"\w", r"\W", r"\s", r"\S", r"\d", r"\D", r"\b", "^", "$", "[ab]", "[^a]", r"[^\s]", r"[\w ]", "[a-c]", r"\.", "-", " ", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", r"\t"]
        letters = ["a", "b", "c", "ä", " ", "-", ".", "1", "\t", "\n", "\n", "\r\n", "\r", "\x0b", "\u2028", "\x85"]
        with mock.patch.object(grep_module, "WINDOW", 16):
            for _ in range(1500):
                parts = [source.choice(atoms) + source.choice(["", "", "", "*", "+", "?"]) for _ in range(source.randrange(1, 5))]
                pattern = source.choice(["%s", "%s", "(%s)", "%s|b"]) % "".join(parts)
                data = "".join(source.choice(letters) for _ in range(source.randrange(50))).encode()
                self.check(data, pattern, source.choice(["", "", "i", "a", "m"]), "%r in %r seed %d" % (pattern, data, seed))
        self.assertEqual(self.wrong[:3], [])

    def test_character_classes_at_random_find_the_same(self):
        seed = random.randrange(1 << 32)
        source = random.Random(seed)
        members = ["a", "b", "-", "]", "^", ".", ",", " ", "[", r"\]", r"\-", r"\\", r"\s", r"\w", r"\d", r"\W", r"\S", r"\D", r"\t", "0-9", "a-z", "!-/", r"\n", r"\b"]
        for _ in range(1500):
            inside = "".join(source.choice(members) for _ in range(source.randrange(1, 5)))
            pattern = source.choice(["[%s]", "[^%s]", "^[^%s]+$", r"a[%s]b", "[^%s]b"]) % inside
            self.check(self.LINES, pattern, "", "%r seed %d" % (pattern, seed))
        self.assertEqual(self.wrong[:3], [])

    def test_plain_patterns_do_take_the_fast_path(self):
        for pattern in ("needle", r"^\s*def (\w+)\(", r"code=\d{3}", r"[^a-z]x", r"a|b", r"\berror\b.*timeout"):
            self.assertIsNotNone(patterns.compile_within_lines(re, patterns.parse(re, pattern, 0)), pattern)

    def test_a_search_of_many_lines_ends_in_time(self):
        began = time.monotonic()
        self.assertEqual(len(grep({"x": "some words in a line\n" * 200_000})("needle")), 0)
        self.assertLess(time.monotonic() - began, 20)


if __name__ == "__main__":
    unittest.main()
