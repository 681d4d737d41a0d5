"""Stops one thread of another process: the debugger's way, ptrace(2).

with Held(tid): the thread does not run; the others of its process do. It goes
on when the block ends, or has ended with its process.
"""
import ctypes
import os

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
WALL = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p,
                        ctypes.c_void_p]
LIBC.ptrace.restype = ctypes.c_long


def ptrace(request, tid):
    if LIBC.ptrace(request, tid, None, None) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"ptrace: {os.strerror(number)}")


class Held:
    def __init__(self, tid):
        self.tid, self.gone = tid, False

    def __enter__(self):
        ptrace(SEIZE, self.tid)
        ptrace(INTERRUPT, self.tid)
        os.waitpid(self.tid, WALL)
        return self

    def look(self):
        """Has it ended with its process? Its end waits for us to look."""
        if not self.gone:
            pid, status = os.waitpid(self.tid, WALL | os.WNOHANG)
            self.gone = pid != 0 and (os.WIFSIGNALED(status) or
                                      os.WIFEXITED(status))
        return self.gone

    def __exit__(self, *exc):
        if not self.gone:
            ptrace(DETACH, self.tid)
