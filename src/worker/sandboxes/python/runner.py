"""The process in which model-written code runs: reads the session's setup, locks itself down, runs steps.

Descriptors: 3 in, 4 out (wire.py), 5 the documents' pack, read-only. Standard streams are on /dev/null but for standard
error, which carries only what goes wrong before the runner is ready.
"""

import sys
import time
from posix import _exit, close, environ

import deferred
from session import Session, install_interrupt
from snapshot import Snapshot, map_pack
from wire import IN, OUT, Wire

PACK = 5


def main():
    try:
        serve()
    except KeyboardInterrupt:
        _exit(1)


def serve():
    environ.clear()  # the hash seed has done its work
    wire = Wire()
    setup = wire.first
    snapshot = Snapshot(setup["documents"], map_pack(PACK, setup["pack_size"]))
    close(PACK)
    session = Session(setup["language"]).begin(wire, snapshot, setup["functions"])
    install_interrupt(session)
    wire.send(ready(lock_down(setup)))
    run_steps(session)


def ready(kernel):
    """What the host is told before the first step: how the process is locked, and what runs in it."""
    return {"op": "ready", "kernel": kernel, "python": sys.version.split()[0]}


def run_steps(session):
    """A step for each request, until the host ends it."""
    wire = session.wire
    step = 0
    while True:
        request = wire.receive()
        step += 1
        try:
            wire.send(session.execute(request["code"], step))
        except MemoryError:
            failure = {"code": "code_error", "message": "MemoryError: what the step printed does not fit any more", "line": None}
            wire.send({"op": "done", "output": "", "length": 0, "error": failure})


def lock_down(setup):
    """Locks the process; which parts of the kernel layer hold, or why none does. The host decides whether that is enough."""
    try:
        import lockdown
    except ImportError as error:
        return {"seccomp": False, "landlock": 0, "reason": "this interpreter has no ctypes: %s" % error}
    time.localtime()  # reads the time zone at its first use
    deferred.install()
    if not setup["kernel"]:
        lockdown.limit_resources(setup["memory_bytes"], setup["cpu_seconds"])
        return {"seccomp": False, "landlock": 0, "reason": "switched off"}
    try:
        return lockdown.lock(IN, OUT, setup["memory_bytes"], setup["cpu_seconds"])
    except lockdown.LockError as error:
        return {"seccomp": False, "landlock": 0, "reason": str(error)}
    finally:
        for name in ("lockdown", "seatbelt", "ctypes", "_ctypes", "resource", "_socket"):
            sys.modules.pop(name, None)
