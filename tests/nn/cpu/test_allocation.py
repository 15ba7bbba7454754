import os
import sys

import pytest

from rnnlm_cli.nn.cpu.allocation import keep_freed_memory

glibc = pytest.mark.skipif(sys.platform != "linux", reason="needs glibc")


@glibc
def test_the_c_library_takes_it():
    try:
        version = os.confstr("CS_GNU_LIBC_VERSION")
    except ValueError:  # musl does not know the name
        version = None
    if not version:
        pytest.skip("another C library")
    assert keep_freed_memory()


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr("ctypes.CDLL", lambda name: object())
    assert not keep_freed_memory()
