"""Text to tokens and ids, and back: one class per ``corpus.unit``."""

from __future__ import annotations

from typing import Any

from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.text.codec.base import Codec
from rnnlm_cli.text.codec.char import CharCodec
from rnnlm_cli.text.codec.jamo import JamoCodec
from rnnlm_cli.text.codec.prose import ProseCodec
from rnnlm_cli.text.codec.subword import SubwordCodec
from rnnlm_cli.text.codec.word import WordCodec

CODECS: dict[str, type[Codec]] = {
    "word": WordCodec,
    "prose": ProseCodec,
    "char": CharCodec,
    "jamo": JamoCodec,
    "subword": SubwordCodec,
}
"""The codec of each ``corpus.unit``. A new one is a file, a row, and a name in the schema."""


def codec_from_plain(plain: Any) -> Codec:
    """Return the codec stored in a model file.

    Raises:
        CheckpointError: It is not valid, or its unit is unknown to this version.
    """
    unit = plain.get("unit") if isinstance(plain, dict) else None
    if not isinstance(unit, str) or unit not in CODECS:
        raise CheckpointError("its codec has a unit that this version of rnnlm does not know")
    return CODECS[unit].from_plain(plain)
