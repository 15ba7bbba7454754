"""A model that has diverged is an error wherever it is asked, on every processor."""

from pathlib import Path

import numpy as np
import pytest

import rnnlm_cli
from rnnlm_cli.commands.main import run
from rnnlm_cli.errors import DivergedError
from rnnlm_cli.model.rnnlm import RnnlmPass

SAID = "the model gives a token a log-probability of"
MODEL = ["--checkpoint", "checkpoints/hello.pkl"]
TEXT = ["--corpus", "corpora/hello.txt"]


@pytest.fixture(params=[np.nan, np.float32(1e30)], ids=["NaN", "finite and absurd"])
def spoiled(request, hello, monkeypatch, capsys):
    """The hello model with hidden states that an overflow leaves, by one kernel or another."""
    forward = RnnlmPass.forward

    def overflown(self, ids, state):
        h, after = forward(self, ids, state)
        return np.full_like(h, request.param), after

    monkeypatch.setattr(RnnlmPass, "forward", overflown)
    Path("two.txt").write_text("you say\ni say\n", encoding="utf-8")
    Path("list.txt").write_text("1 you say\n1 i say\n", encoding="utf-8")
    capsys.readouterr()
    return hello


@pytest.mark.parametrize(
    "command",
    [
        ["fill", "you say ___ and i", *MODEL],
        ["generate", "--start", "you", "--seed", "1", *MODEL],
        ["generate", "--start", "you", "--seed", "1", "--samples", "3", *MODEL],
        ["generate", "--start", "you", "--beam", "3", *MODEL],
        ["eval", "next", "--start", "you", *MODEL],
        ["eval", "sentences", *TEXT, *MODEL],
        ["eval", "sentences", "--corpus", "two.txt", "--independent", *MODEL],
        ["eval", "words", *TEXT, *MODEL],
        ["eval", "perplexity", *TEXT, *MODEL],
        ["eval", "perplexity", *TEXT, "--cache", "10,0.5,0.1", *MODEL],
        ["eval", "tune", "cache", *TEXT, *MODEL],
        ["eval", "tune", "dynamic", *TEXT, *MODEL],
        ["eval", "rescore", "list.txt", "--format", "plain", *MODEL],
        ["eval", "compare", *MODEL[1:], *MODEL[1:], "--corpus", "two.txt"],
    ],
    ids=lambda command: " ".join(command[:4]),
)
def test_every_command_refuses_it_with_one_line(spoiled, capsys, command):
    assert run(command) == 1
    out, err = capsys.readouterr()
    assert out.strip() in ("", "you"), "no figure is printed"
    assert [line for line in err.splitlines() if line.startswith("Error")] == err.splitlines()[-1:]
    assert SAID in err.splitlines()[-1]


def test_a_bidirectional_model_fills_nothing_from_it(hello, monkeypatch, capsys):
    sets = ["training.epochs=1", "model.direction=bidirectional", "checkpoint.path=both.pkl"]
    options = [word for override in sets for word in ("--set", override)]
    assert run(["train", "--config", "configs/hello.yaml", *options]) == 0
    log_probs = "rnnlm_cli.nn.outputs.softmax.SoftmaxOutput.log_probs"
    monkeypatch.setattr(log_probs, lambda self, h: np.full((*h.shape[:-1], 9), np.nan))
    capsys.readouterr()
    assert run(["fill", "you say ___ and i", "--checkpoint", "both.pkl"]) == 1
    assert capsys.readouterr().err.startswith(f"Error: {SAID}")


@pytest.mark.parametrize(
    "ask",
    [
        lambda lm: lm.score("you say"),
        lambda lm: lm.perplexity(["you say"]),
        lambda lm: lm.next("you say"),
        lambda lm: lm.generate("you", length=2, seed=1),
        lambda lm: lm.state().read("you"),
    ],
    ids=["score", "perplexity", "next", "generate", "state"],
)
def test_the_python_interface_raises(spoiled, ask):
    lm = rnnlm_cli.load("checkpoints/hello.pkl")
    with pytest.raises(DivergedError, match=SAID):
        ask(lm)
