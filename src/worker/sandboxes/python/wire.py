"""Frames between the host and the runner: length (4 bytes, big-endian), secret (16 bytes), JSON (UTF-8).

The C parts of the json module are used directly: importing json itself costs 10 ms, most of it for regular expressions.
"""

from _json import encode_basestring, make_encoder, make_scanner
from posix import _exit, read, write

IN, OUT = 3, 4
SECRET_BYTES = 16
MAX_FRAME = 64 << 20


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
        self.first = _decode_text(_read_exactly(int.from_bytes(header[:4], "big")))

    def receive(self):
        header = _read_exactly(4 + SECRET_BYTES)
        length = int.from_bytes(header[:4], "big")
        if length > MAX_FRAME or header[4:] != self.secret:
            _exit(3)
        return _decode_text(_read_exactly(length))

    def send(self, message):
        body = "".join(_encode(message, 0)).encode("utf-8", "backslashreplace")
        if len(body) > MAX_FRAME:
            raise ValueError("more than %d MiB cannot leave the sandbox at once" % (MAX_FRAME >> 20))
        rest = memoryview(len(body).to_bytes(4, "big") + self.secret + body)
        while rest:
            rest = rest[write(OUT, rest) :]


def _decode_text(body):
    return _decode(body.decode("utf-8"), 0)[0]


def _read_exactly(length):
    parts = []
    while length > 0:
        part = read(IN, min(length, 1 << 20))
        if not part:
            _exit(0)  # the host is gone
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
