"""lockdown: what its seccomp program answers to every system call: told by an interpreter of its own (struct sock_filter), by
the kernel's tables, and by the kernel itself.
"""

import os
import re
import signal
import struct
import subprocess
import sys
import unittest

from harness import Steps  # noqa: F401  (puts the runner's folder on sys.path)

import lockdown
from lockdown import ALLOWED, AUDIT_ARCH, KILLED, RET_ALLOW, RET_EPERM, RET_KILL, SYSCALLS

READ, WRITE = 3, 4
PROT_READ_WRITE, PROT_EXEC, MAP_PRIVATE, MAP_SHARED, MAP_ANONYMOUS, MAP_FIXED = 3, 4, 2, 1, 0x20, 0x10
X32_BIT = 0x40000000
NAMES = {RET_ALLOW: "allowed", RET_EPERM: "EPERM", RET_KILL: "kill"}

# what may be called with any arguments, and what kills, as the kernel's own tables number them (syscall_64.tbl, asm-generic/unistd.h)
ANSWERED = {
    "x86_64": {
        "allowed": {
            "munmap": 11, "brk": 12, "rt_sigprocmask": 14, "rt_sigreturn": 15, "select": 23, "sched_yield": 24, "mremap": 25, "madvise": 28, "nanosleep": 35, "getpid": 39, "exit": 60, "gettimeofday": 96,
            "getrusage": 98, "times": 100, "sigaltstack": 131, "gettid": 186, "futex": 202, "restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230, "exit_group": 231,
            "pselect6": 270, "set_robust_list": 273, "getrandom": 318, "rseq": 334,
        },
        "kill": {
            "socket": 41, "clone": 56, "fork": 57, "vfork": 58, "execve": 59, "ptrace": 101, "mount": 165, "init_module": 175, "kexec_load": 246, "keyctl": 250, "unshare": 272, "perf_event_open": 298,
            "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311, "finit_module": 313, "bpf": 321, "execveat": 322, "userfaultfd": 323, "io_uring_setup": 425, "clone3": 435,
        },
        "arguments decide": {"read": 0, "write": 1, "mmap": 9, "mprotect": 10},
    },
    "aarch64": {
        "allowed": {
            "pselect6": 72, "exit": 93, "exit_group": 94, "futex": 98, "set_robust_list": 99, "nanosleep": 101, "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115, "sched_yield": 124,
            "restart_syscall": 128, "sigaltstack": 132, "rt_sigprocmask": 135, "rt_sigreturn": 139, "times": 153, "getrusage": 165, "gettimeofday": 169, "getpid": 172, "gettid": 178, "brk": 214, "munmap": 215,
            "mremap": 216, "madvise": 233, "getrandom": 278, "rseq": 293,
        },
        "kill": {
            "mount": 40, "unshare": 97, "kexec_load": 104, "init_module": 105, "ptrace": 117, "socket": 198, "keyctl": 219, "clone": 220, "execve": 221, "perf_event_open": 241, "setns": 268,
            "process_vm_readv": 270, "process_vm_writev": 271, "finit_module": 273, "bpf": 280, "execveat": 281, "userfaultfd": 282, "io_uring_setup": 425, "clone3": 435,
        },
        "arguments decide": {"read": 63, "write": 64, "mmap": 222, "mprotect": 226},
    },
}  # fmt: skip
# system calls that the table must not name among the allowed: files, processes, sockets, signals, the kernel's own
REFUSED = {
    "x86_64": {
        "open": 2, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "poll": 7, "lseek": 8, "rt_sigaction": 13, "ioctl": 16, "pread64": 17, "pwrite64": 18, "readv": 19, "writev": 20, "access": 21,
        "pipe": 22, "dup": 32, "dup2": 33, "pause": 34, "alarm": 37, "setitimer": 38, "sendfile": 40, "connect": 42, "sendto": 44, "sendmsg": 46, "bind": 49, "listen": 50, "socketpair": 53,
        "wait4": 61, "kill": 62, "uname": 63, "shmget": 29, "fcntl": 72, "truncate": 76, "getdents": 78, "getcwd": 79, "chdir": 80, "rename": 82, "mkdir": 83, "unlink": 87, "symlink": 88, "readlink": 89,
        "chmod": 90, "chown": 92, "umask": 95, "getrlimit": 97, "getuid": 102, "setuid": 105, "setpgid": 109, "getppid": 110, "setsid": 112, "personality": 135, "prctl": 157, "arch_prctl": 158, "chroot": 161,
        "setrlimit": 160, "acct": 163, "tkill": 200, "set_tid_address": 218, "timer_create": 222, "tgkill": 234, "inotify_init": 253, "openat": 257, "unlinkat": 263, "splice": 275, "tee": 276, "vmsplice": 278,
        "eventfd": 284, "signalfd4": 289, "epoll_create1": 291, "dup3": 292, "pipe2": 293, "prlimit64": 302, "name_to_handle_at": 303, "open_by_handle_at": 304, "seccomp": 317, "memfd_create": 319, "mlock2": 325,
        "copy_file_range": 326, "preadv2": 327, "pkey_mprotect": 329, "statx": 332, "pidfd_send_signal": 424, "pidfd_open": 434, "openat2": 437, "pidfd_getfd": 438, "faccessat2": 439, "process_madvise": 440,
        "landlock_create_ruleset": 444, "memfd_secret": 447, "unknown": 9999,
    },
    "aarch64": {
        "getcwd": 17, "eventfd2": 19, "epoll_create1": 20, "dup": 23, "dup3": 24, "fcntl": 25, "ioctl": 29, "mknodat": 33, "mkdirat": 34, "unlinkat": 35, "symlinkat": 36, "renameat": 38, "truncate": 45,
        "faccessat": 48, "chdir": 49, "chroot": 51, "fchmodat": 53, "openat": 56, "close": 57, "pipe2": 59, "getdents64": 61, "lseek": 62, "readv": 65, "writev": 66, "pread64": 67, "pwrite64": 68, "sendfile": 71,
        "ppoll": 73, "splice": 76, "readlinkat": 78, "newfstatat": 79, "fstat": 80, "personality": 92, "set_tid_address": 96, "setitimer": 103, "timer_create": 107, "kill": 129, "tkill": 130, "tgkill": 131,
        "rt_sigaction": 134, "setuid": 146, "setsid": 157, "uname": 160, "setrlimit": 164, "prctl": 167, "getppid": 173, "getuid": 174, "shmget": 194, "socketpair": 199, "bind": 200, "listen": 201, "connect": 203,
        "sendto": 206, "sendmsg": 211, "wait4": 260, "prlimit64": 261, "open_by_handle_at": 265, "seccomp": 277, "memfd_create": 279, "mlock2": 284, "copy_file_range": 285, "preadv2": 286, "pkey_mprotect": 288, "statx": 291,
        "pidfd_send_signal": 424, "pidfd_open": 434, "openat2": 437, "pidfd_getfd": 438, "landlock_create_ruleset": 444, "unknown": 9999,
    },
}  # fmt: skip


def answer_of(program, arch, number, args=()):
    """Runs the program over a struct seccomp_data, as seccomp(2) and the kernel's BPF documentation give its meaning."""
    data = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, arch, 0, *[arg & (1 << 64) - 1 for arg in [*args, 0, 0, 0, 0, 0, 0][:6]])
    steps = [struct.unpack_from("<HBBI", program, at) for at in range(0, len(program), 8)]
    accumulator = at = 0
    for _ in range(len(steps)):
        code, if_true, if_false, value = steps[at]
        at += 1
        if code == 0x20:  # BPF_LD | BPF_W | BPF_ABS
            accumulator = struct.unpack_from("<I", data, value)[0]
        elif code == 0x06:  # BPF_RET | BPF_K
            return NAMES[value]
        elif code in (0x15, 0x35, 0x45):  # BPF_JMP | BPF_JEQ, BPF_JGE, BPF_JSET
            taken = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: accumulator & value != 0}[code]
            at += if_true if taken else if_false
        else:
            raise AssertionError("the program has an unknown step 0x%x" % code)
    raise AssertionError("the program did not end")


class Filter(unittest.TestCase):
    def each(self):
        for column, machine in enumerate(AUDIT_ARCH):
            program = lockdown.build_filter(machine, READ, WRITE)
            numbers = {name: both[column] for name, both in SYSCALLS.items() if both[column] is not None}

            def answer(name, *args, program=program, numbers=numbers, arch=AUDIT_ARCH[machine]):
                return answer_of(program, arch, numbers.get(name, name), args)

            with self.subTest(machine):
                yield machine, answer, numbers

    def test_reading_and_writing_is_allowed_on_the_protocol_s_descriptors_only(self):
        for _, answer, _ in self.each():
            for descriptor in [*range(40), -1, 255, 256, 259, 1 << 31, (1 << 32) - 1]:
                self.assertEqual(answer("read", descriptor), "allowed" if descriptor == READ else "EPERM", descriptor)
                self.assertEqual(answer("write", descriptor), "allowed" if descriptor == WRITE else "EPERM", descriptor)

    def test_other_descriptors_can_be_chosen(self):
        for machine, arch in AUDIT_ARCH.items():
            program = lockdown.build_filter(machine, 7, 9)
            read, write = (SYSCALLS[name][0 if machine == "x86_64" else 1] for name in ("read", "write"))
            answers = [answer_of(program, arch, number, [descriptor]) for number in (read, write) for descriptor in (3, 4, 7, 9)]
            self.assertEqual(answers, ["EPERM", "EPERM", "allowed", "EPERM", "EPERM", "EPERM", "EPERM", "allowed"])

    def test_memory_is_mapped_anonymous_and_not_executable(self):
        for _, answer, _ in self.each():
            for protection, flags, expected in [
                (PROT_READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, "allowed"), (0, MAP_PRIVATE | MAP_ANONYMOUS, "allowed"), (PROT_READ_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, "allowed"),
                (PROT_READ_WRITE, MAP_PRIVATE, "EPERM"), (1, MAP_SHARED, "EPERM"), (PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, "EPERM"), (7, MAP_PRIVATE | MAP_ANONYMOUS, "EPERM"), (7, MAP_PRIVATE, "EPERM"), (PROT_EXEC | 1 << 32, MAP_ANONYMOUS, "EPERM"),
            ]:  # fmt: skip
                self.assertEqual(answer("mmap", 0, 4096, protection, flags, -1, 0), expected, (protection, flags))

    def test_a_call_that_kills_is_refused_where_its_last_argument_is_the_probe_and_kills_with_any_other(self):
        for machine, answer, _ in self.each():
            for number in ANSWERED[machine]["kill"].values():
                self.assertEqual(answer(number, 1, 2, 3, 4, 5, lockdown.PROBE), "EPERM")
                for last in (0, -1, lockdown.PROBE + 1, 1 << 63):
                    self.assertEqual(answer(number, lockdown.PROBE, 0, 0, 0, lockdown.PROBE, last), "kill")

    def test_memory_is_never_made_executable(self):
        for _, answer, _ in self.each():
            for protection in range(8):
                self.assertEqual(answer("mprotect", 4096, 4096, protection), "EPERM" if protection & PROT_EXEC else "allowed", protection)

    def test_every_number_has_the_answer_of_the_kernel_s_table(self):
        for machine, answer, _ in self.each():
            groups = ANSWERED[machine]
            answers = {number: group for group in ("allowed", "kill") for number in groups[group].values()}
            wrong = {}
            for number in [*range(1000), 0x3FFFFFFF]:
                got = answer(number, 1, 2, 3, 4, 5, 6)
                if number not in groups["arguments decide"].values() and got != answers.get(number, "EPERM"):
                    wrong[number] = got
            self.assertEqual(wrong, {})

    def test_what_reaches_files_processes_sockets_and_signals_is_refused(self):
        for machine, answer, _ in self.each():
            for name, number in REFUSED[machine].items():
                self.assertIn(answer(number), ("EPERM", "kill"), name)

    def test_another_architecture_s_calls_kill(self):
        for machine, arch in AUDIT_ARCH.items():
            program = lockdown.build_filter(machine, READ, WRITE)
            for other in (0x40000003, 0x40000028, 0, 0xFFFFFFFF, *(set(AUDIT_ARCH.values()) - {arch})):  # i386, arm
                for number in range(0, 450, 7):
                    self.assertEqual(answer_of(program, other, number), "kill")

    def test_the_x32_calls_of_x86_64_kill(self):
        program = lockdown.build_filter("x86_64", READ, WRITE)
        for number in (0, 1, 9, 59, 231, 999):
            self.assertEqual(answer_of(program, AUDIT_ARCH["x86_64"], X32_BIT | number), "kill")
        self.assertEqual(answer_of(program, AUDIT_ARCH["x86_64"], 0xFFFFFFFF), "kill")

    def test_the_program_fits_and_every_jump_stays_inside(self):
        for machine in AUDIT_ARCH:
            program = lockdown.build_filter(machine, READ, WRITE)
            count = len(program) // 8
            self.assertLess(count, 4096)
            for at in range(count):
                code, if_true, if_false, _ = struct.unpack_from("<HBBI", program, at * 8)
                if code & 7 == 5:
                    self.assertLess(at + 1 + max(if_true, if_false), count)


class Tables(unittest.TestCase):
    def test_the_lists_name_calls_of_the_table_and_nothing_twice(self):
        handled = {"read", "write", "mmap", "mprotect"}
        self.assertEqual(handled | set(ALLOWED) | set(KILLED), set(SYSCALLS))
        self.assertEqual(set(ALLOWED) & set(KILLED), set())

    def test_no_number_stands_for_two_calls(self):
        for column in (0, 1):
            numbers = [both[column] for both in SYSCALLS.values() if both[column] is not None]
            self.assertEqual(len(numbers), len(set(numbers)))

    def test_the_numbers_are_those_of_the_headers_where_this_machine_has_them(self):
        """asm/unistd_64.h of an x86_64 machine, and asm-generic/unistd.h, which aarch64 uses, of any."""
        headers = ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm-generic/unistd.h")
        wrong = {}
        for column, header in enumerate(headers):
            if not os.path.exists(header):
                continue
            with open(header) as lines:
                known = dict(re.findall(r"#define __NR(?:3264)?_(\w+) (\d+)", lines.read()))
            wrong.update({name: both for name, both in SYSCALLS.items() if name in known and both[column] != int(known[name])})
        self.assertEqual(wrong, {})


LOCKED = """
import ctypes, os, sys
sys.path.insert(0, sys.argv[1])
import lockdown
write_fd = int(sys.argv[2])
read_fd, _ = os.pipe()
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
lockdown.lock(read_fd, write_fd, 1 << 30, 60)
for number in map(int, sys.argv[3].split(",")):
    status = libc.syscall(number, -1, -1, -1, -1, -1, -1)
    if status != -1 or ctypes.get_errno() != 1:
        os.write(write_fd, b"%d: %d, errno %d\\n" % (number, status, ctypes.get_errno()))
os.write(write_fd, b"through\\n")
"""


class Kernel(unittest.TestCase):
    """The same asked of the kernel itself, by a process that has locked itself."""

    def locked(self, numbers):
        """(status, what it wrote) of a process that makes these calls behind the lock."""
        out, into = os.pipe()
        arguments = [os.path.dirname(lockdown.__file__), str(into), ",".join(map(str, numbers))]
        with os.fdopen(out, "rb") as wrote:
            process = subprocess.Popen([sys.executable, "-I", "-S", "-B", "-c", LOCKED, *arguments], pass_fds=[into])
            os.close(into)
            text = wrote.read().decode()
            return process.wait(30), text

    def test_every_other_call_is_refused_with_eperm(self):
        groups = ANSWERED[os.uname().machine]
        answered = {number for group in groups.values() for number in group.values()}
        answered |= {335, 336} if os.uname().machine == "x86_64" else set()  # uretprobe, uprobe: the kernel's own, past every filter; SIGILL
        self.assertEqual(self.locked(sorted(set(range(512)) - answered)), (0, "through\n"))

    def test_every_call_that_kills_does(self):
        survived = {}
        for name, number in ANSWERED[os.uname().machine]["kill"].items():
            ended = self.locked([number])
            if ended != (-signal.SIGSYS, ""):
                survived[name] = ended
        self.assertEqual(survived, {})


if __name__ == "__main__":
    unittest.main()
