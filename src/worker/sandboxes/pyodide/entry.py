"""The runner within Pyodide: as ../python/runner.py, but the process around it is locked already.

Descriptors: 3 in, 4 out, 5 the documents' pack, 6 the step's clock, 7 memory (devices.ts). Everything is imported when the snapshot is
made; afterwards there is no file to import from.
"""

import mmap
import random
import sys
import time
from _json import make_scanner
from posix import _exit, close, write

from modules import NAMES
from reserve import Reserve
from runner import PACK, ready, run_steps
from session import Session, install_interrupt
from snapshot import Snapshot, map_pack
from wire import Wire, _Decoding

CLOCK, RESERVE = 6, 7
# What the allowed modules and the errors that are shown import at their first use.
LATER = """_strptime encodings.idna encodings.ascii encodings.cp1252 encodings.hex_codec encodings.base64_codec
encodings.latin_1 encodings.punycode encodings.raw_unicode_escape encodings.unicode_escape encodings.utf_16
encodings.utf_16_be encodings.utf_16_le encodings.utf_32 encodings.utf_8_sig html.entities stringprep locale
annotationlib traceback linecache ast _datetime _decimal _pydatetime""".split()

BRIDGES = ("js", "pyodide_js", "pyodide", "_pyodide", "_pyodide_core")


class TimedWire(Wire):
    """Tells the clock how long the step may take that begins."""

    def receive(self):
        message = Wire.receive(self)
        if "limit_ms" in message:
            write(CLOCK, b"%d" % message["limit_ms"])
        return message


def preload():
    """Before the snapshot is made."""
    for name in (*NAMES, *LATER):
        __import__(name)
    random.seed(0)  # a resumed run draws what it drew
    time.sleep = sleep


def sleep(seconds):
    """Waits by asking the clock: the engine's own way asks the process, which is sealed."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def forget_bridges():
    """Before the engine is sealed: what leads to JavaScript is no module any more, and nothing more is imported."""
    for name in [name for name in sys.modules if name.split(".")[0] in BRIDGES]:
        del sys.modules[name]
    finders = [finder for finder in sys.meta_path if isinstance(finder, type) and finder.__name__ != "PathFinder"]
    sys.meta_path[:] = finders
    sys.path[:] = []


def main(kernel):
    """Serves the host until it ends; `kernel` is the lock's report, as JSON."""
    wire = TimedWire()
    setup = wire.first
    snapshot = Snapshot(setup["documents"], map_pack(PACK, setup["pack_size"]))
    close(PACK)
    session = Session(setup["language"]).begin(wire, snapshot, setup["functions"])
    session.reserve = Reserve(RESERVE, mmap.MAP_PRIVATE)  # anonymous memory would be filled with zeros
    install_interrupt(session)
    wire.send(ready(make_scanner(_Decoding)(kernel, 0)[0]))
    run_steps(session)
