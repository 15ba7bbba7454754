"""The ids of a large training text, kept beside it from one training to the next.

Two files in the folder ``.rnnlm`` beside the text: ``NAME.KEY.json`` holds the vocabulary, the
counts and the checksums of the ids, after a line with its own checksum; ``NAME.KEY.CONTENT.npy``
the ids, which are read block by block. KEY stands for the codec and the limits of the
vocabulary, CONTENT for the bytes of the text; when either is another, the text is read again. Both
files are written under another name and renamed, the ids first, so that another process finds all
of it or nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import convert

from rnnlm_cli.system.whole_file import whole_file
from rnnlm_cli.text.corpus import Corpus, Reading, id_type, read_training_corpus
from rnnlm_cli.text.facts import TextFacts
from rnnlm_cli.text.file_array import FileArray
from rnnlm_cli.text.storage import OnDisk, is_large, scratch_folder
from rnnlm_cli.text.vocabulary import Vocabulary

LARGE = 64_000_000
"""A text of fewer bytes is read in a few seconds and kept in memory."""

FORMAT = 3
"""Of the files; another one is read again."""

Texts = tuple[Vocabulary, Corpus, Corpus]


def read_large_training_corpus(
    sources: Sequence[str], reading: Reading, use_cache: bool = True
) -> Texts:
    """Read a training text as ``read_training_corpus`` does; a large one by way of the disk.

    Args:
        sources: Paths, or ``-``.
        reading: How.
        use_cache: Keep the ids of a large text beside it, and use those that are there.

    Raises:
        UsageError, CorpusError: A file is missing, empty or no UTF-8.
    """
    if not is_large(sources, LARGE):
        return read_training_corpus(sources, reading)
    if use_cache and (kept := _Cache(sources, reading)).is_writable():
        return kept.load() or kept.with_own_vocabulary() or kept.build()
    with scratch_folder(None) as folder:
        return read_training_corpus(sources, reading, OnDisk(folder))


class _Cache:
    """The kept ids of one text, for one way to read it."""

    def __init__(
        self, sources: Sequence[str], reading: Reading, content: str | None = None
    ) -> None:
        self._sources, self._reading = sources, reading
        self._content = content or _digest_of_files(sources)
        own = None if reading.vocabulary is None else reading.vocabulary.tokens
        limits = reading.text_limits
        codec = {
            **reading.codec.to_plain(),
            "max_token_bytes": limits.token_bytes,
            "max_expansion": limits.expansion,
        }
        how = [FORMAT, codec, asdict(reading.limits)]
        how += [reading.valid_fraction, reading.given, own]
        key = hashlib.sha256(json.dumps(how).encode()).hexdigest()[:12]
        first = Path(sources[0])
        self._folder = first.parent / ".rnnlm"
        self._stem = f"{first.name}.{key}"
        self._meta = self._folder / f"{self._stem}.json"
        self._ids = self._folder / f"{self._stem}.{self._content[:12]}.npy"

    def is_writable(self) -> bool:
        """Whether files can be kept beside the text, or are there."""
        try:
            self._folder.mkdir(exist_ok=True)
        except OSError:
            return False
        return self._meta.exists() or os.access(self._folder, os.W_OK)

    def load(self) -> Texts | None:
        """Return what is kept, if it is of this text and whole."""
        try:
            checksum, _, content = self._meta.read_bytes().partition(b"\n")
            if checksum.decode() != hashlib.sha256(content).hexdigest():
                return None
            meta = json.loads(content)
            if meta["format"] != FORMAT or meta["content"] != self._content:
                return None
            ids = FileArray.load(self._ids)
            counts = np.array(meta["counts"], np.int64)
            vocabulary = self._reading.vocabulary or Vocabulary(
                meta["tokens"], counts, meta["unknown"]
            )
            cut, sizes = meta["cut"], (meta["train"], meta["valid"])
            if len(ids) != meta["size"] or ids.dtype != id_type(len(vocabulary)):
                return None
            train, valid = (
                Corpus(ids=part, **{**values, "facts": convert(values["facts"], TextFacts)})
                for part, values in zip((ids[:cut], ids[cut:]), sizes, strict=True)
            )
            sound = [train.digest, valid.digest] == meta["digests"]
        except Exception:  # not there, cut, or of a stranger: whatever it is, it is read again
            return None
        return (vocabulary, train, valid) if sound else None

    def with_own_vocabulary(self) -> Texts | None:
        """Return what is kept for the text's own vocabulary, if that is the given one.

        A training that goes on brings the vocabulary that it once made of this text.
        """
        vocabulary = self._reading.vocabulary
        if vocabulary is None:
            return None
        own = _Cache(self._sources, replace(self._reading, vocabulary=None), self._content).load()
        if own is None or own[0].tokens != vocabulary.tokens:
            return None
        return vocabulary, *own[1:]

    def build(self) -> Texts:
        """Read the text, and keep what was read.

        Raises:
            UsageError, CorpusError: A file is missing, empty or no UTF-8.
        """
        try:
            beside = self._folder if os.access(self._folder, os.W_OK) else None
            with scratch_folder(beside) as folder:
                storage = OnDisk(folder)
                texts = read_training_corpus(self._sources, self._reading, storage)
                if beside is not None:
                    self._keep(storage, texts)
                return texts
        finally:
            self._forget_others()

    def _keep(self, storage: OnDisk, texts: Texts) -> None:
        vocabulary, train, valid = texts
        meta: dict[str, Any] = {
            "format": FORMAT,
            "content": self._content,
            "size": len(train) + len(valid),
            "cut": len(train),
            "tokens": vocabulary.tokens,
            "counts": vocabulary.counts.tolist(),
            "unknown": vocabulary.unknown,
            "train": _values(train),
            "valid": _values(valid),
            "digests": [train.digest, valid.digest],
        }
        content = json.dumps(meta).encode()
        checksum = hashlib.sha256(content).hexdigest().encode()
        with contextlib.suppress(OSError):  # no room, say: then the text is read again next time
            with storage.ids_path.open("rb+") as file:
                os.fsync(file.fileno())
            storage.ids_path.replace(self._ids)
            with whole_file(self._meta) as file:
                file.write(checksum + b"\n" + content)

    def _forget_others(self) -> None:
        """Remove the ids of what the text was before."""
        for path in self._folder.glob(f"{self._stem}.*.npy"):
            if path != self._ids:
                with contextlib.suppress(OSError):
                    path.unlink()


def _values(corpus: Corpus) -> dict[str, Any]:
    """Return all of a corpus but its ids."""
    return {
        "name": corpus.name,
        "oov": corpus.oov,
        "characters": corpus.characters,
        "given": corpus.given,
        "bytes": corpus.bytes,
        "facts": asdict(corpus.facts),
    }


def _digest_of_files(paths: Sequence[str]) -> str:
    """Return the SHA-256 of files, one after another, and of where each ends."""
    digest = hashlib.sha256()
    for path in paths:
        size = 0
        with Path(path).open("rb") as file:
            while data := file.read(1 << 22):
                digest.update(data)
                size += len(data)
        digest.update(size.to_bytes(8, "little"))
    return digest.hexdigest()
