"""What a key of the configuration is made of: a type with its range, a meaning, and marks.

What the program asks about a key (is it a path, may it change on resume, ...) is a mark on the key
itself; ``describe.keys_marked`` and ``fields_marked`` collect the keys that have one.
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import Annotated, Any, NamedTuple

from msgspec import Meta, Struct, inspect

from rnnlm_cli.system.paths import MOST_PATH


class Mark(Enum):
    """What the program asks about a key. Without a mark a key is fixed on resume."""

    PATH = "path"
    """Of a file; relative to the config or checkpoint that holds it."""
    INPUT = "input"
    """A path that a training reads and never writes."""
    TOKEN = "token"
    """One token: no white space in it."""
    TEXT = "text"
    """A text to train or to evaluate on."""
    TEXT_LIMIT = "text limit"
    """Bounds what a text may hold; it belongs to the text, not to the model."""
    VOCABULARY = "vocabulary"
    """Says which tokens the vocabulary holds, and not how a text is read."""
    SHAPES_MODEL = "shapes the model"
    """Must be the same where the weights of another model are taken."""
    FREE_ON_RESUME = "free on resume"
    """May change when a training is resumed: the figures do not depend on it, or ask for it."""
    TOLD_ON_RESUME = "told on resume"
    """May change when a training is resumed, and a note says that figures differ by rounding."""
    SAME_CONTENT_ON_RESUME = "same content on resume"
    """May change when a training is resumed, if the content that it names is the same."""


MAY_CHANGE = (Mark.FREE_ON_RESUME, Mark.TOLD_ON_RESUME, Mark.SAME_CONTENT_ON_RESUME)
"""A key with one of these may be another one on resume; all others are fixed."""


class DefaultWhere(NamedTuple):
    """Another default for a key, where another key has a certain value."""

    key: str  # dotted, the other one
    value: Any
    default: Any


def key(meaning: str, *marks: Mark, default_where: DefaultWhere | None = None) -> Meta:
    """Describe a key: to be put into its ``Annotated`` type."""
    extra = marked(*marks)
    if default_where is not None:
        extra["default where"] = default_where
    return Meta(description=meaning, extra=extra)


def marked(*marks: Mark) -> dict[str, Any]:
    """Return marks as the ``extra`` of a type: then each key of this type has them."""
    return {mark.value: mark for mark in marks}


# Text is checked in Python: msgspec's own patterns can crash the interpreter at its end
# (its issue 717).
InputPath = Annotated[
    str,
    Meta(min_length=1, max_length=MOST_PATH, title="path", extra=marked(Mark.PATH, Mark.INPUT)),
]
InputPaths = Annotated[list[InputPath], Meta(min_length=1)]
Token = Annotated[str, Meta(min_length=1, max_length=1_000, title="word", extra=marked(Mark.TOKEN))]
Size = Annotated[int, Meta(ge=1, le=10_000_000)]
Count = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Rate = Annotated[float, Meta(ge=0, lt=1)]
Positive = Annotated[float, Meta(gt=0, le=1e30)]
NotNegative = Annotated[float, Meta(ge=0, le=1e30)]


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    """What all parts of a configuration have in common: no unknown key, no change once read."""

    def __post_init__(self) -> None:
        """Refuse paths with NUL, which no system has, and tokens with white space.

        Raises:
            ValueError: A field is refused; ``explain`` reads its name.
        """
        for field in fields_marked(type(self), Mark.PATH):
            value = getattr(self, field)
            paths = value if isinstance(value, list) else [value]
            self._refuse_unless("\0" not in "".join(p for p in paths if isinstance(p, str)), field)
        for field in fields_marked(type(self), Mark.TOKEN):
            token = getattr(self, field)
            self._refuse_unless(token is None or token.split() == [token], field)

    def _refuse_unless(self, sound: bool, field: str) -> None:
        if not sound:
            raise ValueError(f"Invalid field `{field}`")


@cache
def fields_marked(section: type[Section], *marks: Mark) -> tuple[str, ...]:
    """Name the fields of a section that have one of these marks, in the schema's order."""
    part = inspect.type_info(section)
    assert isinstance(part, inspect.StructType)
    return tuple(field.name for field in part.fields if marks_of(field.type) & set(marks))


def marks_of(kind: inspect.Type) -> frozenset[Mark]:
    """Return the marks of a key: those on the key, and those on the types that it admits."""
    match kind:
        case inspect.Metadata():
            own = [mark for mark in (kind.extra or {}).values() if isinstance(mark, Mark)]
            return marks_of(kind.type).union(own)
        case inspect.UnionType():
            return frozenset().union(*map(marks_of, kind.types))
        case inspect.ListType():
            return marks_of(kind.item_type)
        case _:
            return frozenset()


def default_where_of(kind: inspect.Type) -> DefaultWhere | None:
    """Return what a key's default depends on, where it depends on another key."""
    found = (kind.extra or {}).get("default where") if isinstance(kind, inspect.Metadata) else None
    return found if isinstance(found, DefaultWhere) else None
