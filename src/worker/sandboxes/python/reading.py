"""The functions that read documents: list_files, read_file, peek, slice_text, chunks. (grep has a file of its own.)"""

from snapshot import LENGTH_KEPT, PIECE


class Chunk(str):
    """A piece of a text that knows where it comes from; path and lines are None for a text that is no document."""

    __slots__ = ("path", "start_line", "end_line", "index", "_span")

    def __new__(cls, text="", index=0, path=None, start_line=None, end_line=None, span=None):
        chunk = str.__new__(cls, text)
        chunk.index, chunk.path, chunk.start_line, chunk.end_line, chunk._span = index, path, start_line, end_line, span
        return chunk

    def __repr__(self):
        return "<chunk %d: %s, %d characters>" % (self.index, self.place(), len(self))

    def place(self):
        return "text" if self.path is None else "%s:%d-%d" % (self.path, self.start_line, self.end_line)


class Chunks:
    """The pieces of a text, cut where they were asked for but decoded one at a time. Read as a list."""

    def __init__(self, cuts, read):
        self._cuts = cuts
        self._read = read

    def __len__(self):
        return len(self._cuts)

    def __getitem__(self, at):
        if isinstance(at, slice):
            return [self[index] for index in range(*at.indices(len(self)))]
        if at < 0:
            at += len(self)
        if not 0 <= at < len(self):
            raise IndexError("there are %d chunks" % len(self))
        return self._read(at, *self._cuts[at])

    def __iter__(self):
        for at in range(len(self)):
            yield self[at]

    def __repr__(self):
        return "<%d chunks>" % len(self)


def reading_functions(snapshot):
    def list_files():
        return list(snapshot.documents)

    def read_file(path, start_line=1, end_line=None):
        document = snapshot.find(path)
        last = document.first_line + document.line_count - 1
        return snapshot.lines(document, int(start_line), last if end_line is None else int(end_line))

    def peek(path, n=400):
        document = snapshot.find(path)
        count = max(0, int(n))
        return snapshot.decode(document.offset, document.offset + min(document.length, 4 * count))[:count]

    def slice_text(text, start=0, end=None):
        return text[start:end]

    def chunks(text_or_path, size=20_000, overlap=0):
        size, overlap = int(size), int(overlap)
        if size < 1 or not 0 <= overlap < size:
            raise ValueError("chunks needs a size from 1 up and an overlap from 0 to size - 1")
        if type(text_or_path) is str and text_or_path in snapshot.documents:
            return _cut_document(snapshot, snapshot.documents[text_or_path], size, overlap)
        return _cut_text(text_or_path, size, overlap)

    return {"list_files": list_files, "read_file": read_file, "peek": peek, "slice_text": slice_text, "chunks": chunks}


def span_of(value):
    """How a chunk leaves the sandbox: by reference where it is part of a document, else as its text."""
    if type(value) is not Chunk:
        return None
    return str.__str__(value) if value._span is None else {"$span": list(value._span)}


def _cut_text(text, size, overlap):
    if not isinstance(text, str):
        raise TypeError("chunks takes a text, or the path of a document")
    text = str.__str__(text)

    def read(index, start, end):
        return Chunk(text[start:end], index)

    return Chunks(list(_cuts([text], size, overlap, len)), read)


def _cut_document(snapshot, document, size, overlap):
    """Cuts at byte offsets, so that a chunk of a large document can be named without copying it."""
    start, end = document.offset, document.offset + document.length
    windows = snapshot.pieces(start, end, max(PIECE, size, 4), LENGTH_KEPT)

    def read(index, first, behind):
        text = snapshot.decode(document.offset + first, document.offset + behind)
        start_line = document.first_line + snapshot.line_at(document, first)
        end_line = document.first_line + snapshot.line_at(document, behind - 1)
        return Chunk(text, index, document.name, start_line, end_line, (document.name, first, behind))

    return Chunks(list(_cuts(windows, size, overlap, _byte_length)), read)


def _cuts(windows, size, overlap, length_of):
    """(start, end) of each piece of a text that comes in windows, counted by `length_of`."""
    windows = iter(windows)
    window, position, offset = "", 0, 0  # decoded text; where in it the next piece begins, and where in the whole
    more = True
    while True:
        while more and len(window) - position <= size:
            following = next(windows, None)
            more = following is not None
            if more:
                window, position = window[position:] + following, 0
        if position == len(window):
            return
        end = _cut_end(window, position, size)
        yield offset, offset + length_of(window[position:end])
        if end == len(window):
            return
        following = max(end - overlap, position + 1)
        offset += length_of(window[position:following])
        position = following


def _cut_end(text, start, size):
    """The end of a piece: behind a line end in its second half, else where the size says."""
    limit = start + size
    if limit >= len(text):
        return len(text)
    newline = text.rfind("\n", start + size // 2, limit)
    return limit if newline < 0 else newline + 1


def _byte_length(text):
    return len(text) if text.isascii() else len(text.encode("utf-8", LENGTH_KEPT))
