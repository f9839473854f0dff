"""Threads share their heaps: what many of them have freed is not held many times over."""

import subprocess
import sys

import pytest

from tvclient.adapters.memory import share_heaps

PROGRAM = """
import ctypes, threading
from tvclient.adapters.memory import share_heaps
library = ctypes.CDLL(None)
library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
if {shared}:
    share_heaps()
ready = threading.Barrier(9)
places = []
def take():
    places.append(library.malloc(100_000))
    ready.wait()
for _ in range(8):
    threading.Thread(target=take, daemon=True).start()
ready.wait()
print(len({{place >> 26 for place in places}}))
"""
"""In glibc each further heap begins at a multiple of 64 MiB."""


def heaps(shared: bool) -> int:
    """In how many heaps eight threads have their memory."""
    program = PROGRAM.format(shared=shared)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return int(done.stdout)


def test_threads_share_heaps() -> None:
    if not share_heaps():
        pytest.skip("this is no glibc")
    assert heaps(shared=True) <= 3 < heaps(shared=False)  # the main one may stand in two places
