"""Texts that a model writes and fills, as the command line writes and fills them."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

import rnnlm_cli
from rnnlm_cli import UsageError
from rnnlm_cli.commands.main import run


def printed(capsys, *args):
    """What a command prints as JSON, a line each."""
    capsys.readouterr()
    assert run([*args, "--checkpoint", "checkpoints/hello.pkl", "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_words_and_filters_mean_what_they_mean_to_the_command_line(lm, capsys):
    options = ["--skip", "say", "--skip", "<unk>", "--top-k", "4", "--temperature", "3"]
    options += ["--min-p", "0.01", "--repetition-penalty", "1.3", "--no-repeat-ngram", "2"]
    args = ["generate", "--start", "you", "--length", "9", "--seed", "5", "--samples", "3"]
    found = lm.generate(
        "you",
        length=9,
        seed=5,
        samples=3,
        skip=["say", "<unk>"],
        top_k=4,
        temperature=3,
        min_p=0.01,
        repetition_penalty=1.3,
        no_repeat_ngram=2,
    )
    assert found == [text["text"] for text in printed(capsys, *args, *options)]
    assert all("say" not in text for text in found)


def test_samples_are_those_of_seeds_one_after_another(lm):
    texts = lm.generate("you", length=6, temperature=4, samples=3, seed=7)
    assert texts == [lm.generate("you", length=6, temperature=4, seed=7 + k) for k in range(3)]
    assert lm.generate("you", length=6, samples=1) == [lm.generate("you", length=6)]


def test_a_text_ends_at_a_word_or_at_the_end_of_a_line(lm):
    assert lm.generate("you", length=50, stop=["and"], temperature=0) == "you say goodbye and"
    assert lm.generate("you", length=9, stop=["never"]) == lm.generate("you", length=9)
    one = lm.generate("you", length=50, until_sentences=1, temperature=0)
    assert one == "you say goodbye and i say hello.\n"


def test_words_that_the_model_does_not_know_are_never_drawn_anyway(lm):
    assert lm.generate("you", length=5, skip=["shout"]) == lm.generate("you", length=5)


def test_a_beam_finds_what_the_command_line_finds(lm, capsys):
    found = lm.generate("you", length=3, beam=4, samples=2, length_penalty=0.5)
    args = ["generate", "--start", "you", "--length", "3", "--beam", "4", "--samples", "2"]
    assert found == [t["text"] for t in printed(capsys, *args, "--length-penalty", "0.5")]
    assert lm.generate("you", length=3, beam=4, length_penalty=0.5) == found[0]
    assert lm.generate("you", length=1, beam=2, skip=["say"]) != "you say"


@pytest.mark.parametrize("start", ["you", None])
def test_a_stream_is_the_text_in_pieces(lm, start):
    how = {"length": 12, "temperature": 2, "seed": 3, "stop": ["."]}
    pieces = list(lm.stream(start, **how))
    assert "".join(pieces) == lm.generate(start, **how)
    assert 2 <= len(pieces) <= 13


def test_a_stream_computes_no_more_than_is_taken(lm):
    stream = lm.stream("you", length=10**12, temperature=0)
    assert [next(stream) for _ in range(3)] == ["you", " say", " goodbye"]


def test_blanks_are_filled_from_the_left_as_the_command_line_fills_them(lm, capsys):
    filled = lm.fill("you ___ goodbye and i ___ hello .", top=3, skip=["you"])
    (shown,) = printed(
        capsys, "fill", "you ___ goodbye and i ___ hello .", "--top", "3", "--skip", "you"
    )
    assert str(filled) == filled.text == shown["text"] == "you say goodbye and i say hello."
    assert filled.blanks == []
    assert [text for text, _ in filled.lines] == [line["text"] for line in shown["lines"]]
    logs = [line["logprob"] / math.log(10) for line in shown["lines"]]
    assert [log for _, log in filled.lines] == pytest.approx(logs)


def test_a_bidirectional_model_fills_blanks_from_both_sides(both_sides):
    filled = both_sides.fill("you ? goodbye and i say hello .", blank="?", top=4)
    (blank,) = filled.blanks
    assert filled.lines == []
    assert len(blank) == 4
    assert filled.text == f"you {blank[0][0]} goodbye and i say hello."
    probabilities = [probability for _, probability in blank]
    assert probabilities == sorted(probabilities, reverse=True)
    assert 0 < sum(probabilities) <= 1


@pytest.mark.parametrize(
    "ask",
    [
        lambda lm: lm.score("you say"),
        lambda lm: lm.perplexity("you say"),
        lambda lm: lm.next("you"),
        lambda lm: lm.state(),
        lambda lm: lm.generate("you"),
        lambda lm: lm.stream("you"),
    ],
    ids=["score", "perplexity", "next", "state", "generate", "stream"],
)
def test_a_bidirectional_model_refuses_what_it_cannot_do(both_sides, ask):
    with pytest.raises(UsageError, match=r"the model is bidirectional: .* cannot ") as caught:
        ask(both_sides)
    assert "rnnlm " not in str(caught.value)
    assert "--" not in str(caught.value)


def test_a_bidirectional_model_is_traced_from_both_sides(both_sides):
    found = both_sides.trace("you say hello")
    assert [layer.name for layer in found.layers] == [
        "bidirectional.forward.layer0",
        "bidirectional.backward.layer0",
    ]
    other = both_sides.trace("you goodbye hello")
    for (one, changed), knows in zip(
        zip(found.layers, other.layers, strict=True), (slice(0, 2), slice(1, 3)), strict=True
    ):
        same = np.isclose(one.states["h"], changed.states["h"], rtol=1e-5).all(axis=1)
        assert same[knows].all()  # what each side has read when it comes to the token
        assert not same.all()
    assert repr(both_sides) == (
        "<LanguageModel checkpoints/both.pkl: bidirectional lstm, 1 layer of 16, 9 tokens, "
        f"{both_sides.model.network.parameter_count:,} parameters>"
    )


def test_characters_are_written_and_traced(hello):
    Path("names.txt").write_text("AAB\nABB\n" * 30, encoding="utf-8")
    lm = rnnlm_cli.train(
        {
            "corpus": {"train": "names.txt", "unit": "char"},
            "model": {"embedding_size": 4, "hidden_size": 4, "cell": "gru"},
            "training": {"epochs": 1, "batch_size": 2},
            "checkpoint": {"path": "names.pkl"},
        }
    )
    assert lm.generate("A", length=5, stop=["B"]).count("B") <= 1
    assert lm.trace("A\nB").tokens == ["A", "\n", "B"]
    assert [*lm.trace("AB").layers[0].gates] == ["r", "z", "n"]
    assert repr(lm.state("AB")) == "<State after 'AB'>"
