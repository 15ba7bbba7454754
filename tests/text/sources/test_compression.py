"""Compressed files: the same bytes as the text, all members, limits, and damage in one line."""

import bz2
import gzip
import lzma
import zlib

import pytest

from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.text.opened import decompressed_size, open_bytes
from rnnlm_cli.text.sources import compression
from rnnlm_cli.text.sources.compression import COMPRESSIONS, split_compression

PACK = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lambda data: lzma.compress(data, preset=0),
}
try:
    import zstandard
except ImportError:
    pass
else:
    PACK[".zst"] = zstandard.ZstdCompressor(write_checksum=True).compress

TEXT = "".join(f"{n} {n * n} 하나\n" for n in range(8_000)).encode()
every_ending = pytest.mark.parametrize(
    "ending",
    [
        pytest.param(
            ending,
            marks=pytest.mark.skipif(ending not in PACK, reason="the package is not installed"),
        )
        for ending in COMPRESSIONS
    ],
)


def read(path, expansion=100.0):
    with open_bytes(str(path), expansion) as file:
        return file.read()


@every_ending
def test_members_and_zero_bytes_that_follow_one_another_are_read_as_one(tmp_path, ending):
    path = tmp_path / f"a.TXT{ending.upper()}"
    pack = PACK[ending]
    path.write_bytes(pack(TEXT[:70_000]) + pack(b"") + pack(TEXT[70_000:]) + bytes(2000))
    assert read(path) == TEXT
    assert decompressed_size(str(path), 10**9) == len(TEXT)
    path.write_bytes(b"")
    assert read(path) == b""


@every_ending
def test_a_file_expands_no_further_than_its_limit(tmp_path, monkeypatch, ending):
    monkeypatch.setattr(compression, "ALWAYS_ALLOWED", 1000)
    path = tmp_path / f"a{ending}"
    path.write_bytes(PACK[ending](bytes(10_000_000)))
    with pytest.raises(CorpusError, match=r"a\.\w+: byte [0-9,]+: expands to more than 2 times"):
        read(path, 2)
    assert len(read(path, 1e6)) == 10_000_000


@every_ending
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[:-5], "not a valid"),
        (lambda data: data[: len(data) // 2], "not a valid"),
        (lambda data: data[:100] + b"????????" + data[108:], "not a valid"),
        (lambda data: data + b"more", "not a valid"),
        (lambda data: TEXT, "is not compressed with"),
    ],
    ids=["end", "half", "changed", "more", "plain"],
)
def test_damage_is_one_line(tmp_path, ending, damage, message):
    path = tmp_path / f"a{ending}"
    path.write_bytes(damage(PACK[ending](TEXT)))
    with pytest.raises(CorpusError, match=rf"^{path}: {message} {COMPRESSIONS[ending].name}"):
        read(path)


def test_xz_with_a_dictionary_of_a_gigabyte_is_refused(tmp_path):
    path = tmp_path / "a.xz"
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]
    data = bytearray(lzma.compress(TEXT, lzma.FORMAT_XZ, filters=filters, check=lzma.CHECK_NONE))
    header = data[12:24]  # of the block: its size, flags, and the filter with the dictionary's size
    assert header[2:4] == bytes([0x21, 1])
    data[16] = 36  # 2 to the power of 30
    data[20:24] = zlib.crc32(bytes(data[12:20])).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(CorpusError, match="Memory usage limit exceeded"):
        read(path)


def test_a_package_that_is_missing_is_named(tmp_path, monkeypatch):
    def missing(module, name):
        raise UsageError(f"{module} is not installed; install it ({name})")

    monkeypatch.setattr(compression, "extra", missing)
    path = tmp_path / "a.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd")
    with pytest.raises(UsageError, match=r"zst.* is not installed; install it \(zst\)"):
        read(path)


def test_the_ending_of_a_name():
    assert split_compression("a.csv.GZ") == ("a.csv", ".GZ".lower())
    assert split_compression("gz") == ("gz", "")
