"""The kernel layer: after this no file, socket, process or signal is in reach, whatever the interpreter is made to do.

Linux by ctypes, no dependency: resource limits, capabilities dropped, no_new_privs, not dumpable, Landlock without a
rule, seccomp. Works as root and not as root. Called once, after everything that needs files has been read and before
the first line of model code is parsed. Sources: seccomp(2), landlock(7), prctl(2), Linux's syscall tables.
"""

import ctypes
import mmap
import posix
import resource
import struct
import sys
import time

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 24, 38
SIGKILL, EPERM = 9, 1

# name: (x86_64, aarch64); None where the architecture has no such call
SYSCALLS = {
    "read": (0, 63), "write": (1, 64), "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214),
    "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "sched_yield": (24, 124), "mremap": (25, 216),
    "madvise": (28, 233), "nanosleep": (35, 101), "getpid": (39, 172), "exit": (60, 93), "gettimeofday": (96, 169),
    "getrusage": (98, 165), "times": (100, 153), "sigaltstack": (131, 132), "gettid": (186, 178), "futex": (202, 98),
    "restart_syscall": (219, 128), "clock_gettime": (228, 113), "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115), "exit_group": (231, 94), "set_robust_list": (273, 99), "getrandom": (318, 278),
    "rseq": (334, 293), "select": (23, None), "pselect6": (270, 72),
    "execve": (59, 221), "execveat": (322, 281), "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "bpf": (321, 280), "io_uring_setup": (425, 425), "userfaultfd": (323, 282),
    "kexec_load": (246, 104), "init_module": (175, 105), "finit_module": (313, 273), "mount": (165, 40),
    "keyctl": (250, 219), "perf_event_open": (298, 241), "unshare": (272, 97), "setns": (308, 268),
    "socket": (41, 198), "clone": (56, 220), "clone3": (435, 435), "fork": (57, None), "vfork": (58, None),
}  # fmt: skip
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# select and pselect6 are time.sleep() up to CPython 3.10
ALLOWED = """brk munmap mremap madvise rt_sigreturn rt_sigprocmask sigaltstack futex getrandom clock_gettime clock_getres
gettimeofday nanosleep clock_nanosleep sched_yield getpid gettid exit exit_group restart_syscall select pselect6 rseq
set_robust_list getrusage times""".split()
KILLED = """execve execveat ptrace process_vm_readv process_vm_writev bpf io_uring_setup userfaultfd kexec_load init_module
finit_module mount keyctl perf_event_open unshare setns fork vfork clone3 clone socket""".split()

RET_KILL, RET_EPERM, RET_ALLOW = 0x80000000, 0x00050001, 0x7FFF0000
LOAD, JUMP_EQUAL, JUMP_GREATER, JUMP_SET, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
PROT_EXEC, MAP_ANONYMOUS = 4, 0x20
ARG0, ARG2, ARG3, ARG5 = 16, 32, 40, 56  # offsets in struct seccomp_data, low words
PROBE = 0x5E1F7E57  # with this as its last argument a call that kills is refused instead, so that the lock can be tested
PROBED = "execve socket ptrace clone unshare fork".split()

CREATE_RULESET, RESTRICT_SELF = 444, 446
CAPSET = {"x86_64": 126, "aarch64": 91}


class LockError(Exception):
    """This machine does not give the kernel layer; the text says what is missing."""


def lock(read_fd, write_fd, memory_bytes, cpu_seconds):
    """Locks this process for good. Returns what holds: {"seccomp", "landlock": ABI or 0, "seatbelt"?}; raises LockError."""
    limit_resources(memory_bytes, cpu_seconds)
    if sys.platform == "darwin":
        import seatbelt

        return seatbelt.lock()
    if not sys.platform.startswith("linux"):
        raise LockError("the kernel layer needs Linux or macOS; this is %s" % sys.platform)
    machine = posix.uname().machine
    if machine not in AUDIT_ARCH or sys.byteorder != "little":
        raise LockError("there is no system call table for %s" % machine)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
    parent = posix.getppid()
    for option, value, name in (
        (PR_SET_PDEATHSIG, SIGKILL, "a signal at the host's end"),
        (PR_SET_DUMPABLE, 0, "being not dumpable"),
        (PR_SET_NO_NEW_PRIVS, 1, "no_new_privs"),
    ):
        must(libc.prctl(option, value, 0, 0, 0), name)
    if posix.getppid() != parent:
        raise LockError("the host has ended")
    drop_capabilities(libc, machine)
    landlock = restrict_files(libc)
    must(install_filter(libc, build_filter(machine, read_fd, write_fd)), "seccomp")
    test_lock()
    test_calls(libc, machine)
    test_work()
    return {"seccomp": True, "landlock": landlock}


def must(status, name):
    if status != 0:
        raise LockError("%s was refused (errno %d)" % (name, ctypes.get_errno()))


def limit_resources(memory_bytes, cpu_seconds):
    limits = {
        "AS": memory_bytes, "DATA": memory_bytes, "CPU": cpu_seconds, "CORE": 0, "FSIZE": 0, "NOFILE": 16, "NPROC": 0,
        "MEMLOCK": 0, "MSGQUEUE": 0,
    }  # fmt: skip
    for name, value in limits.items():
        number = getattr(resource, "RLIMIT_" + name, None)
        if number is None:
            continue
        hard = resource.getrlimit(number)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(number, (value, value))
        except (ValueError, OSError):
            pass  # macOS refuses some; the host watches memory and time as well


def drop_capabilities(libc, machine):
    """All of them, also what a user other than root was given; the bounding set where that may be changed."""
    for capability in range(64):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = ctypes.create_string_buffer(struct.pack("=II", 0x20080522, 0), 8)
    nothing = ctypes.create_string_buffer(struct.pack("=IIIIII", 0, 0, 0, 0, 0, 0), 24)
    must(libc.syscall(CAPSET[machine], header, nothing), "dropping the capabilities")


def restrict_files(libc):
    """Landlock with no rule: nothing beneath any path. The ABI found, or 0 where the kernel has none (seccomp stands)."""
    abi = libc.syscall(CREATE_RULESET, None, 0, 1)
    if abi < 1:
        return 0
    files = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(abi, 16)) - 1
    network = 3 if abi >= 4 else 0  # bind and connect over TCP
    scoped = 3 if abi >= 6 else 0  # abstract sockets and signals
    words = (files,) if abi < 4 else (files, network) if abi < 6 else (files, network, scoped)
    attributes = ctypes.create_string_buffer(struct.pack("=%dQ" % len(words), *words), 8 * len(words))
    ruleset = libc.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(8 * len(words)), 0)
    if ruleset < 0:
        return 0
    restricted = libc.syscall(RESTRICT_SELF, ruleset, 0) == 0
    posix.close(ruleset)
    return abi if restricted else 0


def build_filter(machine, read_fd, write_fd):
    """The seccomp program (struct sock_filter, one after the other) for an architecture."""
    column = 0 if machine == "x86_64" else 1
    program = [_step(LOAD, 4), _jump(JUMP_EQUAL, AUDIT_ARCH[machine], 1, 0), _step(RETURN, RET_KILL), _step(LOAD, 0)]
    if machine == "x86_64":  # the x32 ABI has the same architecture word
        program += [_jump(JUMP_GREATER, 0x40000000, 0, 1), _step(RETURN, RET_KILL)]

    def rule(name, body):
        number = SYSCALLS[name][column]
        if number is not None:
            program.append(_jump(JUMP_EQUAL, number, 0, len(body)))
            program.extend(body)

    def only_descriptor(descriptor):
        return [_step(LOAD, ARG0), _jump(JUMP_EQUAL, descriptor, 1, 0), _step(RETURN, RET_EPERM), _step(RETURN, RET_ALLOW)]

    not_executable = [_step(LOAD, ARG2), _jump(JUMP_SET, PROT_EXEC, 0, 1), _step(RETURN, RET_EPERM), _step(RETURN, RET_ALLOW)]
    rule("read", only_descriptor(read_fd))
    rule("write", only_descriptor(write_fd))
    rule("mmap", [
        _step(LOAD, ARG2), _jump(JUMP_SET, PROT_EXEC, 3, 0), _step(LOAD, ARG3), _jump(JUMP_SET, MAP_ANONYMOUS, 0, 1),
        _step(RETURN, RET_ALLOW), _step(RETURN, RET_EPERM),
    ])  # fmt: skip
    rule("mprotect", not_executable)
    for name in ALLOWED:
        rule(name, [_step(RETURN, RET_ALLOW)])
    for name in KILLED:
        rule(name, [_step(LOAD, ARG5), _jump(JUMP_EQUAL, PROBE, 1, 0), _step(RETURN, RET_KILL), _step(RETURN, RET_EPERM)])
    program.append(_step(RETURN, RET_EPERM))
    return b"".join(program)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_void_p)]


def install_filter(libc, program):
    steps = ctypes.create_string_buffer(program, len(program))
    header = _Program(len(program) // 8, ctypes.cast(steps, ctypes.c_void_p).value)
    return libc.prctl(PR_SET_SECCOMP, 2, ctypes.addressof(header), 0, 0)


def test_lock():
    """Believe it when it refuses."""
    attempts = {
        "open": lambda: posix.open("/", 0),
        "stat": lambda: posix.stat("/"),
        "pipe": posix.pipe,
        "kill": lambda: posix.kill(posix.getpid(), 0),
        "reading another descriptor": lambda: posix.read(0, 0),
        "writing to another descriptor": lambda: posix.write(2, b""),
        "executable memory": lambda: mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_EXEC),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
        except OSError as error:
            if error.errno != EPERM:
                raise LockError("after the lock %s failed with errno %d, not EPERM" % (name, error.errno)) from None
        else:
            raise LockError("after the lock %s still works" % name)


def test_calls(libc, machine):
    """What would end this process is refused with the probe. The other arguments are such that it does nothing if it is not."""
    for name in PROBED:
        number = SYSCALLS[name][0 if machine == "x86_64" else 1]
        if number is None:
            continue
        status = libc.syscall(number, -1, -1, -1, -1, -1, PROBE)
        if status == 0 and name == "fork":
            posix._exit(0)  # the child that there should not be
        if status != -1 or ctypes.get_errno() != EPERM:
            raise LockError("after the lock %s is let through" % name)


def test_work():
    """Memory, the clock and random bytes are still to be had; that the runner answers shows the rest."""
    try:
        mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
        time.sleep(0)
        posix.urandom(1)
    except OSError as error:
        raise LockError("after the lock nothing can run: %s" % error) from None


def _step(code, value):
    return struct.pack("=HBBI", code, 0, 0, value)


def _jump(code, value, if_true, if_false):
    return struct.pack("=HBBI", code, if_true, if_false, value)
