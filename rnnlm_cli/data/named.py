"""Which texts a configuration names, and how their files are read."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from msgspec import structs

from rnnlm_cli.config import Config, Mark, keys_marked
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.keys import fields_marked
from rnnlm_cli.config.schema import value_at
from rnnlm_cli.errors import UsageError, quoted, shortened
from rnnlm_cli.system.text_encodings import UTF8
from rnnlm_cli.text.opened import NOT_REGULAR
from rnnlm_cli.text.reader import (
    STANDARD_INPUT,
    InlineText,
    Limits,
    Source,
)
from rnnlm_cli.text.sources.expand import expand
from rnnlm_cli.text.sources.named import File
from rnnlm_cli.text.sources.patterns import Pattern

SPLITS = fields_marked(CorpusConfig, Mark.TEXT)[::-1]
"""The keys of the texts, in the order in which an evaluation looks for one: test, valid, train."""


LIMITS = fields_marked(CorpusConfig, Mark.TEXT_LIMIT)
"""The keys of the limits on a text; see ``text/reader.py``."""


FORMS = fields_marked(CorpusConfig, Mark.TEXT_FORM)
"""The keys of how the files of the texts are written."""


MOST_NAMES = 100_000
"""Files and directories to look at for a text that only a checkpoint names."""


def limits_of(config: Config) -> Limits:
    """Return a configuration's limits on the text held in memory."""
    corpus = config.corpus
    return Limits(corpus.max_token_bytes, corpus.max_expansion, corpus.encoding)


def named_limits(config: Config, encoding: str | None) -> Limits:
    """Return the limits on a text that a user names beside a model.

    Its encoding belongs to it and not to the model: UTF-8, if the user does not name another.
    """
    return limits_of(config)._replace(encoding=encoding or UTF8, remedy="use {encoding}")


def files_of(config: Config, names: Source | Sequence[Source]) -> list[Source]:
    """Return the files of a text, see ``expand``.

    Raises:
        UsageError, CorpusError: As ``expand``.
    """
    several = [names] if isinstance(names, str | InlineText | File) else names
    return expand(several, config.corpus.field)


def split_sources(config: Config, split: str | None) -> tuple[list[str], str | None]:
    """Return the names of one of the texts, and the part of them that it is.

    If ``corpus.valid`` is a fraction, ``train`` and ``valid`` are parts of one text; otherwise the
    part is ``None``, the whole text.

    Raises:
        UsageError: The configuration has no such text.
    """
    chosen = choose_split(config, split)
    if isinstance(config.corpus.valid, float) and chosen != "test":
        return as_list(config.corpus.train), chosen
    return as_list(getattr(config.corpus, chosen)), None


def choose_split(config: Config, split: str | None) -> str:
    """Return the named split, or the first of test, valid and train that the configuration has.

    Raises:
        UsageError: The configuration has no such text.
    """
    available = [name for name in SPLITS if getattr(config.corpus, name) is not None]
    if split is None:
        return available[0]
    if split not in available:
        raise UsageError(
            f"the model's configuration has no corpus.{split}; it has {', '.join(available)}",
            field="split",
            place=split,
            remedy="choose one of them, or name a text with {corpus}",
        )
    return split


def with_encoding(config: Config, encoding: str | None) -> Config:
    """Return a configuration with another encoding of its texts, if one is given."""
    if encoding is None:
        return config
    return structs.replace(config, corpus=structs.replace(config.corpus, encoding=encoding))


def with_texts_of(config: Config, other: Config | None) -> Config:
    """Return a configuration with the texts of another one, their limits and how they are written.

    Without another one it is returned as it is.
    """
    if other is None:
        return config
    texts = {name: getattr(other.corpus, name) for name in (*SPLITS, *LIMITS, *FORMS)}
    return structs.replace(config, corpus=structs.replace(config.corpus, **texts))


def with_field(config: Config, field: str | None) -> Config:
    """Return a configuration with another field of records, if one is given."""
    if field is None:
        return config
    return structs.replace(config, corpus=structs.replace(config.corpus, field=field))


def with_texts_of_checkpoint(
    config: Config, checkpoint: str, split: str | None, tell: Callable[[str], None]
) -> Config:
    """Return a configuration for reading a text that only a checkpoint names.

    The checkpoint may be untrusted. So the text must be a regular file, or a directory or a pattern
    with few names to look at; its name is announced before anything is read, and its limits are at
    most the default ones. Of a directory or a pattern only regular files are read in any case.

    Args:
        config: The checkpoint's configuration.
        checkpoint: The checkpoint's path.
        split: The text to read, as for ``choose_split``.
        tell: Called with the announcement.

    Raises:
        UsageError: The text does not exist, is standard input, a device, a pipe or a socket, or
            there are too many names to look at.
    """
    chosen = choose_split(config, split)
    sources, _ = split_sources(config, split)
    if chosen == "valid" and isinstance(config.corpus.valid, float):
        chosen = "train"
    for source in sources:
        if refused := _refused_name(source):
            raise UsageError(
                f"names {quoted(source)} as corpus.{chosen}, which {refused}",
                place=checkpoint,
                remedy="name the text yourself with {corpus}, or a config with {config}",
            )
    tell(f"reading {', '.join(map(shortened, sources))}, named by {checkpoint}")
    default = CorpusConfig(train="-")
    lowered = {name: min(getattr(config.corpus, name), getattr(default, name)) for name in LIMITS}
    return structs.replace(config, corpus=structs.replace(config.corpus, **lowered))


def is_training_text(config: Config, names: Sequence[str]) -> bool:
    """Whether a file of some texts is one of a model's training text, as a configuration names it.

    No directory is looked at that only the configuration names.
    """
    trained = [(name, Pattern.of(name)) for name in as_list(config.corpus.train)]
    whole = {os.path.realpath(name) for name, _ in trained}
    patterns = [pattern for _, pattern in trained if pattern is not None]
    for name in names:
        if name == STANDARD_INPUT:
            continue
        own = Pattern.of(name)
        files = [] if own is None else own.files()[0]
        if any(os.path.realpath(path) in whole for path in (name, *files)) or any(
            pattern.fits(path) for pattern in patterns for path in (files or [name])
        ):
            return True
    return False


def _refused_name(name: str) -> str:
    """Return why a name must not come from a checkpoint alone, or an empty string."""
    if name == STANDARD_INPUT:
        return "is standard input"
    if (pattern := Pattern.of(name)) is not None:
        try:
            pattern.files(MOST_NAMES)
        except UsageError as error:
            return str(error)
    elif os.path.exists(name) and not os.path.isfile(name):
        return NOT_REGULAR
    return ""


def input_names(config: Config) -> list[str]:
    """Return the name of everything that a training reads, without standard input."""
    named = [value_at(config, key) for key in keys_marked(Mark.INPUT)]
    paths = [path for value in named if isinstance(value, (str, list)) for path in as_list(value)]
    return [path for path in paths if path != STANDARD_INPUT]


def as_list(sources: str | list[str]) -> list[str]:
    """Return a path or a list of paths as a list."""
    return [sources] if isinstance(sources, str) else sources
