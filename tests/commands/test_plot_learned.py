"""Pictures of what a model learned, as a user calls for them."""

import json
from pathlib import Path

import pytest

from rnnlm_cli.commands.main import run

pytest.importorskip("matplotlib")


@pytest.fixture
def drawn(monkeypatch):
    """Keep the letters of pictures instead of drawing; the examples of the help are drawn."""
    letters = []

    def paint(path, painter, replace=True, *, text="", layout="constrained", dark=True):
        letters.append(text)
        return ""

    monkeypatch.setattr("rnnlm_cli.commands.shared.looking.paint", paint)
    return letters


@pytest.mark.parametrize(
    ("args", "texts", "keys"),
    [
        (["surprise", "you say"], ["Surprise of hello.pkl"], {"nats_per_token", "tokens"}),
        (
            ["neurons", "you say", "--unit", "layer0.3"],
            ["layer0.3", "Units of hello.pkl"],
            {"tokens", "units", "found"},
        ),
        (
            ["gates", "you say"],
            ["Gates of hello.pkl", "sorted by its mean f"],
            {"cell", "tokens", "gates"},
        ),
        (
            ["embedding", "--word", "say", "--top", "2"],
            ["near say", "Embedding of hello.pkl"],
            {"method", "places", "explained"},
        ),
        (
            ["memory", "--context", "5", "--targets", "3"],
            ["Memory of hello.pkl", "shuffled"],
            {"nats", "distances", "looks_back", "order_matters", "context", "targets"},
        ),
        (["calibration"], ["Calibration of hello.pkl"], {"likeliest", "every", "temperature"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_picture_and_its_figures(hello, capsys, drawn, args, texts, keys):
    assert run(["plot", *args, "--json", "--out", "p.svg"]) == 0
    out, err = capsys.readouterr()
    assert err.endswith("wrote p.svg\n")
    assert keys <= json.loads(out).keys()
    (letters,) = drawn
    for text in texts:
        assert text in letters


def test_the_units_that_know_where_a_line_ends(hello, capsys, drawn):
    Path("long.txt").write_text("you say hello .\n" * 200, encoding="utf-8")
    args = ["plot", "neurons", "--corpus", "long.txt", "--find", "line-end", "--out", "n.png"]
    assert run([*args, "--top", "2", "--show", "40"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("line-end: the line ends here, true of 20.2% of the held-out tokens")
    assert lines[2].split()[0].startswith("layer0.")
    assert lines[-1].split()[-1] == "1.000"  # of the token alone: the line ends after the point
    best = lines[2].split()
    assert f"{best[0]}: held-out AUC {best[1]}, {best[3]} where it holds" in drawn[0]


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["surprise", "configs/hello.yaml"], 2, "is a file, and the argument is the text itself"),
        (["surprise", ""], 2, "the text has no token"),
        (["neurons", "you", "--unit", "layer0.16"], 2, "they are layer0.0 to layer0.15"),
        (["neurons", "you", "--find", "quote"], 2, "a larger --tokens or another property"),
        (["memory"], 1, "9 tokens are too few for a context of 200"),
        (["embedding", "--word", "zebra"], 2, "does not know 'zebra'"),
    ],
)
def test_what_cannot_be_drawn(hello, capsys, args, code, said):
    assert run(["plot", *args]) == code
    assert said in capsys.readouterr().err
    assert not list(Path().glob("*.png"))


def test_words_near_a_word(hello, capsys):
    assert run(["near", "hello", "--top", "2"]) == 0
    header, first, second = capsys.readouterr().out.splitlines()
    assert header == "cosine  times  token"
    assert float(first.split()[0]) >= float(second.split()[0])
    assert run(["near", "hello", "--top", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["word"] == "hello"
    assert [one["token"] for one in found["near"]] == [first.split()[2], second.split()[2]]
