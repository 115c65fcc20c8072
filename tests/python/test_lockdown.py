"""lockdown: the order of the lock, what it is tested by, and that it is not called locked when a part of it is refused."""

import unittest
from unittest import mock

from harness import Steps  # noqa: F401  (puts the runner's folder on sys.path)

import lockdown

READ, WRITE = 3, 4


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
        lockdown.sys.platform = "freebsd14"
        with self.assertRaisesRegex(lockdown.LockError, "^the kernel layer needs Linux or macOS; this is freebsd14$"):
            lockdown.lock(READ, WRITE, 1 << 29, 60)

    def test_a_lock_that_does_not_hold_is_not_believed(self):
        with self.assertRaisesRegex(lockdown.LockError, "^after the lock open still works$"):
            lockdown.test_lock()

    def test_each_thing_that_the_lock_must_refuse_is_tried(self):
        calls = {"open": "open", "stat": "stat", "pipe": "pipe", "kill": "kill", "read": "reading another descriptor", "write": "writing to another descriptor"}

        def refused(*args, **kwargs):
            raise PermissionError(1, "Operation not permitted")

        def wrong(*args, **kwargs):
            raise PermissionError(13, "Permission denied")

        memory = mock.patch.object(lockdown.mmap, "mmap", refused)
        with mock.patch.multiple(lockdown.posix, **dict.fromkeys(calls, refused)), memory:
            lockdown.test_lock()
            for call, name in calls.items():
                with mock.patch.object(lockdown.posix, call, lambda *args: None), self.assertRaisesRegex(lockdown.LockError, "^after the lock %s still works$" % name):
                    lockdown.test_lock()
                with mock.patch.object(lockdown.posix, call, wrong), self.assertRaisesRegex(lockdown.LockError, "^after the lock %s failed with errno 13, not EPERM$" % name):
                    lockdown.test_lock()
            with mock.patch.object(lockdown.mmap, "mmap", lambda *args, **kwargs: None), self.assertRaisesRegex(lockdown.LockError, "^after the lock executable memory still works$"):
                lockdown.test_lock()


    def test_each_call_that_would_kill_is_tried_with_the_probe(self):
        machine = "x86_64"
        numbers = [lockdown.SYSCALLS[name][0] for name in lockdown.PROBED]
        for through in [None, *numbers]:
            tried = []

            class Libc:
                @staticmethod
                def syscall(number, *args):
                    tried.append(number)
                    self.assertEqual(args[-1], lockdown.PROBE)
                    return 5 if number == through else -1

            with mock.patch.object(lockdown.ctypes, "get_errno", lambda: 1):
                if through is None:
                    lockdown.test_calls(Libc, machine)
                    self.assertEqual(tried, numbers)
                else:
                    name = lockdown.PROBED[numbers.index(through)]
                    with self.assertRaisesRegex(lockdown.LockError, "^after the lock %s is let through$" % name):
                        lockdown.test_calls(Libc, machine)

    def test_another_errno_is_not_believed(self):
        libc = mock.Mock(**{"syscall.return_value": -1})
        with mock.patch.object(lockdown.ctypes, "get_errno", lambda: 22), self.assertRaisesRegex(lockdown.LockError, "^after the lock execve is let through$"):
            lockdown.test_calls(libc, "aarch64")

    def test_a_lock_behind_which_nothing_runs_is_told(self):
        lockdown.test_work()
        with mock.patch.object(lockdown.posix, "urandom", mock.Mock(side_effect=OSError(1, "Operation not permitted"))), self.assertRaisesRegex(lockdown.LockError, r"^after the lock nothing can run: \[Errno 1\] Operation not permitted$"):
            lockdown.test_work()


class FailClosed(unittest.TestCase):
    """A kernel that refuses a part of the lock: the process is not called locked, and says what is missing."""

    PARTS = {
        "a signal at the host's end": ("prctl", lockdown.PR_SET_PDEATHSIG),
        "being not dumpable": ("prctl", lockdown.PR_SET_DUMPABLE),
        "no_new_privs": ("prctl", lockdown.PR_SET_NO_NEW_PRIVS),
        "dropping the capabilities": ("syscall", lockdown.CAPSET["x86_64"]),
        "seccomp": ("prctl", lockdown.PR_SET_SECCOMP),
    }  # fmt: skip

    def lock(self, refused=None, parents=(7, 7), landlock=(0, 0, 0)):
        """The lock on a made-up kernel; what it answers to the three Landlock calls, in order."""
        called = []
        answers = iter(landlock)

        class Libc:
            @staticmethod
            def prctl(*args):
                called.append(("prctl", args[0]))
                return -1 if called[-1] == refused else 0

            @staticmethod
            def syscall(*args):
                called.append(("syscall", args[0]))
                return next(answers) if args[0] in (lockdown.CREATE_RULESET, lockdown.RESTRICT_SELF) else -1 if called[-1] == refused else 0

        uname = type("Uname", (), {"machine": "x86_64"})
        patches = {"uname": lambda: uname, "getppid": mock.Mock(side_effect=parents), "close": lambda descriptor: None}
        with mock.patch.multiple(lockdown, limit_resources=mock.DEFAULT, test_lock=mock.DEFAULT, test_calls=mock.DEFAULT, test_work=mock.DEFAULT), mock.patch.object(lockdown.sys, "platform", "linux"), \
                mock.patch.multiple(lockdown.posix, **patches), mock.patch.object(lockdown.ctypes, "CDLL", lambda *args, **kwargs: Libc), mock.patch.object(lockdown.ctypes, "get_errno", lambda: 22):  # fmt: skip
            return lockdown.lock(READ, WRITE, 1 << 29, 60), called

    def test_each_part_that_is_refused_is_told(self):
        for name, part in self.PARTS.items():
            with self.subTest(name), self.assertRaises(lockdown.LockError) as raised:
                self.lock(refused=part)
            self.assertEqual(str(raised.exception), "%s was refused (errno 22)" % name)

    def test_a_host_that_has_ended_meanwhile_is_told(self):
        with self.assertRaisesRegex(lockdown.LockError, "^the host has ended$"):
            self.lock(parents=(7, 1))

    def test_a_kernel_without_landlock_is_locked_by_seccomp(self):
        for landlock in ((-1,), (0,), (3, -1), (3, 9, -1)):
            self.assertEqual(self.lock(landlock=landlock)[0], {"seccomp": True, "landlock": 0})
        self.assertEqual(self.lock(landlock=(3, 9, 0))[0], {"seccomp": True, "landlock": 3})

    def test_seccomp_is_the_last_of_it(self):
        called = self.lock(landlock=(3, 9, 0))[1]
        self.assertEqual(called[-1], ("prctl", lockdown.PR_SET_SECCOMP))
        self.assertTrue(set(self.PARTS.values()) <= set(called))


if __name__ == "__main__":
    unittest.main()
