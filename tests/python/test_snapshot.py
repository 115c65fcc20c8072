"""snapshot: documents in one mapped pack, decoded when they are read; CONTEXT as a mapping."""

import random
import re
import unittest

from harness import Steps, make_snapshot, output_of

import snapshot
from snapshot import LINE_STRIDE, PIECE, Context

TEXTS = {
    "plain": b"one\ntwo\n", "no end": b"one\ntwo", "empty": b"", "only a line end": b"\n", "blank lines": b"\n\n\n", "crlf": b"a\r\nb\r\n",
    "lone cr": b"a\rb\rc", "mixed": b"a\r\nb\nc\r", "utf-8": "ä\n€\n😀\n".encode(), "bom": b"\xef\xbb\xbfa\n", "nul": b"a\0b\n",
    "invalid": b"a\xffb\xc3\n\xe2\x82\n\xf0\x9f\x98", "surrogates": b"\xed\xa0\x80\n", "overlong": b"\xc0\xaf\n", "backslashes": b"\\n \\u0041 \\\\\n", "controls": bytes(range(1, 32)),
}  # fmt: skip


def lines_of(data):
    """The lines of a text with their ends: each ends with "\\n", text behind the last one is a line too."""
    return [line for line in re.split("(?<=\n)", data.decode("utf-8", "replace")) if line]


class Texts(unittest.TestCase):
    def test_every_text_is_what_its_bytes_say_with_invalid_ones_replaced(self):
        held = make_snapshot(TEXTS)
        for name, data in TEXTS.items():
            with self.subTest(name):
                self.assertEqual(held.text(held.documents[name]), data.decode("utf-8", "replace"))

    def test_documents_do_not_run_into_each_other(self):
        held = make_snapshot({"a": b"x\xc3", "b": b"\xa4y", "c": "€"})
        self.assertEqual([held.text(held.documents[name]) for name in "abc"], ["x\ufffd", "\ufffdy", "€"])

    def test_a_pack_without_a_byte_is_read(self):
        held = make_snapshot({"a": b"", "b": b""})
        self.assertEqual([held.text(held.documents[name]) for name in "ab"], ["", ""])
        self.assertEqual(make_snapshot({}).documents, {})

    def test_a_large_text_is_decoded_in_pieces_to_the_same_text(self):
        for data in (("aä€😀" * 600_000).encode(), b"\xe2\x82" * 3_000_000, b"x" * (PIECE - 1) + "😀".encode() + b"y" * 4 * PIECE, b"z" * 4 * PIECE + b"\xf0\x9f\x98", b"\xff" * (4 * PIECE + 3)):
            held = make_snapshot({"a": b"before", "b": data, "c": b"behind"})
            self.assertTrue(held.text(held.documents["b"]) == data.decode("utf-8", "replace"), data[:20])

    def test_small_texts_are_decoded_once_and_large_ones_are_not_kept(self):
        held = make_snapshot({"a": "ä" * 100, "b": b"y" * (snapshot.CACHE_CHARS + 1)})
        self.assertIs(held.text(held.documents["a"]), held.text(held.documents["a"]))
        self.assertIsNot(held.text(held.documents["b"]), held.text(held.documents["b"]))


class Lines(unittest.TestCase):
    def test_lines_are_read_by_their_numbers_without_the_last_line_end(self):
        for name, data in TEXTS.items():
            held, lines = make_snapshot({name: data}), lines_of(data)
            document = held.documents[name]
            for start in range(-1, len(lines) + 3):
                for end in range(-1, len(lines) + 3):
                    chosen = "".join(lines[max(0, start - 1) : max(0, end)])
                    chosen = re.sub("\r?\n\\Z", "", chosen)
                    with self.subTest(name, start=start, end=end):
                        self.assertEqual(held.lines(document, start, end), chosen)

    def test_lines_beyond_the_first_thousand_are_found(self):
        count = 3 * LINE_STRIDE + 5
        data = "".join("line %d ä\n" % number for number in range(1, count + 1))
        held = make_snapshot({"before": "x\n" * 5000, "a": data})
        document = held.documents["a"]
        for number in (1, 2, LINE_STRIDE - 1, LINE_STRIDE, LINE_STRIDE + 1, LINE_STRIDE + 2, 2 * LINE_STRIDE, 2 * LINE_STRIDE + 1, count - 1, count):
            with self.subTest(number):
                self.assertEqual(held.lines(document, number, number), "line %d ä" % number)
                self.assertEqual(held.line_at(document, held.line_offset(document, number - 1)), number - 1)
        self.assertEqual(held.lines(document, count + 1, count + 9), "")

    def test_a_part_of_a_document_keeps_the_numbers_of_its_source(self):
        held = make_snapshot({"a.txt:41-43": "x\ny\nz\n"}, {"a.txt:41-43": 41})
        document = held.documents["a.txt:41-43"]
        self.assertEqual([held.lines(document, 41, 41), held.lines(document, 42, 43), held.lines(document, 1, 41), held.lines(document, 44, 50), held.lines(document, 1, 5)], ["x", "y\nz", "x", "", ""])

    def test_the_line_of_every_byte_is_found(self):
        data = b"a\n\n" * (2 * LINE_STRIDE) + b"end"
        held = make_snapshot({"before": b"x\n\n", "a": data})
        document = held.documents["a"]
        for offset in [*range(20), *range(3060, 3090), *range(6130, len(data))]:
            self.assertEqual(held.line_at(document, offset), data.count(b"\n", 0, offset), offset)


class Names(unittest.TestCase):
    def test_an_unknown_name_is_told_with_the_nearest_ones(self):
        held = make_snapshot({"src/a.txt": "", "lib/A.TXT": "", "src/other.py": "", "d/a.txt": "", "e/a.txt": ""})
        for name, near in (("a.txt", " (there is src/a.txt, lib/A.TXT, d/a.txt)"), ("x/other.py", " (there is src/other.py)"), ("oth", " (there is src/other.py)"), ("nosuch", ""), ("", ""), ("src/", "")):
            with self.assertRaises(ValueError) as raised:
                held.find(name)
            self.assertEqual(str(raised.exception), "there is no document %r%s; list_files() names them" % (name, near))

    def test_what_is_no_text_is_no_name(self):
        held = make_snapshot({"a": ""})
        for name in (None, 1, b"a", ["a"]):
            with self.assertRaisesRegex(ValueError, "^there is no document "):
                held.find(name)

    def test_a_name_may_be_any_text(self):
        names = ["", " ", "a b", "ä/€", "__proto__", "x\ny", "$span", "a:1-2", "../../etc/passwd", "/abs"]
        held = make_snapshot({name: name + "!" for name in names})
        self.assertEqual([held.text(held.find(name)) for name in names], [name + "!" for name in names])


class ContextMapping(unittest.TestCase):
    FILES = {"a.txt": "one\n", "b.txt": "zwei ä\n", "c.txt": ""}

    def test_it_reads_like_a_dict_of_all_texts(self):
        cases = context_cases(self.FILES)
        wrong = []
        for code, value in cases.items():
            done = Steps(self.FILES).run("import json\nprint(ascii(%s))" % code)
            if done["output"] != ascii(value) + "\n":
                wrong.append((code, done["output"] or done["error"]["message"]))
        self.assertEqual(wrong, [])

    def test_a_missing_name_is_a_key_error(self):
        self.assertEqual(output_of("try: CONTEXT['x']\nexcept KeyError: print('missing')", self.FILES), "missing\n")

    def test_it_cannot_be_changed(self):
        for code in ("CONTEXT['a.txt'] = 1", "del CONTEXT['a.txt']", "CONTEXT.pop('a.txt')", "CONTEXT.popitem()", "CONTEXT.clear()", "CONTEXT.update(a=1)", "CONTEXT.setdefault('a.txt', 1)"):
            done = Steps(self.FILES).run(code)
            with self.subTest(code):
                self.assertEqual(done["error"]["message"].split("\n")[0], "TypeError: CONTEXT is read-only; copy what you want to change: dict(CONTEXT)")

    def test_no_method_of_a_dict_s_class_changes_it_in_this_step_or_a_later_one(self):
        """By their names, of every kind of dict that code can name."""
        steps = Steps(self.FILES)
        steps.output("import json\nfrom collections import ChainMap, Counter, OrderedDict, defaultdict\nkept = CONTEXT")
        ways = ["update(C, {'a.txt': 'forged'})", "update(C, x='forged')", "pop(C, 'a.txt')", "popitem(C)", "clear(C)", "setdefault(C, 'x', 'forged')", "move_to_end(C, 'a.txt')", "subtract(C, {'a.txt': 1})"]
        for kind in ("dict", "OrderedDict", "defaultdict", "Counter", "ChainMap", "type({})"):
            for way in ways:
                for held in ("CONTEXT", "kept"):
                    steps.run("%s.%s" % (kind, way.replace("C", held, 1)))
                    for name in ("kept", "CONTEXT"):
                        printed = steps.run("print(len(NAME), 'x' in NAME, json.loads(json.dumps({'a': NAME}))['a'] == dict(NAME) == {**NAME}, list(NAME), NAME['a.txt'])".replace("NAME", name))["output"]
                        self.assertEqual(printed, "3 False True ['a.txt', 'b.txt', 'c.txt'] one\n\n", (kind, way, held, name))

    def test_a_text_is_decoded_only_when_it_is_read(self):
        held = make_snapshot({"a": "x", "b": "y"})
        mapping = Context(held)
        self.assertEqual((list(mapping), held._cache), (["a", "b"], {}))
        mapping["b"]
        self.assertEqual(held._cache, {"b": "y"})


class ContextText(unittest.TestCase):
    def test_context_is_the_text_of_the_only_document(self):
        self.assertEqual(output_of("print(context)", {"notes.md": "only"}), "only\n")

    def test_it_is_the_document_that_is_called_so(self):
        for name in ("context", "context.txt"):
            self.assertEqual(output_of("print(context)", {"a": "x", name: "this"}), "this\n")

    def test_with_several_documents_it_is_an_error_that_names_the_way(self):
        error = Steps({"a": "x", "b": "y"}).error("y = 1\nprint(context)")
        self.assertEqual(error["message"].split("\n")[0], "NameError: context is the text of the only document; here are 2, use CONTEXT[path]")

    def test_that_error_has_the_line_that_names_it_and_what_stands_before_it_has_run(self):
        done = Steps({"a": "x", "b": "y"}).run("print('before')\nprint(context)")
        self.assertEqual((done["output"], done["error"]["line"]), ("before\n", 2))

    def test_the_code_may_call_its_own_things_context(self):
        wrong = []
        for code in ("def f(context): return context\nprint(f('own'))", "for context in ['own']: print(context)", "context = 'own'\nprint(context)", "print([context for context in ['own']][0])", "def f():\n    context = 'own'\n    return context\nprint(f())", "f = lambda context: context\nprint(f('own'))"):
            for files in ({"a": "x", "b": "y"}, {"a": "x"}):
                if Steps(files).run(code)["output"] != "own\n":
                    wrong.append(code)
        self.assertEqual(wrong, [])

    def test_a_variable_of_that_name_is_kept_for_the_next_step(self):
        for files in ({"a": "x", "b": "y"}, {"a": "x"}):
            steps = Steps(files)
            steps.output("context = 'own'")
            self.assertEqual(steps.output("print(context)"), "own\n")


def random_text(source):
    pieces = [b"a", b"\n", b"\r\n", b"\r", "ä".encode(), "€".encode(), "😀".encode(), b"\xff", b"\xc3", b"\xe2\x82", b"\xf0\x9f", b"\xed\xa0\x80", b"longer words here", b"\0"]
    return b"".join(source.choice(pieces) for _ in range(source.randrange(60)))


class AnyText(unittest.TestCase):
    def test_any_bytes_are_read_as_python_decodes_them(self):
        seed = random.randrange(1 << 32)
        source = random.Random(seed)
        for _ in range(300):
            files = {str(number): random_text(source) for number in range(3)}
            held = make_snapshot(files)
            for name, data in files.items():
                self.assertEqual(held.text(held.documents[name]), data.decode("utf-8", "replace"), "seed %d" % seed)


def context_cases(files):
    return {
        "CONTEXT['b.txt']": "zwei ä\n", "len(CONTEXT)": 3, "bool(CONTEXT)": True, "'a.txt' in CONTEXT": True, "'x' in CONTEXT": False,
        "list(CONTEXT)": list(files), "sorted(CONTEXT)": sorted(files), "sorted(CONTEXT.keys())": sorted(files), "list(reversed(CONTEXT))": [*files][::-1],
        "CONTEXT.get('a.txt')": "one\n", "CONTEXT.get('x')": None, "CONTEXT.get('x', 5)": 5, "next(iter(CONTEXT))": "a.txt",
        "list(CONTEXT.values())": list(files.values()), "list(CONTEXT.items())": list(files.items()), "dict(CONTEXT)": files,
        "{**CONTEXT}": files, "CONTEXT.copy()": files, "CONTEXT != {}": True, "CONTEXT != dict(CONTEXT)": False, "CONTEXT == 5": False, "CONTEXT | {'d': 1}": {**files, "d": 1}, "{'d': 1} | CONTEXT": {"d": 1, **files},
        "{p: len(t) for p, t in CONTEXT.items()}": {"a.txt": 4, "b.txt": 7, "c.txt": 0}, "isinstance(CONTEXT, dict)": True,
        "max(CONTEXT, key=lambda p: len(CONTEXT[p]))": "b.txt", "CONTEXT == dict(CONTEXT)": True, "(lambda **f: f)(**{'a': CONTEXT['a.txt']})": {"a": "one\n"},
        "''.join(CONTEXT.values())": "one\nzwei ä\n", "json.loads(json.dumps(CONTEXT))": files, "json.loads(json.dumps(CONTEXT, indent=1))": files,
        "len(CONTEXT.keys())": 3, "len(CONTEXT.values())": 3, "len(CONTEXT.items())": 3, "CONTEXT.keys() & {'a.txt', 'x'}": {"a.txt"},
        "repr(CONTEXT)": "<CONTEXT: 3 documents>", "str(CONTEXT.keys())": "dict_keys(['a.txt', 'b.txt', 'c.txt'])", "json.loads(json.dumps([{'c': CONTEXT}], sort_keys=True))": [{"c": files}],
    }  # fmt: skip


if __name__ == "__main__":
    unittest.main()
