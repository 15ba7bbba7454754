import math

import numpy as np
import pytest

from rnnlm_cli.data.texts import read_text
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate import stream
from rnnlm_cli.evaluate.lines import score_lines
from rnnlm_cli.evaluate.perplexity import evaluate
from rnnlm_cli.text.codec.word import WordCodec
from rnnlm_cli.text.reader import Piece, read_pieces


def scores_by_hand(saved, tokens, state=None, given=None):
    """Token by token, from the distributions."""
    model, found = saved.network, []
    state = model.initial_state(1) if state is None else state
    for token in tokens:
        if given is not None:
            log_probs, state = model.next_log_probs(np.array([[given]]), state)
            found.append(log_probs[0, saved.vocabulary.id_of(token)])
        given = saved.vocabulary.id_of(token)
    return found


@pytest.mark.parametrize("at_once", [1, 7, 512])
@pytest.mark.parametrize("block", [3, 512])
def test_a_carried_text_is_one_stream(saved, text_file, monkeypatch, at_once, block):
    monkeypatch.setattr(stream, "BLOCK_TOKENS", block)
    found = list(score_lines(saved, read_pieces(str(text_file)), at_once=at_once))
    assert len(found) == 30
    tokens = [token for line in found for token in line.tokens]
    scores = np.concatenate([line.log_probs for line in found])
    assert math.isnan(scores[0])
    np.testing.assert_allclose(scores[1:], scores_by_hand(saved, tokens), rtol=1e-10)
    text = read_text(saved.config, str(text_file), saved.codec, saved.vocabulary)
    whole = evaluate(saved, text)
    assert -np.nansum(scores) == pytest.approx(whole.nats, rel=1e-12)
    assert len(scores) - 1 == whole.tokens


@pytest.mark.parametrize("at_once", [1, 4, 512])
def test_independent_lines_are_read_after_an_end_of_line(saved, text_file, at_once):
    found = list(score_lines(saved, read_pieces(str(text_file)), True, at_once))
    source = text_file.read_text(encoding="utf-8").splitlines()
    assert [line.tokens for line in found] == [[*line.split(), "<eos>"] for line in source]
    for line in found:
        by_hand = scores_by_hand(saved, line.tokens, given=saved.vocabulary.index["<eos>"])
        np.testing.assert_allclose(line.log_probs, by_hand, rtol=1e-10)


def test_parts_of_a_long_line_are_one_line(saved):
    parts = [Piece("a b ", False), Piece("c\n", True), Piece("d\n", True)]
    first, second = score_lines(saved, parts, independent=True)
    assert first.tokens == ["a", "b", "c", "<eos>"]
    assert second.tokens == ["d", "<eos>"]
    carried = list(score_lines(saved, parts))
    assert [line.ends_line for line in carried] == [False, True, True]


def test_unknown_words_are_scored_as_the_unknown_token(saved):
    (line,) = score_lines(saved, [Piece("a never\n", True)], independent=True)
    assert line.tokens == ["a", "never", "<eos>"]
    assert line.ids[1] == saved.vocabulary.unknown_id


def test_independent_lines_need_an_end_of_line_token(saved, monkeypatch):
    monkeypatch.setattr(saved, "codec", WordCodec(end_of_line=None))
    with pytest.raises(UsageError, match="has no end-of-line token"):
        list(score_lines(saved, [Piece("a\n", True)], independent=True))
