"""wire: frames between the runner and the host, over pipes that stand for its two descriptors."""

import json
import os
import struct
import threading
import unittest
from unittest import mock

from harness import Steps  # noqa: F401  (puts the runner's folder on sys.path)

import wire

SECRET = bytes(range(16))


class Exited(BaseException):
    pass


def frame(message, secret=SECRET):
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return struct.pack(">I", len(body)) + secret + body


def parsed(body):
    """The message of a body, its large texts in their places."""
    line, _, texts = body.partition(b"\n")
    message = json.loads(line)
    for path, length in message.pop("texts", []):
        holder = message
        for key in path[:-1]:
            holder = holder[key]
        assert holder[path[-1]] is None
        holder[path[-1]], texts = texts[:length].decode(), texts[length:]
    assert texts == b""
    return message


class Pipes(unittest.TestCase):
    def setUp(self):
        self.host_reads, out = os.pipe()
        into, self.host_writes = os.pipe()
        self.descriptors = {self.host_reads, out, into, self.host_writes}
        self.addCleanup(lambda: [os.close(descriptor) for descriptor in self.descriptors])

        def leave(status):
            raise Exited(status)

        for name, value in (("IN", into), ("OUT", out), ("_exit", leave)):
            patch = mock.patch.object(wire, name, value)
            patch.start()
            self.addCleanup(patch.stop)

    def give(self, *parts):
        os.write(self.host_writes, b"".join(parts))

    def end(self):
        os.close(self.host_writes)
        self.descriptors.discard(self.host_writes)

    def opened(self, first=None):
        self.give(frame(first or {}))
        return wire.Wire()

    def sent(self, send):
        """The frame that `send` writes, read while it is written."""
        got = []

        def read():
            header = self.read(20)
            got.append((header[4:], self.read(struct.unpack(">I", header[:4])[0])))

        reader = threading.Thread(target=read)
        reader.start()
        send()
        reader.join(30)
        return got[0]

    def read(self, length):
        parts = []
        while length:
            parts.append(os.read(self.host_reads, length))
            length -= len(parts[-1])
        return b"".join(parts)


class Receiving(Pipes):
    def test_the_first_frame_brings_the_secret_and_the_setup(self):
        opened = self.opened({"documents": [], "language": True})
        self.assertEqual((opened.secret, opened.first), (SECRET, {"documents": [], "language": True}))

    def test_texts_of_every_kind_arrive_as_they_were(self):
        opened = self.opened()
        for text in ("", "\\n \\\\ \\u0041", "a\nb\r\nc\0\x7f", "ä€😀\u2028", "\ud800", '"quoted"', "x" * 1000):
            for ascii_only in (True, False):
                body = json.dumps(text, ensure_ascii=ascii_only).encode("utf-8", "backslashreplace")
                self.give(frame(body))
                self.assertEqual(opened.receive(), text)

    def test_large_texts_behind_the_json_arrive_in_their_places(self):
        opened = self.opened()
        texts = ["ä€😀\n" * 2000, "x", "\0\r\n"]
        places = [[["value", 1, "k"], None], [["value", 2], None], [["error"], None]]
        for place, text in zip(places, texts):
            place[1] = len(text.encode())
        line = json.dumps({"ok": True, "value": [None, {"k": None}, None], "error": None, "texts": places})
        self.give(frame(line.encode() + b"\n" + "".join(texts).encode()), frame("next"))
        self.assertEqual(opened.receive(), {"ok": True, "value": [None, {"k": texts[0]}, texts[1]], "error": texts[2]})
        self.assertEqual(opened.receive(), "next")

    def test_a_frame_for_which_there_is_no_memory_is_read_to_its_end_all_the_same(self):
        opened = self.opened()
        real = wire.read

        def read(descriptor, length):
            if length > 1 << 12:
                raise MemoryError
            return real(descriptor, length)

        self.give(frame("x" * 30_000), frame("next"))
        with mock.patch.object(wire, "read", read), self.assertRaises(MemoryError):
            opened.receive()
        self.assertEqual(opened.receive(), "next")

    def test_numbers_arrive_exactly(self):
        opened = self.opened()
        for value in (0, -1, 2**53, 10**30, 1.5, 1e300, -0.0, True, None, [[], {}], {"a": {"b": [1]}}):
            self.give(frame(value))
            self.assertEqual(repr(opened.receive()), repr(value))

    def test_a_frame_with_another_secret_ends_the_runner(self):
        opened = self.opened()
        self.give(frame({}, bytes(16)))
        with self.assertRaises(Exited) as raised:
            opened.receive()
        self.assertEqual(raised.exception.args, (3,))

    def test_a_frame_that_is_too_large_ends_the_runner(self):
        opened = self.opened()
        self.give(struct.pack(">I", wire.MAX_FRAME + 1), SECRET)
        with self.assertRaises(Exited):
            opened.receive()

    def test_a_host_that_is_gone_ends_the_runner_at_any_point_of_a_frame(self):
        whole = frame({"code": "x"})
        for length in (0, 3, 4, 19, 20, len(whole) - 1):
            with self.subTest(length):
                self.doCleanups()
                self.setUp()
                opened = self.opened()
                self.give(whole[:length])
                self.end()
                with self.assertRaises(Exited) as raised:
                    opened.receive()
                self.assertEqual(raised.exception.args, (0,))


class Sending(Pipes):
    def test_a_message_is_a_frame_of_json_with_the_secret(self):
        opened = self.opened()
        message = {"op": "done", "output": "ä\n", "length": 2, "error": None, "x": [1, 1.5, True, {"k": []}]}
        secret, body = self.sent(lambda: opened.send(message))
        self.assertEqual((secret, json.loads(body)), (SECRET, message))

    def test_texts_of_every_kind_are_sent_as_they_are(self):
        opened = self.opened()
        for text in ("\\n \\\\", "a\nb\r\nc\0\x1f\x7f", "ä€😀\u2028\u2029", "\ud800", "a\udfff\udc80b", '"\\"', "x" * 3_000_000, "\ud83d\ude00"):
            _, body = self.sent(lambda text=text: opened.send({"text": text}))
            sent = parsed(body)["text"]
            self.assertEqual(sent.encode("utf-16", "surrogatepass"), text.encode("utf-16", "surrogatepass"))

    def test_large_texts_follow_the_json_as_they_are(self):
        opened = self.opened()
        large = "ä€😀 \\ \n \"" * 10_000

        def message():
            return {"op": "call", "args": [large, "small", [large, {"k\n": large, "n": None}], 1]}

        _, body = self.sent(lambda: opened.send(message()))
        self.assertNotIn(b"\\n \\", body.partition(b"\n")[0])
        self.assertEqual(body.count(large.encode()), 3)
        self.assertEqual(parsed(body), message())

    def test_a_large_text_with_half_a_character_stays_in_the_json(self):
        opened = self.opened()
        _, body = self.sent(lambda: opened.send({"text": "x" * 100_000 + "\ud800"}))
        self.assertEqual((body.count(b"\n"), json.loads(body)["text"][-1]), (0, "\ud800"))

    def test_no_more_texts_follow_than_the_host_takes(self):
        opened = self.opened()
        texts = ["%s" % number * wire.LARGE_CHARS for number in range(5)]
        with mock.patch.object(wire, "MAX_TEXTS", 3):
            _, body = self.sent(lambda: opened.send({"args": list(texts)}))
        self.assertEqual(len(json.loads(body.partition(b"\n")[0])["texts"]), 3)
        self.assertEqual(parsed(body), {"args": texts})

    def test_a_message_is_written_whole_in_however_many_writes(self):
        opened = self.opened()
        real = wire.write
        with mock.patch.object(wire, "write", lambda descriptor, data: real(descriptor, data[:7])):
            _, body = self.sent(lambda: opened.send({"text": "some words " * 20}))
        self.assertEqual(json.loads(body), {"text": "some words " * 20})

    def test_a_message_that_is_too_large_is_a_value_error_and_nothing_is_sent(self):
        opened = self.opened()
        with mock.patch.object(wire, "MAX_FRAME", 1 << 20):
            with self.assertRaisesRegex(ValueError, "^more than 1 MiB cannot leave the sandbox at once$"):
                opened.send({"text": "x" * (1 << 20)})
            with self.assertRaises(ValueError):
                opened.send({"text": ["x" * 60_000] * 20})
        _, body = self.sent(lambda: opened.send({"a": 1}))
        self.assertEqual(body, b'{"a":1}')


if __name__ == "__main__":
    unittest.main()
