"""Frames between the host and the runner: length (4 bytes, big-endian), secret (16 bytes), body.

A body is one line of JSON. Large texts do not go through JSON: null stands in their place, the message's "texts" says
where and how many bytes of UTF-8 they are, and they follow the line, end to end.

The C parts of the json module are used directly: importing json itself costs 10 ms, most of it for regular expressions.
"""

from _json import encode_basestring, make_encoder, make_scanner
from posix import _exit, read, write

IN, OUT = 3, 4
SECRET_BYTES = 16
MAX_FRAME = 64 << 20
LARGE_CHARS = 1 << 16
MAX_TEXTS = 1024


class _Decoding:
    strict = False
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float
    memo = {}


_decode = make_scanner(_Decoding)
_encode = make_encoder(None, None, encode_basestring, None, ":", ",", False, False, True)


class Wire:
    def __init__(self):
        header = _read_exactly(4 + SECRET_BYTES)
        self.secret = header[4:]
        self.first = _parse(_read_exactly(int.from_bytes(header[:4], "big")))

    def receive(self):
        header = _read_exactly(4 + SECRET_BYTES)
        length = int.from_bytes(header[:4], "big")
        if length > MAX_FRAME or header[4:] != self.secret:
            _exit(3)
        return _parse(_read_exactly(length))

    def receive_bytes(self, length):
        """So many bytes as they are, in no frame."""
        return _read_exactly(length)

    def send(self, message):
        """Sends a message of the sender's own making: large texts are taken out of it."""
        texts = []
        places = []
        _take_out(message, [], places, texts)
        if texts:
            message["texts"] = places
        line = to_json(message)
        if texts:
            texts.insert(0, b"\n")
        length = len(line) + sum(map(len, texts))
        if length > MAX_FRAME:
            raise ValueError("more than %d MiB cannot leave the sandbox at once" % (MAX_FRAME >> 20))
        _write(length.to_bytes(4, "big") + self.secret + line)
        for text in texts:
            _write(text)


def to_json(message):
    return "".join(_encode(message, 0)).encode("utf-8", "backslashreplace")


def _take_out(value, path, places, texts):
    for key, item in value.items() if type(value) is dict else enumerate(value):
        kind = type(item)
        if kind is str and len(item) >= LARGE_CHARS and len(texts) < MAX_TEXTS:
            try:
                text = item.encode("utf-8")
            except UnicodeEncodeError:
                continue  # half of a character, which only JSON can write
            texts.append(text)
            places.append([[*path, key], len(text)])
            value[key] = None
        elif kind is dict or kind is list:
            _take_out(item, [*path, key], places, texts)


def _parse(body):
    end = body.find(b"\n")
    if end < 0:
        return _decode(body.decode("utf-8"), 0)[0]
    message = _decode(body[:end].decode("utf-8"), 0)[0]
    at = end + 1
    for path, length in message.pop("texts"):
        holder = message
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = str(memoryview(body)[at : at + length], "utf-8")
        at += length
    return message


def _write(data):
    rest = memoryview(data)
    while rest:
        rest = rest[write(OUT, rest) :]


def _read_exactly(length):
    """So many bytes. All of them are read, also when there is no memory for them: what follows is another frame."""
    parts = []
    lacking = None
    while length > 0:
        try:
            part = read(IN, min(length, 1 << 20))
        except MemoryError as error:
            lacking, parts = error, []
            part = read(IN, 1 << 12)
        if not part:
            _exit(0)  # the host is gone
        length -= len(part)
        if lacking is None:
            parts.append(part)
    if lacking is not None:
        raise lacking
    return b"".join(parts)
