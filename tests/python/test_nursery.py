"""nursery: what it does when it is told to, and what it tells."""

import os
import time
import unittest
from unittest import mock

from harness import Steps  # noqa: F401  (puts the runner's folder on sys.path)

import nursery


class Orders(unittest.TestCase):
    def setUp(self):
        self.told = []
        patch = mock.patch.object(nursery, "tell", self.told.append)
        patch.start()
        self.addCleanup(patch.stop)
        self.nursery = nursery.Nursery("/nowhere")

    def test_a_fork_that_the_system_refuses_is_told_with_the_reason(self):
        with mock.patch.object(nursery, "fork", side_effect=BlockingIOError(11, "Resource temporarily unavailable")):
            self.nursery.obey("fork", "key")
        self.assertEqual(self.told, ["failed key [Errno 11] Resource temporarily unavailable"])

    def test_a_worker_that_finds_nobody_to_connect_to_ends(self):
        self.nursery.obey("fork", "key")
        (told,) = self.told
        pid = int(told.split()[-1])
        self.assertEqual(told, "forked key %d" % pid)
        self.wait_until_told(2)
        self.assertEqual(self.told[1], "ended %d exit 1" % pid)

    def test_a_process_that_is_no_worker_is_not_reached(self):
        with mock.patch.object(nursery, "kill") as kill, mock.patch.object(nursery, "prlimit") as prlimit:
            for order in ("kill", "interrupt"):
                self.nursery.obey(order, str(os.getpid()))
            self.nursery.obey("limit", str(os.getpid()), "1")
        kill.assert_not_called()
        prlimit.assert_not_called()

    def test_a_worker_that_has_ended_is_not_reached_any_more(self):
        self.nursery.obey("fork", "key")
        pid = self.told[0].split()[-1]
        self.wait_until_told(2)
        with mock.patch.object(nursery, "kill") as kill:
            self.nursery.obey("kill", pid)
        kill.assert_not_called()

    def wait_until_told(self, count):
        for _ in range(1000):
            self.nursery.collect(0, None)
            if len(self.told) >= count:
                return
            time.sleep(0.005)


class Lines(unittest.TestCase):
    def test_orders_are_read_however_they_come(self):
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        for part in (b"fork", b" a\nki", b"ll 1\ninterrupt 2\n", b"half"):
            os.write(writing, part)
        os.close(writing)
        self.assertEqual(list(nursery.lines_of(reading)), ["fork a", "kill 1", "interrupt 2"])


if __name__ == "__main__":
    unittest.main()
