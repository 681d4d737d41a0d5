"""The time as a test says, for the programs of BUILD/tests/clock.

A Clock is a file that the daemon and the tool have in their memory; it stands
still until the test moves it on, and never goes back.
"""
import datetime
import mmap
import struct
import time

VARIABLE = "TELECONSULT_TEST_CLOCK"


class Clock:
    def __init__(self, path, start=None):
        self.path = path
        with open(path, "wb") as f:
            f.write(struct.pack("=qq", int(start or time.time()), 0))
        with open(path, "r+b") as f:
            self.face = mmap.mmap(f.fileno(), 16)

    def close(self):
        self.face.close()

    @property
    def environment(self):
        return {VARIABLE: self.path}

    def now(self):
        """UTC seconds."""
        return struct.unpack_from("=q", self.face)[0]

    def at(self, when):
        """UTC seconds, or a datetime with its zone."""
        if isinstance(when, datetime.datetime):
            when = when.timestamp()
        if when < self.now():
            raise ValueError("time does not go back")
        struct.pack_into("=q", self.face, 0, int(when))

    def advance(self, **spans):
        """minutes=5, hours=1, ...: as datetime.timedelta() takes them."""
        self.at(self.now() + datetime.timedelta(**spans).total_seconds())

    def await_done(self, alive, wait_s=30):
        """Until a daemon has done all that is due by now, from here on."""
        end = time.monotonic() + wait_s
        # The first may be of a look that had begun already.
        for _ in range(2):
            struct.pack_into("=q", self.face, 8, 0)
            while struct.unpack_from("=q", self.face, 8)[0] < self.now():
                if time.monotonic() > end or not alive():
                    raise AssertionError("what is due is not done in time")
                time.sleep(0.002)
