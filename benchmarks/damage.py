"""Randomly damaged files: each must be read, or refused with one line.

Run by ``make damage``. A file of each kind is damaged many times: bits flipped, the end cut off,
bytes inserted, pieces swapped or written twice. A damaged checkpoint must be refused. One whose
header was made to fit the damage, as a forger would do, may be read, since a weight may be any
number. Any error other than one printable line of at most 500 characters, of the tool's own error
type, counts as a failure. Memory is the peak allocation while a file is read.
"""

from __future__ import annotations

import argparse
import bz2
import contextlib
import gzip
import io
import lzma
import os
import pickle
import random
import sys
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnnlm_cli import checkpoint
from rnnlm_cli.checkpoint import container
from rnnlm_cli.config import load_config
from rnnlm_cli.config.checkpoint import CheckpointConfig
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.config.schema import Config
from rnnlm_cli.errors import MOST_LINE, RnnlmError, printable
from rnnlm_cli.exchange.arpa import read_arpa
from rnnlm_cli.exchange.array_pickle import read_arrays
from rnnlm_cli.exchange.files import as_safetensors, read_safetensors
from rnnlm_cli.exchange.metadata import metadata, read_metadata
from rnnlm_cli.exchange.nbest import joined_lines, read_nbest
from rnnlm_cli.exchange.nbest_formats import FORMATS, Rescored
from rnnlm_cli.exchange.pytorch import from_pytorch, to_pytorch
from rnnlm_cli.exchange.slf import read_slf
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.report.curves import read_curves
from rnnlm_cli.text.codec import CODECS
from rnnlm_cli.text.codec.word import WordCodec
from rnnlm_cli.text.reader import read_pieces
from rnnlm_cli.text.sources.expand import expand
from rnnlm_cli.text.vectors import read_vectors
from rnnlm_cli.text.vocabulary import Vocabulary

ROOT = Path(__file__).parents[1]


class Kind(NamedTuple):
    """A kind of file."""

    sound: bytes
    read: Callable[[str], object]
    must_fail: bool  # whether every damage must be detected
    seal: Callable[[bytes], bytes] = bytes


def a_checkpoint(directory: str, types: int, size: int) -> bytes:
    """Return a checkpoint of a model with ``types`` types and ``size`` hidden units."""
    config = Config(
        corpus=CorpusConfig(train="a.txt"),
        model=ModelConfig(embedding_size=size, hidden_size=size),
        checkpoint=CheckpointConfig(path="a.pkl"),
    )
    words = [*(f"w{k}" for k in range(types - 2)), "<eos>", "<unk>"]
    vocabulary = Vocabulary(words, np.arange(types)[::-1].copy(), "<unk>")
    network = Rnnlm.random(config.model, types, np.random.default_rng(0))
    path = str(Path(directory, "a.pkl"))
    checkpoint.save(path, TrainedModel(config, WordCodec(), vocabulary, network))
    return Path(path).read_bytes()


def sealed(content: bytes) -> bytes:
    """Give a damaged checkpoint a header that fits its content."""
    body = content[container.HEADER.size :]
    with tempfile.TemporaryDirectory() as directory:
        path = str(Path(directory, "a"))
        container.write(path, lambda file: file.write(body))
        return Path(path).read_bytes()


def kinds(directory: str, types: int = 1000, size: int = 64) -> dict[str, Kind]:
    """Return a valid file of each kind with its reader; ``types`` and ``size`` are the model's."""
    saved = a_checkpoint(directory, types, size)
    arrays = pickle.dumps([np.ones((8, 4), np.float16), np.ones(16, np.float16)], protocol=4)
    tensors = a_safetensors_file(directory)
    records = b"".join(b'{"id": %d, "text": "you say\\nhello"}\n' % n for n in range(100))
    table = b"id,text\n" + b"".join(b'%d,"you, say\nhello"\n' % n for n in range(100))
    return {
        "checkpoint": Kind(saved, checkpoint.load, True),
        "forged checkpoint": Kind(saved, checkpoint.load, False, sealed),
        "notes' weights": Kind(arrays, read_arrays, False),
        "ARPA": Kind((ROOT / "tests/goldens/random.arpa").read_bytes(), read_arpa, False),
        "n-best list": Kind(b"-5 -2 3 you say hello\n-6 -1 2 you say\n", nbest("srilm"), False),
        "Moses' list": Kind(b"0 ||| you say ||| lm= -2 d= 1 ||| -5\n", nbest("moses"), False),
        "lattice": Kind(LATTICE, lattice, False),
        "config": Kind((ROOT / "configs/hello.yaml").read_bytes(), load_config, False),
        "log": Kind(LOG, read_curves, False),
        "word vectors": Kind(GLOVE, vectors, False),
        "counted vectors": Kind(b"3 4\n" + GLOVE, vectors, False),
        "binary vectors": Kind(BINARY_VECTORS, vectors, False),
        "jsonl": Kind(records, as_text(directory, "jsonl"), False),
        "csv": Kind(table, as_text(directory, "csv"), False),
        "gz": Kind(gzip.compress(records), as_text(directory, "txt.gz"), False),
        "bz2": Kind(bz2.compress(records), as_text(directory, "txt.bz2"), False),
        "xz": Kind(lzma.compress(records), as_text(directory, "txt.xz"), False),
        "zip": Kind(a_zip_file(records), as_text(directory, "zip"), False),
        **of_packages(directory, records),
        "safetensors": Kind(tensors, read_model, False, framed(tensors)),
        "text": Kind(TEXT, read_text, False),
    }


LATTICE = b"""UTTERANCE="u 1"
lmscale=12.5 wdpenalty=-2 base=10
N=4 L=4
I=0 t=0.0
I=1 t=0.5 W=you
J=0 S=0 E=1 a=-100 l=-1
J=1 S=1 E=2 W=say a=-200.5
J=2 S=1 E=3 W=!NULL a=-1e2 l=-.5
J=3 S=2 E=3 W=\\"x
"""


def lattice(path: str) -> object:
    """Read a lattice and put its nodes in order."""
    return read_slf(joined_lines(read_pieces(path), path), path).order


GLOVE = b"you 0.5 -1 2e-5 3\nsay 1 2 3 4\nhello -0.25 0 1 7.125\n"
BINARY_VECTORS = b"2 4\n" + b"\n".join(
    w + b" " + np.ones(4, "<f4").tobytes() for w in (b"a", b"you")
)


def vectors(path: str) -> object:
    """Read word vectors of some tokens."""
    return read_vectors(path, ["you", "Hello", "a"], 4)


LOG = b"""{"event": "step", "step": 20, "epoch": 1, "nats_per_token": 5.5, "seconds": 1.5}
{"event": "epoch", "epoch": 1, "train_perplexity": 200.5, "valid_perplexity": null}
{"event": "end", "reason": "epochs"}
"""


TEXT = "Mr. O'Neil didn't say \"yes\" (to me@a.org): 1,000.5 안녕, 日本… 👍🏽\n".encode()


def read_text(path: str) -> list[str]:
    """Split a text by each unit, and join its tokens again."""
    pieces, codecs = (
        list(read_pieces(path)),
        [codec() for codec in CODECS.values() if not codec().learns],
    )
    return [codec.decode(codec.tokens(piece)) for codec in codecs for piece in pieces]


def as_text(directory: str, ending: str) -> Callable[[str], object]:
    """Return a reader of a text whose name has an ending."""

    def read(path: str) -> object:
        named = Path(directory, f"damaged.{ending}")
        os.replace(path, named)
        return [p for source in expand([str(named)], "text") for p in read_pieces(source)]

    return read


def a_zip_file(content: bytes) -> bytes:
    """Return an archive with two members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", content)
        archive.writestr("b/c.jsonl", content)
    return packed.getvalue()


def of_packages(directory: str, content: bytes) -> dict[str, Kind]:
    """Return the kinds of files that need a package, for those that are installed."""
    found = {}
    with contextlib.suppress(ImportError):
        import zstandard

        packed = zstandard.ZstdCompressor(write_checksum=True).compress(content)
        found["zst"] = Kind(packed, as_text(directory, "txt.zst"), False)
    with contextlib.suppress(ImportError):
        import pyarrow
        from pyarrow import parquet

        sink = io.BytesIO()
        parquet.write_table(pyarrow.table({"text": ["you say", None, "hello"] * 99}), sink)
        found["parquet"] = Kind(sink.getvalue(), as_text(directory, "parquet"), False)
    return found


def nbest(form: str) -> Callable[[str], object]:
    """Return a reader of a list format that also writes each hypothesis with a new score."""

    def read(path: str) -> object:
        found = read_nbest(joined_lines(read_pieces(path), path), form, path)
        return [FORMATS[form].write(Rescored(own, -1.0, 1.0)) for own in found]

    return read


def a_safetensors_file(directory: str) -> bytes:
    """Return the exported weights of a small model."""
    path = str(Path(directory, "a.pkl"))
    Path(path).write_bytes(a_checkpoint(directory, 12, 3))
    saved = checkpoint.load(path).model
    return as_safetensors(to_pytorch(saved), metadata(saved, directory))


def framed(sound: bytes) -> Callable[[bytes], bytes]:
    """Return a function that writes the right header length into a damaged safetensors file."""
    data = sound[8 + int.from_bytes(sound[:8], "little") :]

    def seal(content: bytes) -> bytes:
        header = content[8:].removesuffix(data)
        return len(header).to_bytes(8, "little") + content[8:]

    return seal


def read_model(path: str) -> object:
    """Read weights with their config and vocabulary."""
    tensors, texts = read_safetensors(path)
    return from_pytorch(path, tensors, read_metadata(path, texts, ""))


def is_sound(error: RnnlmError) -> bool:
    """Whether an error's message is one printable line of at most ``MOST_LINE`` characters."""
    line = str(error)
    return "\n" not in line and len(line) <= MOST_LINE and printable(line) == line


def damaged(content: bytes, rng: random.Random) -> bytes:
    """Return a copy with one to three damages, never equal to the original."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(data) or 1)
        size = rng.randint(1, 40)
        match rng.randrange(5):
            case 0 if data:
                data[place] ^= 1 << rng.randrange(8)
            case 1:
                del data[place:]
            case 2:
                data[place:place] = rng.randbytes(size)
            case 3:
                other = rng.randrange(len(data) or 1)
                data[place : place + size], data[other : other + size] = (
                    data[other : other + size],
                    data[place : place + size],
                )
            case 4:
                data[place:place] = data[place : place + size]
    return bytes(data) if data != content else damaged(content, rng)


def main() -> None:
    """Damage, read, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", help="rows of kinds(); all by default")
    parser.add_argument("--files", type=int, default=10_000)
    options = parser.parse_args()
    failures = 0
    tracemalloc.start()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "damaged.yaml")
        found = kinds(directory)
        for name, kind in ((name, found[name]) for name in options.kinds or found):
            rng = random.Random(name)
            refused = wrong = 0
            largest = 0
            for _ in range(options.files):
                content = kind.seal(damaged(kind.sound, rng))
                path.write_bytes(content)
                tracemalloc.reset_peak()
                before, _ = tracemalloc.get_traced_memory()
                try:
                    kind.read(str(path))
                    wrong += kind.must_fail
                except RnnlmError as error:
                    refused += 1
                    wrong += not is_sound(error)
                except Exception as error:
                    wrong += 1
                    print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
                _, peak = tracemalloc.get_traced_memory()
                largest = max(largest, peak - before)
            failures += wrong
            print(
                f"{name:<18} {options.files:,} damaged, {refused:,} refused, "
                f"{options.files - refused - wrong:,} read, {wrong} failures, "
                f"at most {largest:,} bytes of memory for a file of {len(kind.sound):,}",
                flush=True,
            )
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
