"""The run's documents: one read-only file, mapped, or its bytes. Nothing is decoded before it is read.

Text is UTF-8 with invalid bytes shown as U+FFFD; a line ends with "\\n". Memory holds what was decoded, not the map:
pages that have been read are handed back, so that a large context costs its size once.
"""

import mmap
from _codecs import register_error, utf_8_decode
from _collections_abc import Mapping

LINE_STRIDE = 1024
PIECE = 1 << 20
CACHE_CHARS = 16 << 20
LENGTH_KEPT = "superloop.length-kept"


def _keep_length(error):
    """As "replace", but what stands for invalid bytes is one of three lone surrogates and tells how many they are."""
    if isinstance(error, UnicodeDecodeError):
        return chr(0xDC00 + error.end - error.start), error.end
    marks = [ord(mark) - 0xDC00 for mark in error.object[error.start : error.end]]
    if not all(1 <= count <= 3 for count in marks):
        raise error
    return bytes(sum(marks)), error.end


register_error(LENGTH_KEPT, _keep_length)


def map_pack(descriptor, size):
    """The documents' pack as a Snapshot takes it; nothing can be mapped of a file that holds nothing."""
    return mmap.mmap(descriptor, size, access=mmap.ACCESS_READ) if size else b""


class Document:
    __slots__ = ("name", "offset", "length", "first_line", "line_count", "ascii", "line_offsets")

    def __init__(self, row):
        self.name, self.offset, self.length, self.first_line, self.line_count, self.ascii, self.line_offsets = row


class Snapshot:
    """All documents of a run. `rows` are as the host sends them; `pack` holds their bytes: a map of the file, or bytes."""

    def __init__(self, rows, pack):
        self.map = pack
        self.view = memoryview(pack)
        self.documents = {row[0]: Document(row) for row in rows}
        self._cache = {}
        self._cached_chars = 0

    def find(self, path):
        """The document of this name; the error names the nearest ones."""
        if isinstance(path, str):
            path = str.__str__(path)
            document = self.documents.get(path)
            if document is not None:
                return document
        raise ValueError(self.unknown(path))

    def unknown(self, path):
        """What is said of a name that no document has."""
        return "there is no document %r%s; list_files() names them" % (path, self._nearest(path))

    def text(self, document):
        """The whole text of a document."""
        known = self._cache.get(document.name)
        if known is None:
            known = self.decode(document.offset, document.offset + document.length)
            if self._cached_chars + len(known) <= CACHE_CHARS:
                self._cache[document.name] = known
                self._cached_chars += len(known)
        return known

    def lines(self, document, start, end):
        """Lines start to end (the source's numbers, both included, clamped), without the last one's line end."""
        first = self.line_offset(document, max(0, start - document.first_line))
        behind = self.line_offset(document, max(0, end - document.first_line + 1))
        text = self.decode(document.offset + first, document.offset + max(first, behind))
        if text.endswith("\n"):
            return text[:-2] if text.endswith("\r\n") else text[:-1]
        return text

    def line_offset(self, document, line):
        """The byte, in the document, at which 0-based `line` begins; its length when it has fewer lines."""
        if line >= document.line_count:
            return document.length
        slot = min(line // LINE_STRIDE, len(document.line_offsets) - 1)
        at = document.offset + document.line_offsets[slot]
        for _ in range(line - slot * LINE_STRIDE):
            at = self.map.find(b"\n", at) + 1
        return at - document.offset

    def line_at(self, document, offset):
        """The 0-based line that holds byte `offset` of the document."""
        low, high = 0, len(document.line_offsets) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if document.line_offsets[middle] <= offset:
                low = middle
            else:
                high = middle - 1
        start = document.offset + document.line_offsets[low]
        return low * LINE_STRIDE + bytes(self.view[start : document.offset + offset]).count(b"\n")

    def decode(self, start, end):
        """Bytes start to end of the pack as text."""
        if end - start <= 4 * PIECE:
            return str(self.view[start:end], "utf-8", "replace")
        text = ""
        for piece in self.pieces(start, end):  # a for loop: CPython 3.11 makes += grow in place only there
            text += piece
        return text

    def pieces(self, start, end, size=PIECE, errors="replace"):
        """The same piece by piece, each of up to `size` bytes (at least 4); no character is torn."""
        while start < end:
            stop = min(start + size, end)
            piece, used = utf_8_decode(self.view[start:stop], errors, stop == end)
            self.release(start, start + used)
            start += used
            yield piece

    def release(self, start, end):
        """Hands the pages of these bytes back to the system; they are read again from the file when needed."""
        first = start - start % mmap.PAGESIZE
        last = end - end % mmap.PAGESIZE
        if last > first and hasattr(self.map, "madvise"):
            self.map.madvise(mmap.MADV_DONTNEED, first, last - first)

    def _nearest(self, path):
        if not isinstance(path, str):
            return ""
        tail = path.rsplit("/", 1)[-1].lower()
        near = [name for name in self.documents if tail and name.rsplit("/", 1)[-1].lower() == tail]
        if not near:
            near = [name for name in self.documents if tail and tail in name.lower()]
        return " (there is %s)" % ", ".join(near[:3]) if near else ""


class Context(Mapping):
    """CONTEXT: path -> text, read when it is asked for. A dict to who asks for its class, but with no storage of its own:
    the methods of dict itself (dict.update) would change that.
    """

    __slots__ = ("_snapshot",)
    __class__ = property(lambda self: dict)
    __hash__ = None

    def __init__(self, snapshot):
        self._snapshot = snapshot

    def __getitem__(self, path):
        if path not in self:
            raise KeyError(self._snapshot.unknown(path))
        return self._snapshot.text(self._snapshot.documents[path])

    def __contains__(self, path):
        return path in self._snapshot.documents

    def __len__(self):
        return len(self._snapshot.documents)

    def __iter__(self):
        return iter(self._snapshot.documents)

    def __reversed__(self):
        return reversed(self._snapshot.documents)

    def get(self, path, default=None):
        return self[path] if path in self else default

    def keys(self):
        return dict.fromkeys(self).keys()

    def __eq__(self, other):
        return dict(self) == other if isinstance(other, dict) else NotImplemented

    def __or__(self, other):
        return {**self, **other} if isinstance(other, dict) else NotImplemented

    def __ror__(self, other):
        return {**other, **self} if isinstance(other, dict) else NotImplemented

    def copy(self):
        return dict(self)

    def _refuse(self, *args, **kwargs):
        raise TypeError("CONTEXT is read-only; copy what you want to change: dict(CONTEXT)")

    __setitem__ = __delitem__ = pop = popitem = clear = update = setdefault = __ior__ = _refuse

    def __repr__(self):
        return "<CONTEXT: %d documents>" % len(self)
