"""Which errors of a decompressor are the disk's."""

import errno
import os

import pytest

from rnnlm_cli.text.sources.guarded import of_the_system


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.EIO, os.strerror(errno.EIO)), True),
        (PermissionError(errno.EACCES, os.strerror(errno.EACCES)), True),
        (OSError("Invalid data stream"), False),  # of bz2
        (OSError(errno.EINVAL, os.strerror(errno.EINVAL)), False),
        (EOFError("ended early"), False),
    ],
)
def test_an_error_of_the_disk_has_a_number(error, expected):
    assert of_the_system(error) is expected
