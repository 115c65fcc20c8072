"""What the tests of the runner's Python share: its folder on sys.path, packs of documents, sessions in this process.

Nothing is locked down here and no process is started: modules are imported directly, the host's end of the wire is a
list of answers.
"""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), *"../../src/worker/sandboxes/python".split("/")))

from policy import check  # noqa: E402
from session import Session  # noqa: E402
from snapshot import LINE_STRIDE, Snapshot, map_pack  # noqa: E402

MODULE_NAMES = frozenset({"collections", "collections.abc", "json", "math", "re", "urllib", "urllib.parse"})


def row_of(name, offset, data, first_line=1):
    """A document's row as the host sends it (text-scan.ts)."""
    starts = [0] + [at + 1 for at, byte in enumerate(data) if byte == 10]
    newlines = len(starts) - 1
    count = newlines + (0 if not data or data.endswith(b"\n") else 1)
    return [name, offset, len(data), first_line, count, data.isascii(), starts[: newlines + 1 : LINE_STRIDE]]


def make_snapshot(files, first_lines=None):
    """A snapshot of {name: bytes or str}; the pack has no name any more, its memory goes with the snapshot."""
    pack = tempfile.TemporaryFile()
    rows = []
    for name, data in files.items():
        data = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        rows.append(row_of(name, pack.tell(), data, (first_lines or {}).get(name, 1)))
        pack.write(data)
    size = pack.tell()
    pack.flush()
    with pack:
        return Snapshot(rows, map_pack(pack.fileno(), size))


class HostEnd:
    """Stands for the wire: keeps what was sent, answers calls with `answer(name, args)`."""

    def __init__(self, answer=None):
        self.sent = []
        self._answer = answer or (lambda name, args: {"ok": True, "value": None})

    def send(self, message):
        self.sent.append(message)

    def receive(self):
        call = self.sent[-1]
        return self._answer(call["name"], call["args"])


HOST_FUNCTIONS = [
    ["sub_rlm", [["prompt", False, None], ["depth", True, 1], ["context", True, None]], []],
    ["set_final", [["value", False, None]], ["FINAL"]],
    ["budget", [], []],
]


class Steps:
    """A session whose steps are run one after the other: `run(code)` gives the message for the host."""

    def __init__(self, files=None, answer=None, functions=HOST_FUNCTIONS):
        self.wire = HostEnd(answer)
        self.session = Session().begin(self.wire, make_snapshot(files or {}), functions)
        self.count = 0

    def run(self, code):
        self.count += 1
        return self.session.execute(code, self.count)

    def output(self, code):
        """What the code prints; it must run without an error."""
        done = self.run(code)
        if done["error"] is not None:
            raise AssertionError("%s\n%s" % (code, done["error"]["message"]))
        return done["output"]

    def error(self, code):
        """The error that the code ends with; it must have one."""
        done = self.run(code)
        if done["error"] is None:
            raise AssertionError("%s\nran, and printed %r" % (code, done["output"]))
        return done["error"]


def output_of(code, files=None):
    return Steps(files).output(code)


def error_of(code, files=None):
    return Steps(files).error(code)


def refusal(code, modules=MODULE_NAMES, known=()):
    """The text with which the check of the source refuses `code`, or None when it may run."""
    from violations import Violation

    try:
        check(code, "<step 1>", modules, known)
    except Violation as violation:
        return str(violation)
    return None
