"""A bidirectional model from training to filling, as a user calls it."""

import json
import math
import shutil
from pathlib import Path

import pytest

from rnnlm_cli.commands.main import run

TRAIN = ["train", "--config", "configs/hello.yaml", "--set", "checkpoint.path=checkpoints/both.pkl"]
BOTH = [*TRAIN, "--set", "model.direction=bidirectional", "--overwrite"]
MODEL = ["--checkpoint", "checkpoints/both.pkl"]
LINE = "you say ___ and i say hello ."


@pytest.fixture(scope="module")
def both_folder(hello_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("both") / "hello"
    shutil.copytree(hello_folder, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run([*BOTH, "--set", "training.epochs=100"]) == 0
    return folder


@pytest.fixture
def both(both_folder, tmp_path, monkeypatch):
    """A working directory with a trained bidirectional model, free to change."""
    shutil.copytree(both_folder, tmp_path / "hello")
    monkeypatch.chdir(tmp_path / "hello")
    return tmp_path / "hello"


def test_a_blank_is_filled_from_both_sides(both, capsys):
    capsys.readouterr()
    assert run(["fill", LINE, *MODEL, "--top", "3", "--skip", "<unk>"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "you say goodbye and i say hello."
    assert lines[2] == "blank 1"
    assert lines[3].split()[1] == "goodbye"
    probabilities = [float(line.split()[0]) for line in lines[3:]]
    assert len(probabilities) == 3
    assert probabilities == sorted(probabilities, reverse=True)
    assert run(["fill", "you say goodbye and i say ___ .", *MODEL]) == 0
    assert capsys.readouterr().out.startswith("you say goodbye and i say hello.")


def test_several_blanks_as_json(both, capsys):
    capsys.readouterr()
    line = "you ___ goodbye and ___ say hello ."
    assert run(["fill", line, *MODEL, "--json", "--top", "2"]) == 0
    values = json.loads(capsys.readouterr().out)
    assert list(values) == ["text", "tokens", "blanks"]
    assert values["tokens"] == "you say goodbye and i say hello .".split()
    for blank, word in zip(values["blanks"], ["say", "i"], strict=True):
        assert blank[0]["token"] == word
        assert len(blank) == 2
        assert sum(math.exp(candidate["logprob"]) for candidate in blank) <= 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("you say hello", "has no blank; write ___"),
        ("you <eos> ___", "<eos> ends a line and cannot be inside one"),
        ("you say ___ helo", "'helo' is not in the model's vocabulary; similar tokens are hello"),
        (
            "you ___y goodbye",
            "'___y': a blank must be a whole word; write ___ with spaces around it",
        ),
        ("you s___ goodbye", "'s___': a blank must be a whole word"),
        ("you say ______ .", "'______': a blank must be a whole word"),
        ("you say ____ .", "'____': a blank must be a whole word"),
        ("you ___ _ .", "'_' is shorter than the blank '___'; use --blank _ if each _ is a blank"),
        ("you say _ .", "in place of a token, or set another mark with --blank"),
    ],
)
def test_a_line_that_cannot_be_filled(both, capsys, line, said):
    assert run(["fill", line, *MODEL]) == 2
    assert said in capsys.readouterr().err
    assert run(["fill", "you say ___ helo", *MODEL, "--allow-unknown"]) == 0


def test_its_figure_is_called_pseudo_perplexity_everywhere(both, capsys):
    capsys.readouterr()
    assert run([*BOTH, "--set", "training.epochs=2"]) == 0
    assert "train pseudo-perplexity" in capsys.readouterr().err
    log = [
        json.loads(line)
        for line in Path("checkpoints/both.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert "train_pseudo_perplexity" in log[-2]
    assert "valid_pseudo_perplexity" in log[-1]
    assert run(["eval", "perplexity", *MODEL]) == 0
    assert capsys.readouterr().out.startswith("pseudo-perplexity")
    assert run(["eval", "perplexity", *MODEL, "--json"]) == 0
    values = json.loads(capsys.readouterr().out)
    assert {"pseudo_perplexity", "pseudo_perplexity_without_unknown"} < values.keys()
    assert not {"perplexity", "perplexity_without_unknown"} & values.keys()
    assert values["tokens"] == 8  # all words, the first among them, and no end of line
    assert run(["show", "checkpoints/both.pkl", "--json"]) == 0
    assert "train_pseudo_perplexity" in json.loads(capsys.readouterr().out)["history"][0]


def test_every_word_of_a_text_may_be_unknown(both, capsys):
    Path("odd.txt").write_text("xyz say hello\n\nyou\n", encoding="utf-8")
    capsys.readouterr()
    assert run(["eval", "perplexity", *MODEL, "--corpus", "odd.txt", "--json"]) == 0
    values = json.loads(capsys.readouterr().out)
    assert (values["tokens"], values["oov"], values["unknown"]) == (4, 1, 1)
    bits = values["bits_per_token"] * 4
    assert values["bits_per_character"] == pytest.approx(bits / len("xyz say hello" + "you"))


def test_it_refuses_what_only_a_forward_model_can_do(both, capsys):
    assert run(["generate", *MODEL, "--start", "you"]) == 2
    assert "cannot write text from left to right" in capsys.readouterr().err
    assert run(["eval", "perplexity", *MODEL, "--streams", "2"]) == 2
    assert "reads each line by itself" in capsys.readouterr().err
    assert run(["eval", "words", *MODEL, "--corpus", "corpora/hello.txt"]) == 2
    assert "cannot score a text from left to right" in capsys.readouterr().err


@pytest.mark.bitwise
def test_stopped_and_resumed_is_as_never_stopped(both):
    whole = Path("checkpoints/both.pkl").read_bytes()
    assert run([*BOTH, "--set", "training.epochs=40"]) == 0
    resumed = [arg for arg in BOTH if arg != "--overwrite"]
    assert run([*resumed, "--set", "training.epochs=100", "--resume"]) == 0
    assert Path("checkpoints/both.pkl").read_bytes() == whole


def test_own_words_are_shown_as_they_were_given(both, capsys):
    capsys.readouterr()
    assert run(["fill", "zebra say ___", *MODEL, "--allow-unknown", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tokens"][:2] == ["zebra", "say"]


def test_nothing_left_to_fill_with(both, capsys):
    words = [*LINE.replace("___", "goodbye").split(), "<unk>"]
    assert run(["fill", LINE, *MODEL, *(a for w in words for a in ("--skip", w))]) == 2
    assert "leaves no token to fill a blank with" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["a b a b c d", "a b z\n" * 3 + "a b"])
def test_the_end_of_a_line_is_known_however_rare(both, capsys, text):
    Path("rare.txt").write_text(text, encoding="utf-8")
    limit = "corpus.min_count=4" if "z" in text else "corpus.max_vocabulary=3"
    sets = ["corpus.train=rare.txt", limit, "training.epochs=1"]
    assert run([*BOTH, *(arg for s in sets for arg in ("--set", s))]) == 0
    Path("odd.txt").write_text("a x b y\n", encoding="utf-8")
    capsys.readouterr()
    assert run(["eval", "perplexity", *MODEL, "--corpus", "odd.txt", "--json"]) == 0
    values = json.loads(capsys.readouterr().out)
    assert values["tokens"] == 4
    assert values["unknown"] == values["oov"] >= 2
    assert values["bits_per_character"] > 0
