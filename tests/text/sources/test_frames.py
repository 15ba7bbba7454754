"""Frames of the package ``zstandard`` and of the standard library's module are read alike."""

import io

import pytest

from rnnlm_cli.text.sources.frames import Frames, Zstandard
from rnnlm_cli.text.sources.guarded import DamagedError


def test_zstandard_as_the_standard_library_has_it():
    """From Python 3.14 on; here a module of that form, which passes bytes through."""

    class Frame:
        eof, unused_data, needs_input = False, b"", True

        def decompress(self, data, max_length):
            assert max_length > 0
            self.eof = data.endswith(b"!")
            if b"?" in data:
                raise Module.ZstdError("damaged")
            return data

    class Module:
        ZstdError = type("ZstdError", (Exception,), {})
        ZstdDecompressor = Frame

    def frames(data):
        return Frames(io.BytesIO(data), lambda: Zstandard(Module))

    assert frames(b"abc!").read1(3) == b"abc"
    with pytest.raises(DamagedError, match="damaged"):
        frames(b"ab?").read1(3)
    cut = frames(b"abc")
    assert cut.read1(3) == b"abc"
    with pytest.raises(EOFError):
        cut.read1(3)
