"""reading: list_files, read_file, peek, slice_text, and chunks that know where they come from."""

import random
import unittest
from unittest import mock

from harness import Steps, make_snapshot, output_of

import reading
from reading import reading_functions

FILES = {"a.txt": "one\ntwo\nthree\n", "b/ä.md": "ä€😀" * 50, "empty": b""}


def functions(files=FILES, first_lines=None):
    return reading_functions(make_snapshot(files, first_lines))


class Files(unittest.TestCase):
    def test_all_documents_are_listed_in_their_order(self):
        self.assertEqual(functions()["list_files"](), ["a.txt", "b/ä.md", "empty"])

    def test_the_list_is_the_caller_s_own(self):
        list_files = functions()["list_files"]
        list_files().clear()
        self.assertEqual(len(list_files()), 3)

    def test_a_document_or_some_of_its_lines_are_read(self):
        read_file = functions()["read_file"]
        cases = [
            (("a.txt",), "one\ntwo\nthree"), (("a.txt", 2), "two\nthree"), (("a.txt", 2, 2), "two"), (("a.txt", 1, 2), "one\ntwo"), (("a.txt", 3, 99), "three"), (("a.txt", 4), ""), (("a.txt", 99, 100), ""),
            (("a.txt", 3, 2), ""), (("a.txt", -5, 1), "one"), (("a.txt", 0, 0), ""), (("a.txt", 2.0, 3.9), "two\nthree"), (("a.txt", "2", "2"), "two"), (("a.txt", True, 1), "one"), (("empty",), ""), (("empty", 1, 5), ""),
        ]  # fmt: skip
        for args, text in cases:
            with self.subTest(args):
                self.assertEqual(read_file(*args), text)

    def test_lines_of_a_part_keep_the_numbers_of_their_source(self):
        read_file = functions({"a.txt:10-12": "x\ny\nz\n"}, {"a.txt:10-12": 10})["read_file"]
        self.assertEqual([read_file("a.txt:10-12"), read_file("a.txt:10-12", 11, 11), read_file("a.txt:10-12", 1), read_file("a.txt:10-12", 1, 5)], ["x\ny\nz", "y", "x\ny\nz", ""])

    def test_an_unknown_document_is_told_with_near_names(self):
        for name in ("read_file", "peek"):
            with self.assertRaises(ValueError) as raised:
                functions()[name]("ä.md")
            self.assertEqual(str(raised.exception), "there is no document 'ä.md' (there is b/ä.md); list_files() names them")

    def test_the_beginning_of_a_document_is_peeked_at_in_characters(self):
        peek = functions()["peek"]
        self.assertEqual([peek("a.txt"), peek("a.txt", 5), peek("a.txt", 0), peek("empty"), peek("b/ä.md", 4), peek("b/ä.md", 151)], ["one\ntwo\nthree\n", "one\nt", "", "", "ä€😀ä", "ä€😀" * 50])
        for data in ("😀" * 99, "a😀" * 99, b"\xff" * 99, b"a\xf0\x9f\x98" * 99):
            held = make_snapshot({"x": data, "behind": "z" * 99})
            for count in range(30):
                self.assertEqual(reading_functions(held)["peek"]("x", count), held.text(held.documents["x"])[:count])

    def test_a_text_is_sliced(self):
        slice_text = functions()["slice_text"]
        self.assertEqual([slice_text("abcdef"), slice_text("abcdef", 2), slice_text("abcdef", 1, 3), slice_text("abcdef", -2), slice_text("abcdef", 4, 99)], ["abcdef", "cdef", "bc", "ef", "ef"])

    def test_arguments_are_given_by_position_or_by_name(self):
        code = "print(read_file('a.txt', end_line=1), read_file(path='a.txt', start_line=3), peek(path='a.txt', n=2), slice_text(text='abc', end=1), len(chunks(text_or_path='a.txt', size=4, overlap=0)), len(grep('o', path='a.txt', max_matches=1, flags='i')))"
        self.assertEqual(output_of(code, FILES), "one three on a 4 1\n")


class ChunksOfATextOrADocument(unittest.TestCase):
    def test_pieces_are_at_most_as_long_as_asked_and_end_at_line_ends_in_their_second_half(self):
        chunks = functions({"x": "aaaa\nbbbb\ncccccccccccc\nd"})["chunks"]
        self.assertEqual(list(chunks("x", 10)), ["aaaa\nbbbb\n", "cccccccccc", "cc\nd"])
        self.assertEqual(list(chunks("x", 7)), ["aaaa\n", "bbbb\n", "ccccccc", "ccccc\nd"])

    def test_pieces_read_like_a_list(self):
        pieces = functions()["chunks"]("abcdefghij", 3)
        self.assertEqual((len(pieces), pieces[0], pieces[-1], pieces[1:3], list(pieces), pieces[::-1][0]), (4, "abc", "j", ["def", "ghi"], ["abc", "def", "ghi", "j"], "j"))
        self.assertEqual(repr(pieces), "<4 chunks>")
        for at in (4, -5):
            with self.assertRaisesRegex(IndexError, "^there are 4 chunks$"):
                pieces[at]

    def test_an_empty_text_or_document_has_no_pieces(self):
        chunks = functions()["chunks"]
        self.assertEqual([list(chunks("")), list(chunks("empty")), len(chunks("empty"))], [[], [], 0])

    def test_a_piece_knows_its_document_its_lines_and_its_number(self):
        chunks = functions({"x": "1\n2\n3\n4\n", "part": "a\nb\n"}, {"part": 50})["chunks"]
        self.assertEqual([(piece.path, piece.start_line, piece.end_line, piece.index) for piece in chunks("x", 4)], [("x", 1, 2, 0), ("x", 3, 4, 1)])
        self.assertEqual([(piece.start_line, piece.end_line) for piece in chunks("part", 2)], [(50, 50), (51, 51)])
        self.assertEqual([(piece.path, piece.start_line, piece.end_line, piece.index) for piece in chunks("some text", 5)], [(None, None, None, 0), (None, None, None, 1)])

    def test_a_piece_tells_where_it_is_from(self):
        chunks = functions({"x": "1\n2\n3\n"})["chunks"]
        self.assertEqual((repr(chunks("x", 4)[0]), chunks("x", 4)[0].place(), repr(chunks("abc", 2)[1]), chunks("abc", 2)[1].place()), ("<chunk 0: x:1-2, 4 characters>", "x:1-2", "<chunk 1: text, 1 characters>", "text"))

    def test_a_size_or_overlap_that_makes_no_sense_is_refused(self):
        for size, overlap in ((0, 0), (-1, 0), (5, 5), (5, 6), (5, -1), (0.5, 0)):
            with self.assertRaisesRegex(ValueError, "^chunks needs a size from 1 up and an overlap from 0 to size - 1$"):
                functions()["chunks"]("a.txt", size, overlap)

    def test_what_is_no_text_is_refused(self):
        for value in (5, None, b"bytes", ["a", "b"]):
            with self.assertRaisesRegex(TypeError, "^chunks takes a text, or the path of a document$"):
                functions()["chunks"](value)

    def test_a_piece_is_cut_again_as_a_text_and_copied_with_its_place(self):
        code = "import copy\np = chunks('a.txt', 8)[0]\nq = copy.copy(p)\nprint(list(chunks(p, 4)), q == p, q.path, q.start_line)"
        self.assertEqual(output_of(code, FILES), "[<chunk 0: text, 4 characters>, <chunk 1: text, 4 characters>] True a.txt 1\n")

    def test_nothing_but_what_they_are_is_read_from_pieces(self):
        for name in ("_read", "_cuts", "_span", "_make"):
            for value in ("chunks('a.txt', 8)", "chunks('a.txt', 8)[0]"):
                self.assertIsNotNone(Steps(FILES).run("%s.%s" % (value, name))["error"], name)

    def test_pieces_are_strings_for_every_use(self):
        self.assertEqual(output_of("p = chunks('a.txt', 8)[0]\nprint(p.upper()[:3], len(p), p + 'x' == 'one\\ntwo\\nx', 'two' in p, isinstance(p, str), p.split()[0], {p: 1}['one\\ntwo\\n'], sorted(chunks('ba', 1))[0])", FILES), "ONE 8 True True True one 1 a\n")


TEXT_PIECES = ["a", "b", "\n", "\n", "\r\n", "ä", "€", "😀", "words and words", "\u2028", "\0"]
BYTE_PIECES = [piece.encode() for piece in TEXT_PIECES] + [b"\xff", b"\xc3", b"\xe2\x82", b"\xf0\x9f", b"\xed\xa0\x80", b"\x80"]


class AnyText(unittest.TestCase):
    """Properties over random texts. The window of 1 MiB in which a document is cut is made small, so that its edges are met."""

    def setUp(self):
        self.seed = random.randrange(1 << 32)
        self.source = random.Random(self.seed)
        patch = mock.patch.object(reading, "PIECE", 1)
        patch.start()
        self.addCleanup(patch.stop)

    def random_bytes(self, pieces):
        return b"".join(self.source.choice(pieces) for _ in range(self.source.randrange(80)))

    def check(self, data, size):
        """The pieces of `data` joined are its text, each has its lines and bytes, none is too long."""
        held = make_snapshot({"before": b"x\n", "doc": data, "behind": b"y"})
        pieces = reading_functions(held)["chunks"]("doc", size)
        case = "%r in pieces of %d, seed %d" % (data, size, self.seed)
        text = held.text(held.documents["doc"])
        self.assertTrue("".join(pieces) == text, case)
        behind = 0
        for piece in pieces:
            name, first, end = piece._span
            self.assertEqual((name, first), ("doc", behind), case)
            self.assertTrue(data[first:end].decode("utf-8", "replace") == piece, case)
            self.assertEqual((piece.start_line, piece.end_line), (1 + data.count(b"\n", 0, first), 1 + data.count(b"\n", 0, end - 1)), case)
            self.assertTrue(0 < len(piece) <= size, case)
            behind = end
        self.assertEqual(behind, len(data), case)

    def test_pieces_of_a_document_joined_give_its_text_back(self):
        for _ in range(400):
            self.check(self.random_bytes(BYTE_PIECES[: len(TEXT_PIECES)]), self.source.randrange(1, 30))

    def test_pieces_of_a_document_with_invalid_bytes_joined_give_its_text_back(self):
        for _ in range(400):
            self.check(self.random_bytes(BYTE_PIECES), self.source.randrange(1, 30))

    def test_a_character_at_the_edge_of_the_window_is_not_torn(self):
        for size in range(1, 6):
            for lead in range(40):
                self.check(b"a" * lead + "😀€ä".encode() * 8, size)

    def test_pieces_of_a_text_joined_give_it_back(self):
        for _ in range(400):
            text = self.random_bytes(BYTE_PIECES).decode("utf-8", "replace")
            size = self.source.randrange(1, 30)
            pieces = list(functions()["chunks"](text, size))
            self.assertEqual("".join(pieces), text, "seed %d" % self.seed)
            self.assertTrue(all(0 < len(piece) <= size for piece in pieces))

    def test_pieces_that_overlap_repeat_so_many_characters_and_lose_none(self):
        for _ in range(400):
            text = self.random_bytes(BYTE_PIECES[: len(TEXT_PIECES)]).decode()
            size = self.source.randrange(2, 30)
            overlap = self.source.randrange(1, size)
            for cut in ("doc", text):
                pieces = list(functions({"doc": text})["chunks"](cut, size, overlap))
                joined = pieces[0] if pieces else ""
                for before, piece in zip(pieces, pieces[1:]):
                    shared = min(overlap, len(before) - 1)
                    self.assertTrue(piece[:shared] == before[len(before) - shared :], "%a %d %d seed %d" % (text, size, overlap, self.seed))
                    joined += piece[shared:]
                self.assertTrue(joined == text, "%a %d %d seed %d" % (text, size, overlap, self.seed))

    def test_a_document_and_its_text_are_cut_alike(self):
        for _ in range(200):
            text = self.random_bytes(BYTE_PIECES[: len(TEXT_PIECES)]).decode()
            size = self.source.randrange(1, 30)
            chunks = functions({"doc": text})["chunks"]
            self.assertTrue(list(chunks("doc", size)) == list(chunks(text, size)), "%a %d seed %d" % (text, size, self.seed))


class LargeDocuments(unittest.TestCase):
    def test_a_character_at_the_edge_of_the_first_mebibyte_is_not_torn(self):
        data = b"a" * 1_048_573 + "😀".encode() + b"b" * 50_000
        steps = Steps({"doc": data})
        self.assertEqual(steps.output("print(''.join(chunks('doc', 13981)) == CONTEXT['doc'])"), "True\n")

    def test_many_lines_are_cut_without_a_loss(self):
        data = "".join("line %d ä\n" % number for number in range(120_000))
        steps = Steps({"doc": data})
        self.assertEqual(steps.output("p = chunks('doc', 20_000)\nprint(''.join(p) == CONTEXT['doc'], p[-1].end_line, max(map(len, p)) <= 20_000, p[3].start_line == p[2].end_line + 1)"), "True 120000 True True\n")


if __name__ == "__main__":
    unittest.main()
