"""Where the tokens of a prompt begin in it."""

import pytest

from rnnlm_cli.serve.choice import places_of
from rnnlm_cli.text.codec.char import CharCodec
from rnnlm_cli.text.codec.word import WordCodec


def pieces(tokens, text, codec):
    places = places_of(tokens, text, codec, "<unk>")
    return [text[a:b] for a, b in zip(places, [*places[1:], len(text)], strict=True)]


@pytest.mark.parametrize(
    ("codec", "tokens", "expected"),
    [
        (WordCodec(), ["you", "<unk>", "<unk>", "."], ["you", " zebrafish", "  a,b", " ."]),
        (WordCodec(), ["<unk>", "<eos>", "<eos>", "say"], ["x", "\n", "\n", " say"]),
        (WordCodec(lowercase=True), ["you", "say"], ["  You", " SAY"]),
        (WordCodec(), ["goodbye", ".", "<eos>", "i"], ["goodbye", ".", "\n", "i"]),
        (CharCodec(end_of_line=None), ["a", "<unk>", "\n", " ", "b"], ["a", "€", "\n", " ", "b"]),
    ],
)
def test_a_token_has_the_part_of_the_prompt_that_a_user_wrote_for_it(codec, tokens, expected):
    assert pieces(tokens, "".join(expected), codec) == expected
