"""Names and hashes of the texts that a model is made from."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator

from msgspec import structs

from rnnlm_cli import __version__
from rnnlm_cli.config import Config
from rnnlm_cli.data.named import as_list, files_of
from rnnlm_cli.model.origin import UNKNOWN_ORIGIN, Origin, TextOrigin
from rnnlm_cli.model.trained import TrainedNetwork
from rnnlm_cli.system.digest import file_sha256
from rnnlm_cli.text.reader import file_of
from rnnlm_cli.text.sources.patterns import Pattern

TRAINED_ON = ("train", "valid")
"""The texts that decide what a model becomes."""


def origin_of(config: Config, source: TrainedNetwork | None = None) -> Origin:
    """Return the origin of a model that is trained now; all its texts are read once more.

    Args:
        config: Names the texts.
        source: The model whose weights it starts from.

    Raises:
        UsageError, CorpusError, OSError: A text cannot be read.
    """
    texts = tuple(
        _text_origin(config, split, name)
        for split in TRAINED_ON
        if isinstance(names := getattr(config.corpus, split), str | list)
        for name in as_list(names)
    )
    before = UNKNOWN_ORIGIN if source is None else source.origin
    earlier = dict.fromkeys((*before.earlier, *before.texts))  # each text once
    return Origin(__version__, texts, tuple(earlier))


def resumed_origin(config: Config, stored: TrainedNetwork) -> Origin:
    """Return the origin of a training that is resumed: its own texts, and this version.

    A state of a version that recorded no texts gets those of now, which were found to be the same.

    Raises:
        UsageError, CorpusError, OSError: A text cannot be read.
    """
    own = stored.origin
    return structs.replace(own, version=__version__) if own.texts else origin_of(config)


def _text_origin(config: Config, split: str, name: str) -> TextOrigin:
    files = filter(None, map(file_of, files_of(config, name)))
    paths = list(dict.fromkeys(file.path for file in files))  # members of an archive share one
    if paths in ([], [name]):
        return TextOrigin(split, _last(name), _digest(name))
    pattern = Pattern.of(name)
    root = pattern.root if pattern is not None else ""
    listing = hashlib.sha256("".join(_listed(paths, root)).encode())
    below = pattern.parts if pattern is not None and not os.path.isdir(name) else ("",)
    shown = os.path.join(os.path.basename(os.path.abspath(root)), *below)
    return TextOrigin(split, _printed(shown), listing.hexdigest(), len(paths))


def _listed(paths: list[str], root: str) -> Iterator[str]:
    for path in paths:
        yield f"{_digest(path)}  {_printed(os.path.relpath(path, root or os.curdir))}\n"


def _digest(path: str) -> str:
    """Return a file's SHA-256; nothing of standard input or a pipe, which is read only once."""
    return file_sha256(path) if os.path.isfile(path) else ""


def _last(path: str) -> str:
    return _printed(os.path.basename(path))


def _printed(name: str) -> str:
    """Return a name without the lone surrogates that stand for bytes that are not UTF-8."""
    return os.fsencode(name).decode("utf-8", "replace")
