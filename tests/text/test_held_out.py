"""A text is cut at one place, whatever its pieces are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlm_cli.text.held_out import characters_kept, cut_after
from rnnlm_cli.text.pieces import Piece

PIECES = st.lists(st.builds(Piece, st.text("ab ", max_size=3), st.booleans()), max_size=4)


@given(PIECES, st.integers(0, 12))
def test_the_first_part_has_as_many_characters_as_were_asked_for(pieces, kept):
    parts = list(cut_after(pieces, kept))
    text = "".join(piece.text for piece in pieces)
    assert "".join(part.piece.text for part in parts if not part.held_out) == text[:kept]
    assert "".join(part.piece.text for part in parts if part.held_out) == text[kept:]
    assert [part.held_out for part in parts] == sorted(part.held_out for part in parts)
    assert sum(part.piece.ends_line for part in parts) == sum(p.ends_line for p in pieces)


@pytest.mark.parametrize(
    ("texts", "fraction", "kept"),
    [
        (["ab cd ef"], 0.5, 2),  # not within cd
        (["ab cd", "ef gh"], 0.2, 7),
        (["ab cd", "efghi"], 0.3, 5),  # at the line's beginning
        (["efghijklmn"], 0.3, 7),  # within a text of one word
        (["ab cd", "ef gh"], 0.0, 10),
    ],
)
def test_no_word_is_cut_if_its_line_has_another_place(texts, fraction, kept):
    assert characters_kept(lambda: [Piece(text, True) for text in texts], fraction) == kept
