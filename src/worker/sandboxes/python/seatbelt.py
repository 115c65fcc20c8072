"""The kernel layer on macOS: Seatbelt, by ctypes. Written from its documentation; it has not run on a machine yet.

As on Linux it is asked for after everything has been read, so that nothing needs to be allowed: what the process still
uses, open descriptors and memory of its own, Seatbelt does not ask about. Sources: sandbox_init(3), sandbox-exec(1), the
profiles in /System/Library/Sandbox/Profiles.
"""

import ctypes
import posix

from lockdown import EPERM, LockError

LIBRARY = "/usr/lib/libsandbox.1.dylib"

# What is refused beside everything else, and what would be lost without it. The default refuses all of it already; rows
# of their own say so to the reader, and hold where a later system's default is laxer.
REFUSED = {
    "file*": "reading, writing, listing and naming of files",
    "network*": "sockets of every kind",
    "process-exec*": "programs",
    "process-fork": "processes",
    "process-info*": "what other processes do",
    "signal": "signals to anyone",
    "mach*": "services, by which much of macOS is asked",
    "ipc*": "memory and semaphores of others",
    "iokit*": "devices",
    "sysctl*": "settings of the kernel",
    "system*": "the system's own calls, sockets for the kernel among them",
}


def profile():
    """The text that sandbox_init takes."""
    rows = ["(version 1)", "(deny default)", *("(deny %s)" % operation for operation in REFUSED)]
    return "\n".join(rows) + "\n"


def lock(load=ctypes.CDLL):
    """Locks this process for good; raises lockdown.LockError."""
    try:
        library = load(LIBRARY)
    except OSError as error:
        raise LockError("Seatbelt is missing: %s" % error) from None
    reason = ctypes.c_char_p()
    if library.sandbox_init(profile().encode(), ctypes.c_uint64(0), ctypes.byref(reason)) != 0:
        raise LockError("Seatbelt was refused: %s" % (reason.value or b"no reason").decode("utf-8", "replace"))
    test_lock()
    return {"seccomp": False, "landlock": 0, "seatbelt": True}


def test_lock():
    """Believe it when it refuses."""
    attempts = {
        "open": lambda: posix.open("/", 0),
        "stat": lambda: posix.stat("/"),
        "list": lambda: posix.listdir("/"),
        "make a folder": lambda: posix.mkdir("/tmp/superloop-rlms-must-not-be"),
        "kill": lambda: posix.kill(posix.getppid(), 0),
        "run a program": lambda: posix.execv("/usr/bin/true", ["true"]),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
        except OSError as error:
            if error.errno != EPERM:
                raise LockError("after the lock %s failed with errno %d, not EPERM" % (name, error.errno)) from None
        else:
            raise LockError("after the lock %s still works" % name)
