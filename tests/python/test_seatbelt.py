"""seatbelt: the profile's text, and that a lock which does not hold is not called one. There is no macOS here to run it on."""

import unittest
from unittest import mock

from harness import Steps  # noqa: F401  (puts the runner's folder on sys.path)

import lockdown
import seatbelt


class Library:
    """In place of libsandbox: notes what it is given."""

    def __init__(self, status=0, reason=None):
        self.status = status
        self.reason = reason
        self.profiles = []

    def sandbox_init(self, profile, flags, reason):
        self.profiles.append(profile)
        self.flags = flags.value
        reason._obj.value = self.reason
        return self.status


def refused(*args, **kwargs):
    raise PermissionError(1, "Operation not permitted")


CALLS = {"open": "open", "stat": "stat", "listdir": "list", "mkdir": "make a folder", "kill": "kill", "execv": "run a program"}


class Profile(unittest.TestCase):
    def test_refuses_by_default_and_names_what_it_refuses(self):
        self.assertEqual(
            seatbelt.profile(),
            """(version 1)
(deny default)
(deny file*)
(deny network*)
(deny process-exec*)
(deny process-fork)
(deny process-info*)
(deny signal)
(deny mach*)
(deny ipc*)
(deny iokit*)
(deny sysctl*)
(deny system*)
""",
        )

    def test_allows_nothing(self):
        self.assertNotIn("allow", seatbelt.profile())


class Lock(unittest.TestCase):
    def lock(self, library):
        names = []

        def load(name):
            names.append(name)
            return library

        with mock.patch.multiple(seatbelt.posix, **dict.fromkeys(CALLS, refused)):
            report = seatbelt.lock(load)
        self.assertEqual(names, ["/usr/lib/libsandbox.1.dylib"])
        return report

    def test_hands_the_profile_over_and_tells_that_it_holds(self):
        library = Library()
        self.assertEqual(self.lock(library), {"seccomp": False, "landlock": 0, "seatbelt": True})
        self.assertEqual((library.profiles, library.flags), ([seatbelt.profile().encode()], 0))

    def test_a_profile_that_is_refused_is_no_lock(self):
        with self.assertRaisesRegex(lockdown.LockError, "^Seatbelt was refused: bad profile$"):
            self.lock(Library(-1, b"bad profile"))
        with self.assertRaisesRegex(lockdown.LockError, "^Seatbelt was refused: no reason$"):
            self.lock(Library(-1))

    def test_a_machine_without_the_library_is_refused(self):
        with self.assertRaisesRegex(lockdown.LockError, "^Seatbelt is missing: "):
            seatbelt.lock()

    def test_each_thing_that_the_lock_must_refuse_is_tried(self):
        for call, name in CALLS.items():
            calls = dict.fromkeys(CALLS, refused)
            calls[call] = lambda *args: None
            with mock.patch.multiple(seatbelt.posix, **calls), self.assertRaisesRegex(lockdown.LockError, "^after the lock %s still works$" % name):
                seatbelt.test_lock()

    def test_is_what_the_lock_is_on_macos(self):
        with mock.patch.object(lockdown, "limit_resources", lambda *args: None), mock.patch.object(lockdown.sys, "platform", "darwin"):
            with mock.patch.object(seatbelt, "lock", lambda: "seatbelt's report"):
                self.assertEqual(lockdown.lock(3, 4, 1 << 29, 60), "seatbelt's report")


if __name__ == "__main__":
    unittest.main()
