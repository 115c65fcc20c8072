"""lockdown: what the seccomp program answers to every system call, told by an interpreter of its own (struct sock_filter)."""

import os
import re
import struct
import unittest

from harness import Steps  # noqa: F401  (puts the runner's folder on sys.path)

import lockdown
from lockdown import ALLOWED, AUDIT_ARCH, KILLED, RET_ALLOW, RET_EPERM, RET_KILL, SYSCALLS

READ, WRITE = 3, 4
PROT_READ_WRITE, PROT_EXEC, MAP_PRIVATE, MAP_SHARED, MAP_ANONYMOUS, MAP_FIXED = 3, 4, 2, 1, 0x20, 0x10
X32_BIT = 0x40000000
NAMES = {RET_ALLOW: "allowed", RET_EPERM: "EPERM", RET_KILL: "kill"}

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

    def test_memory_is_never_made_executable(self):
        for _, answer, _ in self.each():
            for protection in range(8):
                self.assertEqual(answer("mprotect", 4096, 4096, protection), "EPERM" if protection & PROT_EXEC else "allowed", protection)

    def test_every_listed_call_is_allowed_or_kills_as_the_lists_say(self):
        for _, answer, numbers in self.each():
            for name in ALLOWED:
                if name in numbers:
                    self.assertEqual(answer(name, 1, 2, 3, 4, 5, 6), "allowed", name)
            for name in KILLED:
                if name in numbers:
                    self.assertEqual(answer(name), "kill", name)

    def test_every_number_that_is_not_listed_is_refused(self):
        for _, answer, numbers in self.each():
            listed = set(numbers.values())
            for number in [*range(1000), 0x3FFFFFFF]:
                if number not in listed:
                    self.assertEqual(answer(number), "EPERM", number)

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

    def test_the_numbers_are_those_of_this_machine_s_headers_where_it_has_them(self):
        """asm/unistd.h, when the kernel's headers are installed; the tables are then checked against it."""
        column = {"x86_64": 0, "aarch64": 1}.get(os.uname().machine)
        folder = "/usr/include/%s-linux-gnu/asm" % os.uname().machine
        header = "/usr/include/asm-generic/unistd.h" if column == 1 else folder + "/unistd_64.h"
        known = {}
        if column is not None and os.path.exists(header):
            with open(header) as lines:
                known = {name: int(number) for name, number in re.findall(r"#define __NR(?:3264)?_(\w+) (\d+)", lines.read())}
        wrong = {name: (both[column], known[name]) for name, both in SYSCALLS.items() if name in known and both[column] != known[name]}
        self.assertEqual(wrong, {})


class Order(unittest.TestCase):
    def test_a_machine_without_a_table_is_refused_by_name(self):
        limits, uname, platform = lockdown.limit_resources, lockdown.posix.uname, lockdown.sys.platform
        self.addCleanup(setattr, lockdown, "limit_resources", limits)
        self.addCleanup(setattr, lockdown.posix, "uname", uname)
        self.addCleanup(setattr, lockdown.sys, "platform", platform)
        lockdown.limit_resources = lambda *args: None
        lockdown.posix.uname = lambda: type("Uname", (), {"machine": "riscv64"})
        lockdown.sys.platform = "linux"
        with self.assertRaisesRegex(lockdown.LockError, "^there is no system call table for riscv64$"):
            lockdown.lock(READ, WRITE, 1 << 29, 60)
        lockdown.sys.platform = "darwin"
        with self.assertRaisesRegex(lockdown.LockError, "^the kernel layer needs Linux; this is darwin$"):
            lockdown.lock(READ, WRITE, 1 << 29, 60)

    def test_a_lock_that_does_not_hold_is_not_believed(self):
        with self.assertRaisesRegex(lockdown.LockError, "^after the lock open still works$"):
            lockdown.test_lock()


if __name__ == "__main__":
    unittest.main()
