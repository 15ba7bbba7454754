"""Text to tokens and ids, and back: one class for each ``corpus.unit``."""

from __future__ import annotations

from typing import Any

from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.text.codec.base import Codec
from rnnlm_cli.text.codec.char import CharCodec
from rnnlm_cli.text.codec.word import WordCodec

CODECS: dict[str, type[Codec]] = {"word": WordCodec, "char": CharCodec}
"""A new codec is a file here, a row, and a name in the schema of ``corpus.unit``."""


def codec_from_plain(plain: Any) -> Codec:
    """Return the codec that a model file holds.

    Raises:
        CheckpointError: It is not sound, or of a unit that this version does not know.
    """
    unit = plain.get("unit") if isinstance(plain, dict) else None
    if not isinstance(unit, str) or unit not in CODECS:
        raise CheckpointError("its codec is of a unit that this version of rnnlm does not know")
    return CODECS[unit].from_plain(plain)
