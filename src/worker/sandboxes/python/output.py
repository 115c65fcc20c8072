"""What a step prints: the head and the tail are kept, the length is counted."""

from _collections import deque

HEAD_CHARS = 3 << 20
TAIL_CHARS = 1 << 20


class Output:
    def __init__(self):
        self.clear()

    def clear(self):
        self.length = 0
        self._head = []
        self._head_room = HEAD_CHARS
        self._tail = deque()
        self._tail_length = 0

    def emit(self, text):
        self.length += len(text)
        if self._head_room > 0:
            self._head.append(text[: self._head_room])
            kept = min(len(text), self._head_room)
            self._head_room -= kept
            text = text[kept:]
        if text:
            self._tail.append(text[-TAIL_CHARS:])
            self._tail_length += len(self._tail[-1])
            while self._tail_length - len(self._tail[0]) >= TAIL_CHARS:
                self._tail_length -= len(self._tail.popleft())

    def text(self):
        """Head and tail; shorter than `length` when something between them was dropped."""
        return "".join(self._head) + "".join(self._tail)[-TAIL_CHARS:]
