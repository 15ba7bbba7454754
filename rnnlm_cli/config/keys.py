"""The parts of a configuration key: a type with its range, a meaning, and marks.

Properties of a key (it is a path, it may change on resume, ...) are marks on the key itself;
``describe.keys_marked`` and ``fields_marked`` collect the keys that have one.
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import Annotated, Any, NamedTuple

from msgspec import Meta, Struct, inspect

from rnnlm_cli.system.paths import MOST_PATH
from rnnlm_cli.system.text_encodings import is_encoding


class Mark(Enum):
    """A property of a key. A key without a mark is fixed on resume."""

    PATH = "path"
    """A file's path, relative to the config or checkpoint that holds it."""
    INPUT = "input"
    """A path that a training reads and never writes."""
    TOKEN = "token"
    """One token, without white space."""
    WORDS = "words"
    """Text as it is read, with any characters."""
    TEXT = "text"
    """A text to train or to evaluate on."""
    ENCODING = "encoding"
    """The name of an encoding of texts, or ``auto``."""
    TEXT_FORM = "text form"
    """How the files of the texts are written; it belongs to them, not to the model."""
    TEXT_LIMIT = "text limit"
    """A limit on a text; it belongs to the text, not to the model."""
    VOCABULARY = "vocabulary"
    """Affects which tokens the vocabulary holds, but not how a text is read."""
    SHAPES_MODEL = "shapes the model"
    """Must be the same when a training starts from the weights of another model."""
    NOT_INHERITED = "not inherited"
    """Belongs to one training: fine-tuning does not take it from the checkpoint."""
    FREE_ON_RESUME = "free on resume"
    """May change on resume: results do not depend on it, or the change is intended."""
    TOLD_ON_RESUME = "told on resume"
    """May change on resume, with a note that results differ by rounding."""
    SAME_CONTENT_ON_RESUME = "same content on resume"
    """May change on resume, if the content that it names is the same."""
    OF_THE_MODEL = "of the model"
    """Belongs to a model, as its codec or how it began: a training that goes on keeps its value."""


MAY_CHANGE = (
    Mark.FREE_ON_RESUME,
    Mark.TOLD_ON_RESUME,
    Mark.SAME_CONTENT_ON_RESUME,
    Mark.OF_THE_MODEL,
)
"""A key with one of these may change on resume; all others are fixed."""


class DefaultWhere(NamedTuple):
    """Another default for a key, used if another key has one of certain values."""

    key: str  # the other key, dotted
    values: tuple[Any, ...]
    default: Any


def key(meaning: str, *marks: Mark, default_where: DefaultWhere | None = None) -> Meta:
    """Return a key's description for its ``Annotated`` type."""
    extra = marked(*marks)
    if default_where is not None:
        extra["default where"] = default_where
    return Meta(description=meaning, extra=extra)


def marked(*marks: Mark) -> dict[str, Any]:
    """Return marks as the ``extra`` of a type; every key of this type then has them."""
    return {mark.value: mark for mark in marks}


# Text is checked in Python: msgspec's patterns can crash the interpreter when it exits
# (msgspec issue 717).
InputPath = Annotated[
    str,
    Meta(min_length=1, max_length=MOST_PATH, title="path", extra=marked(Mark.PATH, Mark.INPUT)),
]
InputPaths = Annotated[list[InputPath], Meta(min_length=1)]
WHITE = r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""The white space of ``str.split``, as a part of a pattern."""

Token = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=1_000,
        title="word",
        extra=marked(Mark.TOKEN),
        extra_json_schema={"pattern": f"^[^{WHITE}]+$"},
    ),
]
Words = Annotated[
    str, Meta(min_length=1, max_length=10_000, title="text", extra=marked(Mark.WORDS))
]
Encoding = Annotated[
    str,
    Meta(
        max_length=1_000,
        title="auto, utf-8, or another encoding that Python knows",
        extra=marked(Mark.ENCODING),
        extra_json_schema={"examples": ["utf-8", "auto", "cp949", "shift_jis", "cp1252"]},
    ),
]
Size = Annotated[int, Meta(ge=1, le=10_000_000)]
Count = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Rate = Annotated[float, Meta(ge=0, lt=1)]
Positive = Annotated[float, Meta(gt=0, le=1e30)]
NotNegative = Annotated[float, Meta(ge=0, le=1e30)]


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    """Base class of all sections: unknown keys are errors, and sections are immutable."""

    def __post_init__(self) -> None:
        """Refuse paths with NUL, which no system allows, and other values beyond a type.

        Tokens have no white space, and Python knows an encoding.

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
        for field in fields_marked(type(self), Mark.ENCODING):
            self._refuse_unless(is_encoding(getattr(self, field)), field)

    def _refuse_unless(self, valid: bool, field: str) -> None:
        if not valid:
            raise ValueError(f"Invalid field `{field}`")


@cache
def fields_marked(section: type[Section], *marks: Mark) -> tuple[str, ...]:
    """Return the fields of a section with any of these marks, in the schema's order."""
    part = inspect.type_info(section)
    assert isinstance(part, inspect.StructType)
    return tuple(field.name for field in part.fields if marks_of(field.type) & set(marks))


def marks_of(kind: inspect.Type) -> frozenset[Mark]:
    """Return the marks of a key, and of the types that it allows."""
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
    """Return how a key's default depends on another key; ``None`` if it does not."""
    found = (kind.extra or {}).get("default where") if isinstance(kind, inspect.Metadata) else None
    return found if isinstance(found, DefaultWhere) else None
