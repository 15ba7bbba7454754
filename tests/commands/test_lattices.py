"""``eval rescore`` of lattices and with earlier utterances, and ``eval tune rescore``."""

import json
import math

import pytest

import rnnlm_cli
from rnnlm_cli.commands.main import run

MODEL = ["--checkpoint", "checkpoints/hello.pkl"]

LATTICE = """UTTERANCE=u1
lmscale=2 wdpenalty=-1
N=4 L=5
J=0 S=0 E=1 W=you a=-1 l=-1
J=1 S=1 E=2 W=say a=-2 l=-1
J=2 S=1 E=2 W=hello a=-1 l=-1
J=3 S=2 E=3 W=goodbye a=-1 l=-1
J=4 S=2 E=3 W=say a=-3 l=-1
"""


@pytest.fixture
def lattice(hello):
    (hello / "u.slf").write_text(LATTICE, encoding="utf-8")
    return "u.slf"


def output(capsys, *args):
    assert run(list(args)) == 0
    return capsys.readouterr().out


def test_the_best_path_of_a_lattice(lattice, capsys):
    args = ["eval", "rescore", lattice, *MODEL, "--format", "slf"]
    assert output(capsys, *args) == "u1 you say goodbye\n"
    assert output(capsys, *args, "--weight", "0") == "u1 you hello goodbye\n"
    found = json.loads(output(capsys, *args, "--json", "--word-penalty", "0.5", "--lm-scale", "3"))
    log_prob = rnnlm_cli.load(MODEL[1]).score("you say goodbye") * math.log(10)
    score = -4 / math.log(10) + 3 * log_prob / math.log(10) + 3 * 0.5
    assert found == {
        "list": "u1",
        "text": "you say goodbye",
        "logprob": pytest.approx(log_prob, abs=1e-5),
        "score": pytest.approx(score, abs=1e-5),
    }
    args += ["--max-tokens-per-node", "1", "--beam", "1", "--recombination-order", "1"]
    assert len(output(capsys, *args).split()) == 4


def test_earlier_utterances_come_before_each_hypothesis(lattice, hello, capsys):
    """The text continues: read word by word, its last line has the same score."""
    (hello / "before.txt").write_text("you say hello .\n", encoding="utf-8")
    (hello / "list.txt").write_text("1 i say hello .\n1 goodbye\n", encoding="utf-8")
    more = ["--context", "before.txt"]
    alone = output(capsys, "eval", "rescore", "list.txt", *MODEL, "--scores-only")
    first, _ = output(capsys, "eval", "rescore", "list.txt", *MODEL, "--scores-only", *more).split()
    assert float(first) != pytest.approx(float(alone.split()[0]), abs=1e-3)
    state, expected = rnnlm_cli.load(MODEL[1]).state(), []
    for token in ["you", "say", "hello", ".", "<eos>", "i", "say", "hello", ".", "<eos>"]:
        log10_prob, state = state.read(token)
        expected.append(log10_prob)
    assert float(first) == pytest.approx(sum(expected[5:]), abs=1e-4)
    found = json.loads(
        output(capsys, "eval", "rescore", lattice, *MODEL, "--format", "slf", "--json", *more)
    )
    without = rnnlm_cli.load(MODEL[1]).score("you say goodbye") * math.log(10)
    assert found["logprob"] != pytest.approx(without, abs=1e-3)


def test_a_model_of_single_lines_has_no_context(hello, capsys):
    sets = ["training.lines=independent", "training.epochs=1", "checkpoint.path=lines.pkl"]
    given = [part for one in sets for part in ("--set", one)]
    assert run(["train", "--config", "configs/hello.yaml", *given]) == 0
    capsys.readouterr()
    text = "corpora/hello.txt"
    assert run(["eval", "rescore", text, "--checkpoint", "lines.pkl", "--context", text]) == 2
    assert "earlier lines change nothing; omit --context" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["plain", "moses", "srilm"])
def test_weight_and_penalty_are_found(hello, capsys, form):
    """The right text is the model's, if the older score, which prefers the other, has no weight."""
    lines = {
        "plain": ["7 you say say .", "7 you say hello ."],
        "moses": ["0 ||| you say say . ||| f= 1 ||| 9", "0 ||| you say hello . ||| f= 1 ||| 1"],
        "srilm": ["-1 -5 4 you say say .", "-1 -9 4 you say hello ."],
    }
    (hello / "list.txt").write_text("\n".join(lines[form]), encoding="utf-8")
    reference = "7 you say hello ." if form == "plain" else "you say hello ."
    (hello / "ref.txt").write_text(f"{reference}\n", encoding="utf-8")
    args = ["eval", "tune", "rescore", "list.txt", *MODEL, "--format", form]
    args += ["--references", "ref.txt"]
    weights = ["--weight", "0.001", "--weight", "30", "--word-penalty", "0", "--word-penalty", "2"]
    rows = [json.loads(row) for row in output(capsys, *args, *weights, "--json").splitlines()]
    assert rows[0] == {
        "how": "before",
        "word_error_rate": 0.25,
        "substitutions": 1,
        "deletions": 0,
        "insertions": 0,
        "words": 4,
    }
    assert len(rows) == 5
    assert rows[-1]["how"] == f"--weight {30 if form != 'plain' else 0.001:g} --word-penalty 0"
    assert rows[-1]["word_error_rate"] == 0
    table = output(capsys, *args, *weights).splitlines()
    assert table[0].endswith("settings")
    assert "25.00%" in table[1]
    assert "before" in table[1]
    assert table[-1].endswith(rows[-1]["how"])


def test_lattices_are_tuned_as_lists_of_their_paths(lattice, hello, capsys):
    (hello / "ref.txt").write_text("u1 you say goodbye\nu9 no\n", encoding="utf-8")
    args = ["eval", "tune", "rescore", lattice, *MODEL, "--format", "slf", "--references"]
    assert run([*args, "ref.txt", "--weight", "1", "--word-penalty", "0"]) == 0
    out, err = capsys.readouterr()
    assert "33.33%" in out.splitlines()[1]
    assert "0.00%" in out.splitlines()[2]
    assert "ref.txt: 1 of 2 lines belong to no list" in err
    (hello / "ref.txt").write_text("u2 you say goodbye\n", encoding="utf-8")
    assert run([*args, "ref.txt"]) == 2
    assert "ref.txt: has no line for the list 'u1'; add one" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["rescore", "a"], "rescore needs NBEST and --references"),
        (["rescore", "--references", "a"], "rescore needs NBEST and --references"),
        (["cache", "a"], "'a': NBEST needs the argument rescore; omit it"),
    ],
)
def test_lists_and_references_go_together(hello, capsys, args, said):
    assert run(["eval", "tune", *args]) == 2
    assert said in capsys.readouterr().err
