"""The ids of a large training text, cached next to it for later trainings.

The directory ``.rnnlm`` next to the text, or in the directory that is the text, holds two files.
``NAME.KEY.json`` has one line with its own checksum, then the vocabulary, the counts and the
checksums of the ids. ``NAME.KEY.CONTENT.npy`` has the ids, which are read block by block. KEY is a
hash of the codec, the field of records and the limits of the vocabulary, CONTENT a hash of the
bytes of all files; if either changes, the text is read again. Both files are written under another
name and then renamed, the ids first, so that another process finds both complete or none.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from glob import escape
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import convert

from rnnlm_cli.system.whole_file import whole_file
from rnnlm_cli.text.corpus import Corpus, Reading, id_type, read_training_corpus
from rnnlm_cli.text.facts import TextFacts
from rnnlm_cli.text.file_array import FileArray
from rnnlm_cli.text.reader import Source, file_of, left_out_of
from rnnlm_cli.text.readers import ONE, CannotDivide, Readers, can_divide
from rnnlm_cli.text.sources.named import File
from rnnlm_cli.text.sources.patterns import OWN
from rnnlm_cli.text.storage import OnDisk, is_large, scratch_directory
from rnnlm_cli.text.vocabulary import Vocabulary

LARGE = 64_000_000
"""Minimum bytes of a text to cache; a smaller one is read in a few seconds and kept in memory."""

FORMAT = 6
"""Version of the file format; with another version the text is read again."""

Texts = tuple[Vocabulary, Corpus, Corpus]


def read_large_training_corpus(
    sources: Sequence[Source], reading: Reading, use_cache: bool = True, readers: Readers = ONE
) -> Texts:
    """Read a training text as ``read_training_corpus`` does; keep a large one's ids on disk.

    Args:
        sources: Read in order as one text.
        reading: How to read it.
        use_cache: Cache the ids of a large text next to it, and use a cache that exists.
        readers: The processes that all need the text; each reads its part of a large one, if it
            can be divided.

    Raises:
        UsageError, CorpusError: A file is missing, empty or not UTF-8, or not the same everywhere.
    """
    if not any(readers.gather(is_large(sources, LARGE))):
        return read_training_corpus(sources, reading)
    kept = _Cache(sources, reading) if use_cache or readers.size > 1 else None
    if kept is not None:
        kept.check_same(readers)
    if kept is None or not (use_cache and kept.is_writable()):
        readers.gather(False)
        with scratch_directory(None) as directory:
            return _read_on_disk(sources, reading, directory, readers)[0]
    found = kept.load() or kept.with_own_vocabulary()
    all_found = all(readers.gather(found is not None))
    return found if found is not None and all_found else kept.build(readers)


def _read_on_disk(
    sources: Sequence[Source], reading: Reading, directory: Path, readers: Readers
) -> tuple[Texts, OnDisk]:
    """Read a text, together if it can be divided; also return where its ids are."""
    by_characters = reading.codec.cut_by_characters and reading.valid_fraction > 0
    if readers.size > 1 and can_divide(sources, reading.text_limits) and not by_characters:
        with suppress(CannotDivide):
            storage = OnDisk(directory, readers)
            return read_training_corpus(sources, reading, storage), storage
    storage = OnDisk(directory)
    return read_training_corpus(sources, reading, storage), storage


class _Cache:
    """The cached ids of one text, read in one way."""

    def __init__(
        self, sources: Sequence[Source], reading: Reading, content: str | None = None
    ) -> None:
        self._sources, self._reading = sources, reading
        files = [file for file in map(file_of, sources) if file is not None]
        self._content = content or _digest_of_files(files)
        own = None if reading.vocabulary is None else reading.vocabulary.tokens
        limits = reading.text_limits
        codec = {
            **reading.codec.to_plain(),
            "max_token_bytes": limits.token_bytes,
            "max_expansion": limits.expansion,
            "encoding": limits.encoding,
        }
        how = [FORMAT, codec, asdict(reading.limits)]
        how += [reading.valid_fraction, reading.given, own, reading.extend, reading.ends]
        how += [sorted({str(file.field) for file in files})]
        key = hashlib.sha256(json.dumps(how).encode()).hexdigest()[:12]
        place = _place_of(files[0])
        self._directory = (place if place.is_dir() else place.parent) / OWN
        self._stem = f"{place.name}.{key}"
        self._meta = self._directory / f"{self._stem}.json"
        self._ids = self._directory / f"{self._stem}.{self._content[:12]}.npy"

    def is_writable(self) -> bool:
        """Whether files can be written next to the text, or already exist."""
        try:
            self._directory.mkdir(exist_ok=True)
        except OSError:
            return False
        return self._meta.exists() or os.access(self._directory, os.W_OK)

    def check_same(self, readers: Readers) -> None:
        """Check that all processes have the same text.

        Raises:
            UsageError: One has another.
        """
        facts = {"the text corpus.train": self._content}
        readers.check_same(facts, "give all ranks the same text", shown=False)

    def load(self) -> Texts | None:
        """Return the cached texts if they belong to this text and are complete, else ``None``."""
        try:
            checksum, _, content = self._meta.read_bytes().partition(b"\n")
            if checksum.decode() != hashlib.sha256(content).hexdigest():
                return None
            meta = json.loads(content)
            if meta["format"] != FORMAT or meta["content"] != self._content:
                return None
            ids = FileArray.load(self._ids)
            vocabulary = self._vocabulary(meta)
            cut, sizes = meta["cut"], (meta["train"], meta["valid"])
            if len(ids) != meta["size"] or ids.dtype != id_type(len(vocabulary)):
                return None
            train, valid = (
                Corpus(ids=part, **{**values, "facts": self._facts(values["facts"])})
                for part, values in zip((ids[:cut], ids[cut:]), sizes, strict=True)
            )
            sound = [train.digest, valid.digest] == meta["digests"]
        except Exception:  # missing, cut short or forged: in any case the text is read again
            return None
        return (vocabulary, train, valid) if sound else None

    def _vocabulary(self, meta: dict[str, Any]) -> Vocabulary:
        """Return the given vocabulary, or the stored one if the text made or extended it."""
        known = self._reading.vocabulary
        if known is not None and not self._reading.extend:
            return known
        counts = np.array(meta["counts"], np.int64)
        if known is not None:  # the same tokens may come with other counts
            counts[: len(known)] = known.counts
        return Vocabulary(meta["tokens"], counts, meta["unknown"])

    def _facts(self, plain: Any) -> TextFacts:
        """Return the facts of a text; what is left out of a directory may have changed."""
        return replace(convert(plain, TextFacts), left_out=left_out_of(self._sources))

    def with_own_vocabulary(self) -> Texts | None:
        """Return the cache for the text's own vocabulary, if it equals the given one.

        A resumed training passes the vocabulary that it made from this text before.
        """
        vocabulary = self._reading.vocabulary
        if vocabulary is None:
            return None
        own = _Cache(self._sources, replace(self._reading, vocabulary=None), self._content).load()
        if own is None or own[0].tokens != vocabulary.tokens:
            return None
        return vocabulary, *own[1:]

    def build(self, readers: Readers) -> Texts:
        """Read the text and write the cache.

        Args:
            readers: The processes that read it.

        Raises:
            UsageError, CorpusError: A file is missing, empty or not UTF-8.
        """
        try:
            beside = self._directory if os.access(self._directory, os.W_OK) else None
            with scratch_directory(beside) as directory:
                texts, storage = _read_on_disk(self._sources, self._reading, directory, readers)
                if beside is not None and storage.keeps:
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
        with suppress(OSError):  # disk full, for example: the text is read again later
            with storage.ids_path.open("rb+") as file:
                os.fsync(file.fileno())
            storage.ids_path.replace(self._ids)
            with whole_file(self._meta) as file:
                file.write(checksum + b"\n" + content)

    def _forget_others(self) -> None:
        """Remove the ids of earlier versions of the text."""
        for path in self._directory.glob(f"{escape(self._stem)}.*.npy"):
            if path != self._ids:
                with suppress(OSError):
                    path.unlink()


def _values(corpus: Corpus) -> dict[str, Any]:
    """Return all fields of a corpus except its ids."""
    return {
        "name": corpus.name,
        "oov": corpus.oov,
        "characters": corpus.characters,
        "given": corpus.given,
        "bytes": corpus.bytes,
        "words": corpus.words,
        "targets": corpus.targets,
        "facts": asdict(corpus.facts),
        "oov_types": corpus.oov_types,
    }


def _place_of(first: File) -> Path:
    """Return the path of a text's first file, or of what it was found in.

    A directory stays the same if another file becomes its first one.
    """
    return Path(first.path if first.group is None else first.group.name)


def _digest_of_files(files: Sequence[File]) -> str:
    """Return the SHA-256 of files in order, each with its ending, and followed by its size.

    An archive counts once, not for each member: it decides which are read, and in which order.
    """
    digest, archive = hashlib.sha256(), None
    for file in files:
        if file.archive is not None and file.archive is archive:
            continue
        archive, path, size = file.archive, file.path, 0
        digest.update(f"{os.path.splitext(path)[1]}\0".encode(errors="surrogateescape"))
        with Path(path).open("rb") as opened:
            while data := opened.read(1 << 22):
                digest.update(data)
                size += len(data)
        digest.update(size.to_bytes(8, "little"))
    return digest.hexdigest()
