"""The warmed parent of the daemon's workers. It forks them, signals them and collects them; of sessions it sees nothing.

Told on descriptor 0, a line each: "fork KEY", "limit PID SECONDS", "interrupt PID", "kill PID". Tells on descriptor 1:
"forked KEY PID", "failed KEY WHY", "ended PID exit STATUS" or "ended PID signal NUMBER". Ends, and its workers with it, when
nobody is left to tell it anything. A worker connects to the socket of argv[2], locks itself down, says its key and that it
is ready, is told by a byte that it has been leased, and from then on speaks as any runner does (wire.py) with the client that leases it.
"""

import gc
import sys
import time
from posix import O_RDWR, WNOHANG, _exit, closerange, dup2, environ, fork, getpid, getppid, kill, open, read, setpgid, waitpid, write

import _signal
import deferred
import lockdown
from _socket import AF_UNIX, SOCK_STREAM, socket
from modules import NAMES, Modules
from resource import RLIMIT_CPU, RLIM_INFINITY, prlimit
from runner import lock_down, ready, run_steps
from session import Session, install_interrupt
from snapshot import Snapshot
from wire import IN, OUT, Wire, to_json

MEMORY_BYTES = 512 << 20


def main():
    environ.clear()
    warm_up()
    nursery = Nursery(sys.argv[2])
    _signal.signal(_signal.SIGCHLD, nursery.collect)
    for line in lines_of(0):
        nursery.obey(*line.split())
    _exit(0)


def warm_up():
    """Whatever a session may need is loaded, and what follows the fork is run once, so that workers share its memory."""
    time.localtime()
    deferred.install()
    library = Modules(print)
    for name in NAMES:
        library.load(name)
    rehearsal()()
    gc.collect()
    gc.freeze()


def rehearsal():
    """A session of nothing but our own words; what it gives runs a step of it, so that the next one costs less."""
    session = Session().begin(None, Snapshot([], b""), [])
    return lambda: session.execute("x = 1", 1)


class Nursery:
    def __init__(self, address):
        self._address = address
        self._workers = set()

    def obey(self, order, subject, *rest):
        _signal.pthread_sigmask(_signal.SIG_BLOCK, [_signal.SIGCHLD])
        if order == "fork":
            self._fork(subject)
        elif int(subject) in self._workers:  # one that was collected has no number any more
            self._reach(order, int(subject), *rest)
        _signal.pthread_sigmask(_signal.SIG_UNBLOCK, [_signal.SIGCHLD])

    def collect(self, signum, frame):
        """Tells which workers have ended."""
        while self._workers:
            pid, status = waitpid(-1, WNOHANG)
            if pid == 0:
                return
            self._workers.discard(pid)
            how = "signal %d" % (status & 127) if status & 127 else "exit %d" % (status >> 8)
            tell("ended %d %s" % (pid, how))

    def _fork(self, key):
        parent = getpid()
        try:
            pid = fork()
        except OSError as error:
            return tell("failed %s %s" % (key, error))
        if pid == 0:
            try:
                become_worker(self._address, key, parent)
            except BaseException:
                _exit(1)
        self._workers.add(pid)
        tell("forked %s %d" % (key, pid))

    def _reach(self, order, pid, *rest):
        if order == "limit":
            prlimit(pid, RLIMIT_CPU, (int(rest[0]), int(rest[0])))
        else:
            kill(pid, {"interrupt": _signal.SIGINT, "kill": _signal.SIGKILL}[order])


def become_worker(address, key, parent):
    setpgid(0, 0)
    _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
    _signal.pthread_sigmask(_signal.SIG_UNBLOCK, [_signal.SIGCHLD])
    session = Session()
    install_interrupt(session)
    sys.modules["random"].seed(0)  # which seeds itself by chance at a fork; a resumed run draws what it drew
    take_descriptors(address)
    if getppid() != parent:
        _exit(1)
    kernel = lock_down({"kernel": True, "memory_bytes": MEMORY_BYTES, "cpu_seconds": RLIM_INFINITY})
    rehearse = rehearsal()
    rehearse()  # its pages are then in place before a client waits for them
    write(OUT, b"%s %s\n" % (key.encode(), to_json(ready(kernel))))
    await_lease()
    rehearse()  # and its caches warm, while the client's setup is on its way
    wire = Wire()
    setup = wire.first
    snapshot = Snapshot(setup["documents"], wire.receive_bytes(setup["pack_size"]))
    run_steps(session.begin(wire, snapshot, setup["functions"]))


def await_lease():
    """A byte of the daemon's says that a client is coming."""
    if not read(IN, 1):
        _exit(0)


def take_descriptors(address):
    """Of the nursery's descriptors none stays: the standard ones are on /dev/null, the wire is a connection of its own."""
    line = socket(AF_UNIX, SOCK_STREAM)
    line.connect(address)
    connection = line.detach()
    null = open("/dev/null", O_RDWR)
    high = 1 + max(connection, null, OUT)
    dup2(connection, high)
    for descriptor in (0, 1, 2):
        dup2(null, descriptor)
    dup2(high, IN)
    dup2(high, OUT)
    closerange(OUT + 1, high + 1)


def lines_of(descriptor):
    rest = b""
    while True:
        data = read(descriptor, 65536)
        if not data:
            return
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield line.decode()


def tell(line):
    write(1, (line + "\n").encode())
