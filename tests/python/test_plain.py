"""plain: values that leave the sandbox, copied by exact type and within bounds."""

import collections
import datetime
import decimal
import enum
import math
import types
import unittest

from harness import Steps, make_snapshot
from loud import LOUD, LoudDict, LoudFloat, LoudInt, LoudList, LoudText, LoudTuple

import reading
from plain import MAX_CHARS, MAX_DEPTH, MAX_NODES, MAX_SAFE_INTEGER, to_plain
from reading import reading_functions, span_of

def plain(value):
    return to_plain(value, span_of)


class ExactTypes(unittest.TestCase):
    def test_values_of_the_kinds_of_json_leave_as_they_are(self):
        for value in (None, True, False, 0, -5, 1.5, -0.0, 1e300, "", "ä\n\0\u2028😀", "\ud800", [], {}, [1, [2, {"a": [None]}]], {"a": {"b": []}}):
            copy = plain(value)
            self.assertEqual(copy, value)
            self.assertIs(type(copy), type(value))

    def test_tuples_and_sets_become_lists(self):
        self.assertEqual(plain((1, (2,))), [1, [2]])
        self.assertEqual(sorted(plain({1, 2})), [1, 2])
        self.assertEqual(plain(frozenset({1})), [1])

    def test_what_leaves_is_a_copy(self):
        value = [[1]]
        copy = plain(value)
        value[0].append(2)
        self.assertEqual(copy, [[1]])

    def test_subclasses_leave_by_their_base_s_own_methods(self):
        del LOUD[:]
        Point = collections.namedtuple("Point", "x y")
        Colour = enum.IntEnum("Colour", "RED")
        Kind = enum.Enum("Kind", {"A": "a"}, type=str)
        cases = [
            (LoudText("quiet"), "quiet"), (LoudList([1, 2]), [1, 2]), (LoudTuple((1, 2)), [1, 2]), (LoudInt(5), 5), (LoudFloat(1.5), 1.5),
            (Point(1, 2), [1, 2]), (collections.Counter("aab"), {"a": 2, "b": 1}), (collections.defaultdict(list, a=[1]), {"a": [1]}), (Colour.RED, 1), (Kind.A, "a"),
            ({LoudText("k"): LoudText("v")}, {"k": "v"}), ([LoudInt(7)], [7]),
        ]  # fmt: skip
        for value, copied in cases:
            with self.subTest(type(value).__name__):
                copy = plain(value)
                self.assertEqual(repr(copy), repr(copied))
        self.assertEqual(LOUD, [])

    def test_a_dict_of_the_session_s_own_kind_runs_no_method_of_it(self):
        del LOUD[:]
        try:
            copy = plain(LoudDict(a=1))
        except KeyError:
            copy = "its own keys() were asked"
        self.assertEqual((copy, LOUD), ({"a": 1}, []))

    def test_an_ordered_dict_keeps_its_order(self):
        value = collections.OrderedDict(a=1, b=2)
        value.move_to_end("a")
        self.assertEqual(list(plain(value)), ["b", "a"])

    def test_every_other_kind_is_refused_with_what_to_do(self):
        kinds = [object(), b"a", bytearray(b"a"), decimal.Decimal(1), datetime.date(2024, 1, 1), 1j, range(3), (x for x in "a"), len, int, types.SimpleNamespace(), collections.deque(), {}.keys()]
        for value in kinds:
            with self.subTest(type(value).__name__), self.assertRaises(TypeError) as raised:
                plain([value])
            self.assertEqual(str(raised.exception), "a value of type %s cannot leave the sandbox; convert it with str() or to a dict" % type(value).__name__)


class Numbers(unittest.TestCase):
    def test_integers_that_json_readers_would_round_become_texts(self):
        for value in (MAX_SAFE_INTEGER, -MAX_SAFE_INTEGER):
            self.assertEqual(plain(value), value)
        for value in (MAX_SAFE_INTEGER + 1, -MAX_SAFE_INTEGER - 1, 10**30):
            self.assertEqual(plain(value), str(value))

    def test_integers_are_limited(self):
        self.assertEqual(plain(2**4096 - 1), str(2**4096 - 1))
        with self.assertRaisesRegex(ValueError, "^the integer is too large to leave the sandbox$"):
            plain(2**4096)

    def test_nan_and_the_infinities_become_texts(self):
        self.assertEqual([plain(value) for value in (math.nan, math.inf, -math.inf)], ["nan", "inf", "-inf"])


class Keys(unittest.TestCase):
    def test_keys_become_texts(self):
        self.assertEqual(plain({1: 1, 1.5: 2, None: 3, False: 4, ("a", 2, ("b",)): 5, "": 6}), {"1": 1, "1.5": 2, "None": 3, "False": 4, "a, 2, b": 5, "": 6})

    def test_keys_of_the_session_s_own_kinds_become_texts_by_no_method_of_theirs(self):
        del LOUD[:]
        self.assertEqual(plain({LoudInt(5): 1, LoudFloat(1.5): 2, LoudTuple(("a", 1)): 3, enum.IntEnum("Colour", "RED").RED: 4}), {"5": 1, "1.5": 2, "a, 1": 3, "1": 4})
        self.assertEqual(LOUD, [])

    def test_keys_are_bounded_like_values(self):
        nested, wide = (), ((),) * MAX_NODES
        for _ in range(MAX_DEPTH + 2):
            nested = (nested,)
        for key in (nested, wide, 2**4096, (2**4096,)):
            with self.assertRaises(ValueError):
                plain({key: 1})

    def test_other_keys_are_refused(self):
        for key in (b"a", datetime.date(2024, 1, 1), frozenset(), object(), (1, b"a")):
            with self.assertRaisesRegex(TypeError, "^a dict key of type (bytes|date|frozenset|object) cannot leave the sandbox; use str$"):
                plain({key: 1})

    def test_large_keys_count_like_other_texts(self):
        with self.assertRaises(ValueError):
            plain({"x" * (MAX_CHARS + 1): 1})


class Bounds(unittest.TestCase):
    def test_depth_is_limited(self):
        def nested(depth):
            value = []
            for _ in range(depth):
                value = [value]
            return value

        self.assertEqual(plain(nested(MAX_DEPTH)), nested(MAX_DEPTH))
        for value in (nested(MAX_DEPTH + 1), nested(100_000)):
            with self.assertRaisesRegex(ValueError, "^the value is too large or nested too deeply to leave the sandbox$"):
                plain(value)

    def test_a_value_that_holds_itself_is_refused(self):
        value = []
        value.append(value)
        table = {}
        table["a"] = (table,)
        for circle in (value, table):
            with self.assertRaises(ValueError):
                plain(circle)

    def test_the_number_of_parts_is_limited(self):
        self.assertEqual(len(plain([0] * (MAX_NODES - 1))), MAX_NODES - 1)
        with self.assertRaises(ValueError):
            plain([0] * MAX_NODES)
        with self.assertRaises(ValueError):
            plain([[1] * 400] * 400)

    def test_characters_are_counted_over_all_texts(self):
        half = "x" * (MAX_CHARS // 2)
        self.assertEqual(plain([half, half]), [half, half])
        with self.assertRaisesRegex(ValueError, "^the value has more than 16777216 characters$"):
            plain([half, half, "x"])


class References(unittest.TestCase):
    def setUp(self):
        self.chunks = reading_functions(make_snapshot({"a.txt": "one\ntwo\nthree\n"}))["chunks"]

    def test_a_chunk_of_a_document_leaves_by_reference(self):
        self.assertEqual(plain([self.chunks("a.txt", 8)[0], {"c": self.chunks("a.txt", 8)[1]}]), [{"$span": ["a.txt", 0, 8]}, {"c": {"$span": ["a.txt", 8, 14]}}])

    def test_a_chunk_of_a_text_leaves_as_its_text(self):
        self.assertEqual(plain(list(self.chunks("some text", 5))), ["some ", "text"])

    def test_what_is_made_from_a_chunk_leaves_as_its_text(self):
        piece = self.chunks("a.txt", 8)[0]
        self.assertEqual(plain([piece + "", piece[:3], piece.upper(), str(piece)]), ["one\ntwo\n", "one", "ONE\nTWO\n", "one\ntwo\n"])

    def test_all_documents_leave_as_their_texts(self):
        steps = Steps({"a.txt": "one", "b.txt": "two"})
        steps.output("set_final(CONTEXT)")
        self.assertEqual(steps.wire.sent[0]["args"], [{"a.txt": "one", "b.txt": "two"}])

    def test_a_chunk_of_a_kind_of_its_own_leaves_as_its_text(self):
        class Forged(reading.Chunk):
            pass

        piece = Forged("text")
        piece._span = ("other.txt", 0, 99)
        self.assertEqual(plain(piece), "text")

    def test_a_span_that_the_code_writes_itself_is_a_plain_dict(self):
        self.assertEqual(plain({"$span": ["a.txt", 0, 5]}), {"$span": ["a.txt", 0, 5]})


if __name__ == "__main__":
    unittest.main()
