"""Words of a text's targets: the same for every unit, so that units can be compared."""

from pathlib import Path

import pytest

from rnnlm_cli.text.codec import CODECS
from rnnlm_cli.text.corpus import Reading, read_training_corpus
from rnnlm_cli.text.reader import Piece

TEXT = "you  say\tgoodbye. \n\n(and) i'll--\n 안녕 <eos> ok"
WORDS, NEWLINES, LINES = 8, 3, 4
"""The last line has no newline; ``end_of_line`` marks its end nevertheless."""


@pytest.mark.parametrize(
    ("unit", "end", "given", "expected"),
    [
        ("word", "<eos>", 1, WORDS + LINES - 1),  # the first word is not a target
        ("word", None, 1, WORDS - 1),
        ("char", None, 1, WORDS + NEWLINES - 1),
        ("char", "<eos>", 1, WORDS + LINES - 1),
        ("word", "<eos>", 0, WORDS - 1),  # no line end, and the word spelled like it is one
        ("char", "<eos>", 0, WORDS),
        ("char", None, 0, WORDS + NEWLINES),
        ("subword", "<eos>", 1, WORDS + LINES - 1),
        ("subword", None, 1, WORDS + NEWLINES - 1),
        ("subword", "<eos>", 0, WORDS),
        ("prose", "<eos>", 1, WORDS + LINES - 1),
        ("prose", None, 1, WORDS - 1),
        ("prose", "<eos>", 0, WORDS),
        ("jamo", None, 1, WORDS + NEWLINES - 1),
        ("jamo", "<eos>", 0, WORDS),
    ],
)
def test_words_and_line_ends_of_the_targets(tmp_path: Path, unit, end, given, expected):
    path = tmp_path / "text.txt"
    path.write_text(TEXT, encoding="utf-8")
    codec = CODECS[unit](end)
    if codec.learns:
        pytest.importorskip("tokenizers")
        codec = codec.train([Piece(f"{TEXT}\n", True)])
    _, corpus, _ = read_training_corpus([str(path)], Reading(codec, given=given))
    assert corpus.words == expected


def test_a_held_out_end_has_the_words_after_its_first_token(tmp_path: Path):
    path = tmp_path / "text.txt"
    path.write_text("a b\n" * 10, encoding="utf-8")
    _, train, valid = read_training_corpus([str(path)], Reading(valid_fraction=0.5))
    assert (train.words, valid.words) == (14, 14)  # 15 tokens each, the first one given
