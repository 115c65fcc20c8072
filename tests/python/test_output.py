"""output: what a step prints is kept at its head and its tail, and counted whole."""

import unittest

from harness import Steps

import output


class Output(unittest.TestCase):
    def filled(self, *texts):
        kept = output.Output()
        for text in texts:
            kept.emit(text)
        return kept

    def test_all_is_kept_up_to_the_limit(self):
        whole = "h" * output.HEAD_CHARS + "t" * output.TAIL_CHARS
        for texts in ((whole,), (whole[:10], whole[10:]), ("", whole, "")):
            kept = self.filled(*texts)
            self.assertEqual((kept.length, kept.text() == whole), (len(whole), True))

    def test_more_than_that_leaves_the_head_and_the_tail_and_the_true_length(self):
        numbers = ["%07d\n" % number for number in range(800_000)]
        kept = self.filled(*numbers)
        whole = "".join(numbers)
        self.assertEqual(kept.length, len(whole))
        self.assertEqual(kept.text(), whole[: output.HEAD_CHARS] + whole[-output.TAIL_CHARS :])

    def test_texts_of_any_sizes_give_the_same_head_and_tail(self):
        whole = "".join(chr(97 + at % 26) for at in range(6_000_000))
        for size in (1_000_000, 1 << 20, (1 << 20) + 1, 3_500_000, 5_999_999, 6_000_000):
            kept = self.filled(*[whole[at : at + size] for at in range(0, len(whole), size)])
            self.assertEqual((kept.length, kept.text() == whole[: output.HEAD_CHARS] + whole[-output.TAIL_CHARS :]), (len(whole), True), size)

    def test_what_is_kept_stays_bounded_whatever_is_printed(self):
        kept = output.Output()
        text = "x" * 1_000_000
        for _ in range(2000):
            kept.emit(text)
        self.assertEqual((kept.length, len(kept.text())), (2_000_000_000, output.HEAD_CHARS + output.TAIL_CHARS))
        self.assertLess(kept._tail_length, 3 * output.TAIL_CHARS)

    def test_a_step_begins_with_no_output(self):
        steps = Steps()
        steps.output("print('a')")
        self.assertEqual(steps.run("pass"), {"op": "done", "output": "", "length": 0, "error": None})

    def test_output_before_an_error_is_kept(self):
        self.assertEqual(Steps().run("print('a')\n1 / 0")["output"], "a\n")


if __name__ == "__main__":
    unittest.main()
