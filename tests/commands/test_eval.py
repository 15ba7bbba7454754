"""Scoring, as a user calls it."""

import io
import json
import math
import re
import sys
from types import SimpleNamespace

import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.main import run
from rnnlm_cli.system.width import display_width

MODEL = ["--checkpoint", "checkpoints/hello.pkl"]
TEXT = "you say hello .\n\nfoo you say\n"


@pytest.fixture
def text(hello):
    (hello / "text.txt").write_text(TEXT, encoding="utf-8")
    return hello


def output(capsys, *args):
    capsys.readouterr()
    assert run(list(args)) == 0
    return capsys.readouterr().out


def from_standard_input(monkeypatch, text):
    stdin = SimpleNamespace(buffer=io.BytesIO(text.encode()), isatty=lambda: False)
    monkeypatch.setattr(sys, "stdin", stdin)


def table_of(capsys, *args):
    """The rows of ``eval sentences`` below its header."""
    header, *rows = output(capsys, "eval", "sentences", *args).splitlines()
    assert header.split("\t") == ["nats", "tokens", "unknown", "nats/token", "perplexity", "line"]
    return [row.split("\t") for row in rows]


@pytest.mark.parametrize("way", ["--carry-state", "--independent"])
def test_sentences_are_aligned_with_the_lines_and_sum_the_words_up(text, capsys, way):
    args = [*MODEL, "--corpus", "text.txt", way]
    rows = table_of(capsys, *args)
    assert [row[5] for row in rows] == TEXT.splitlines()
    for nats, tokens, _, mean, perplexity, _ in rows:
        assert float(mean) == pytest.approx(-float(nats) / int(tokens), abs=1e-4)
        assert float(perplexity) == pytest.approx(math.exp(float(mean)), abs=1e-2, rel=1e-3)
    given = way == "--carry-state"
    assert [row[1] for row in rows] == [str(5 - given), "1", "4"]
    assert [row[2] for row in rows] == ["0", "0", "1"]
    words = [r.split("\t") for r in output(capsys, "eval", "words", *args).splitlines()]
    assert [row[1] for row in words if row[0] == "3"] == ["foo", "you", "say", "<eos>"]
    assert (words[0][2] == "-") == given
    for number, row in enumerate(rows, 1):
        scores = [float(w[2]) for w in words if w[0] == str(number) and w[2] != "-"]
        assert sum(scores) == pytest.approx(float(row[0]), abs=1e-5)


def test_each_line_is_scored_by_itself_unless_the_state_is_carried(hello, capsys):
    (hello / "twice.txt").write_text("say hello .\nsay hello .\n", encoding="utf-8")
    args = [*MODEL, "--corpus", "twice.txt"]
    first, second = table_of(capsys, *args)
    assert first == second
    assert [first, second] == table_of(capsys, *args, "--independent")
    first, second = table_of(capsys, *args, "--carry-state")
    assert (first[1], second[1]) == ("3", "4")
    assert first[0] != second[0]


@pytest.mark.parametrize(("order", "key"), [("logprob", "logprob"), ("perplexity", "perplexity")])
def test_lines_can_be_ranked(hello, capsys, order, key):
    lines = ["hello", "you say goodbye and i say hello .", "say you", "", "you say ."]
    (hello / "lines.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    args = ["eval", "sentences", *MODEL, "--corpus", "lines.txt", "--json"]
    found = [json.loads(row) for row in output(capsys, *args, "--sort", order).splitlines()]
    values = [-row[key] if key == "logprob" else row[key] for row in found]
    assert values == sorted(values)
    assert found[0]["text"] == {"logprob": "", "perplexity": lines[1]}[order]
    assert sorted(row["line"] for row in found) == [1, 2, 3, 4, 5]


def test_a_model_without_ends_of_lines_scores_a_stream_alone(hello, capsys):
    sets = ["corpus.end_of_line=null", "training.epochs=1", "checkpoint.path=endless.pkl"]
    args = [arg for one in sets for arg in ("--set", one)]
    assert run(["train", "--config", "configs/hello.yaml", *args]) == 0
    text = ["--checkpoint", "endless.pkl", "--corpus", "corpora/hello.txt"]
    assert run(["eval", "sentences", *text]) == 2
    assert "endless.pkl: the model has no end-of-line token" in (err := capsys.readouterr().err)
    assert "use --carry-state to score the text as one stream" in err
    assert len(table_of(capsys, *text, "--carry-state")) == 1


def test_the_columns_of_a_table_stand_below_each_other_on_a_terminal(hello, capsys, monkeypatch):
    (hello / "ko.txt").write_text("나는 e\u0301 say\n", encoding="utf-8")
    args = ["eval", "words", *MODEL, "--corpus", "ko.txt"]
    piped = output(capsys, *args).splitlines()
    assert piped[0] == "1\t나는\t-\tunknown"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    rows = output(capsys, *args).splitlines()
    assert {display_width(row[: row.rindex("  ")]) for row in rows} == {4 + 2 + 20 + 2 + 10}
    assert "  나는                  -" in rows[0]


def test_the_carried_score_is_that_of_perplexity_in_every_form(text, capsys):
    args = [*MODEL, "--corpus", "text.txt"]
    whole = json.loads(output(capsys, "eval", "perplexity", *args, "--json"))
    lines = [
        json.loads(line)
        for line in output(capsys, "eval", "words", *args, "--format", "json").splitlines()
    ]
    logs = [log for line in lines for log in line["logprobs"]]
    assert logs[0] is None
    nats = -sum(logs[1:])
    assert nats / whole["tokens"] == pytest.approx(whole["nats_per_token"], rel=1e-6)
    kenlm = output(capsys, "eval", "words", *args, "--format", "kenlm")
    found = dict(re.findall(r"^([\w ]+):\t(\S+)$", kenlm, re.MULTILINE))
    assert float(found["Perplexity including OOVs"]) == pytest.approx(whole["perplexity"], rel=1e-6)
    without = whole["perplexity_without_unknown"]
    assert float(found["Perplexity excluding OOVs"]) == pytest.approx(without, rel=1e-6)
    assert int(found["Tokens"]) == whole["tokens"]
    stream = [*args, "--carry-state"]
    srilm = output(capsys, "eval", "sentences", *stream, "--format", "srilm")
    assert float(re.findall(r"ppl= (\S+)", srilm)[-1]) == pytest.approx(without, rel=1e-6)


def test_unknown_tokens_are_marked(text, capsys):
    args = ["eval", "words", *MODEL, "--corpus", "text.txt"]
    rows = [row.split("\t") for row in output(capsys, *args).splitlines()]
    assert [row[1] for row in rows if row[3] == "unknown"] == ["foo"]
    assert {row[3] for row in rows} == {"known", "unknown"}
    (text / "unk.txt").write_text("foo say <unk>\n", encoding="utf-8")
    for independent in ([], ["--independent"]):
        args = ["eval", "words", *MODEL, "--corpus", "unk.txt", *independent, "--json"]
        (found,) = map(json.loads, output(capsys, *args).splitlines())
        assert found["tokens"] == ["foo", "say", "<unk>", "<eos>"]
        assert found["unknown"] == [True, False, True, False]
        assert found["logprobs"].count(None) == (not independent)


@pytest.mark.parametrize("command", ["words", "sentences"])
def test_json_is_a_form(text, capsys, command):
    args = ["eval", command, *MODEL, "--corpus", "text.txt"]
    wanted = output(capsys, *args, "--format", "json")
    assert output(capsys, *args, "--json") == wanted
    assert output(capsys, *args, "--json", "--format", "json") == wanted
    assert run([*args, "--json", "--format", "kenlm"]) == 2
    assert "--format and --json exclude each other" in capsys.readouterr().err


def test_standard_input_is_scored_line_by_line(text, capsys, monkeypatch):
    expected = table_of(capsys, *MODEL, "--corpus", "text.txt")
    from_standard_input(monkeypatch, TEXT)
    found = table_of(capsys, *MODEL, "--corpus", "-")
    for a, b in zip(found, expected, strict=True):
        assert float(a[0]) == pytest.approx(float(b[0]), abs=1e-4)
        assert [*a[1:3], a[5]] == [*b[1:3], b[5]]


def test_next(hello, capsys):
    rows = output(capsys, "eval", "next", "--start", "you say", *MODEL, "--top", "3").splitlines()
    assert len(rows) == 3
    assert rows[0].split()[2] == "goodbye"
    found = json.loads(output(capsys, "eval", "next", "--start", "you say", *MODEL, "--json"))
    assert sum(math.exp(one["logprob"]) for one in found["next"]) == pytest.approx(1, rel=1e-5)
    assert run(["eval", "next", "--start", "shout", *MODEL]) == 2


NBEST = {
    "plain": "1 you hello say .\n1 you say hello .\n2 goodbye\n",
    "kaldi": "u-1 you hello say .\nu-2 you say hello .\nv-1 goodbye\n",
    "srilm": "-3 -1 4 you hello say .\n-3 -1 4 you say hello .\n-3 -1 1 goodbye\n",
}


@pytest.mark.parametrize("form", NBEST)
def test_rescoring_keeps_ids_and_order(hello, capsys, form):
    (hello / "list.txt").write_text(NBEST[form], encoding="utf-8")
    (hello / "words.txt").write_text(
        "you hello say .\nyou say hello .\ngoodbye\n", encoding="utf-8"
    )
    args = ["eval", "rescore", "list.txt", *MODEL, "--format", form]
    scores = output(capsys, *args, "--scores-only").splitlines()
    nats = [float(row[0]) for row in table_of(capsys, *MODEL, "--corpus", "words.txt")]
    if form == "kaldi":
        assert [score.split()[0] for score in scores] == ["u-1", "u-2", "v-1"]
        found = [-float(score.split()[1]) for score in scores]
    else:
        found = [float(score) * math.log(10) for score in scores]
    expected = [n - 3 * math.log(10) for n in nats] if form == "srilm" else nats
    assert found == pytest.approx(expected, abs=1e-4)
    best = output(capsys, *args).splitlines()
    if form == "srilm":
        assert best == [["you hello say .", "you say hello .", "goodbye"][found.index(max(found))]]
    else:
        assert [line.split(maxsplit=1)[1] for line in best] == ["you say hello .", "goodbye"]


def test_the_weight_mixes_with_the_older_score(hello, capsys):
    (hello / "list.txt").write_text("-3 -1 2 you say\n", encoding="utf-8")
    args = ["eval", "rescore", "list.txt", *MODEL, "--format", "srilm", "--scores-only"]
    whole, none, half = (
        float(output(capsys, *args, "--weight", weight)) for weight in ("1", "0", "0.5")
    )
    assert none == -4
    assert half == pytest.approx((whole + none) / 2, abs=1e-5)


def test_a_bad_list_is_named(hello, capsys):
    (hello / "list.txt").write_text("x y\n", encoding="utf-8")
    assert run(["eval", "rescore", "list.txt", *MODEL, "--format", "srilm"]) == 1
    assert "list.txt: line 1: 'x y' is not of the form" in capsys.readouterr().err


@pytest.mark.parametrize("weight", ["1e308", "1000.1", "-1", "nan", "inf"])
def test_a_weight_that_cannot_be_meant_is_refused(hello, capsys, weight):
    (hello / "list.txt").write_text("-1 -2 1 you\n", encoding="utf-8")
    args = ["eval", "rescore", "list.txt", *MODEL, "--format", "srilm", "--weight", weight]
    assert run(args) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "--weight" in err


def test_moses_lists_are_read_and_written(hello, capsys):
    (hello / "list.txt").write_text(
        "0 ||| you hello say . ||| f= 1 ||| 2\n0 ||| you say hello . ||| f= 1 ||| 2\n"
        "1 ||| goodbye ||| f= 3 ||| -4\n",
        encoding="utf-8",
    )
    args = ["eval", "rescore", "list.txt", *MODEL]
    assert run(args) == 1
    assert "looks like a list of the format moses; add --format moses" in capsys.readouterr().err
    args += ["--format", "moses"]
    lines = output(capsys, *args, "--scores-only", "--weight", "0.5").splitlines()
    (hello / "words.txt").write_text(
        "you hello say .\nyou say hello .\ngoodbye\n", encoding="utf-8"
    )
    nats = [float(row[0]) for row in table_of(capsys, *MODEL, "--corpus", "words.txt")]
    for line, log_prob, old in zip(lines, nats, (2, 2, -4), strict=True):
        _, _, features, score = line.split(" ||| ")
        assert float(features.partition(" rnnlm= ")[2]) == pytest.approx(log_prob, abs=1e-5)
        assert float(score) == pytest.approx(old + log_prob / 2, abs=1e-5)
    best = output(capsys, *args).splitlines()
    assert [line.split(" ||| ")[1] for line in best] == ["you say hello .", "goodbye"]


def test_a_list_stands_together(hello, capsys):
    (hello / "list.txt").write_text("1 you say\n2 goodbye\n1 you hello\n", encoding="utf-8")
    args = ["eval", "rescore", "list.txt", *MODEL]
    assert len(output(capsys, *args, "--scores-only").splitlines()) == 3
    assert run(args) == 1
    err = capsys.readouterr().err
    assert "list.txt: line 3: the list '1' continues after another one; put its" in err


def test_runs_of_blanks_are_characters_in_lists_as_in_texts(hello, capsys):
    (hello / "people.txt").write_text("The  people\nThe people\n", encoding="utf-8")
    settings = ["corpus.train=people.txt", "corpus.unit=char", "checkpoint.path=char.pkl"]
    settings += ["corpus.end_of_line=null", "training.epochs=2", "training.batch_size=1"]
    sets = [part for setting in settings for part in ("--set", setting)]
    assert run(["train", "--config", "configs/hello.yaml", *sets]) == 0
    args = ["--checkpoint", "char.pkl"]
    nats = [float(row[0]) for row in table_of(capsys, "--corpus", "people.txt", *args)]
    (hello / "list.txt").write_text("x The  people\nx The people\n", encoding="utf-8")
    scores = output(capsys, "eval", "rescore", "list.txt", "--scores-only", *args)
    found = [float(score) * math.log(10) for score in scores.splitlines()]
    assert found == pytest.approx(nats, abs=1e-4)
    assert nats[0] != pytest.approx(nats[1], abs=1e-2)


def test_compare(hello, capsys):
    other = ["--set", "checkpoint.path=checkpoints/other.pkl", "--set", "training.epochs=20"]
    assert run(["train", "--config", "configs/hello.yaml", *other]) == 0
    args = ["checkpoints/hello.pkl", "checkpoints/other.pkl", "--corpus", "corpora/hello.txt"]
    found = json.loads(output(capsys, "eval", "compare", *args, "--json"))
    first, second = (math.log(value) for value in found["perplexity"])
    assert found["nats_per_token"] == pytest.approx(second - first)
    assert found["nats_per_token"] > 0.5
    assert found["verdict"] == "checkpoints/hello.pkl"
    assert (found["no_verdict"], found["oov"]) == ([], [0, 0])
    assert found["nats_per_word"] == pytest.approx(found["nats_per_token"])
    assert found["perplexity_per_word"] == pytest.approx(found["perplexity"])
    tokens = 8
    assert found["nats"] == pytest.approx([first * tokens, second * tokens])
    assert output(capsys, "eval", "compare", *args).endswith("hello.pkl is better\n")
    same = json.loads(output(capsys, "eval", "compare", args[0], args[0], *args[2:], "--json"))
    assert same["verdict"] is None
    assert same["no_verdict"] == []


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("corpus.train=few.txt", "other.pkl: 3 of 8 tokens are not in its vocabulary"),
        ("corpus.lowercase=true", "do not read the same text: 1 of 2 lines differ in case or"),
        ("corpus.end_of_line=null", "other.pkl: does not predict the ends of lines"),
    ],
)
def test_no_verdict_where_models_do_not_predict_the_same_text(hello, capsys, setting, reason):
    (hello / "few.txt").write_text("you say hello .\nyou say .\n", encoding="utf-8")
    other = ["--set", "checkpoint.path=checkpoints/other.pkl", "--set", "training.epochs=2"]
    assert run(["train", "--config", "configs/hello.yaml", *other, "--set", setting]) == 0
    text = "you say goodbye and i say hello .\n" + "You say hello .\n" * ("lower" in setting)
    (hello / "t.txt").write_text(text, encoding="utf-8")
    args = ["checkpoints/hello.pkl", "checkpoints/other.pkl", "--corpus", "t.txt"]
    capsys.readouterr()
    assert run(["eval", "compare", *args, "--json"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["verdict"] is None
    assert reason in found["no_verdict"][-1]
    assert f"no verdict: {found['no_verdict'][-1]}" == found["warnings"][-1]
    assert f"warning: {found['warnings'][-1]}\n" in err
    table = output(capsys, "eval", "compare", *args)
    assert re.search(f"^no verdict: .*{reason}", table, re.MULTILINE)
    assert "pkl is better" not in table


@pytest.fixture
def units(hello, capsys):
    """Models of words and of characters of one text, in files word.pkl and char.pkl."""
    for unit, end in (("word", "<eos>"), ("char", "null")):
        sets = [f"corpus.unit={unit}", f"corpus.end_of_line={end}", f"checkpoint.path={unit}.pkl"]
        args = [arg for one in [*sets, "training.epochs=30"] for arg in ("--set", one)]
        assert run(["train", "--config", "configs/hello.yaml", *args]) == 0
    return hello


def test_units_are_compared_by_the_same_text(units, capsys):
    (units / "t.txt").write_text("you say\n\n  hello  .\ngoodbye and i say", encoding="utf-8")
    args = ["word.pkl", "char.pkl", "--corpus", "t.txt"]
    found = json.loads(output(capsys, "eval", "compare", *args, "--json"))
    assert (found["unit"], found["lines"], found["words"]) == ("word", 4, 8 + 4)
    assert found["tokens"] == [12, len("you say\n\nhello .\ngoodbye and i say\n")]
    assert (found["oov"], found["no_verdict"], found["nats_per_token"]) == ([0, 0], [], None)
    first, second = found["nats"]
    assert found["nats_per_word"] == pytest.approx((second - first) / 12)
    assert found["perplexity_per_word"] == pytest.approx(
        [math.exp(n / 12) for n in (first, second)]
    )
    assert found["perplexity_per_word"][0] == pytest.approx(found["perplexity"][0])
    size = found["tokens"][1] * math.log(2)
    assert found["bits_per_byte"] == pytest.approx([first / size, second / size])
    for name, nats in zip(args, (first, second), strict=False):
        # after the end of a line, as one stream, and with single spaces
        (units / "s.txt").write_text("\nyou say\n\nhello .\ngoodbye and i say\n", encoding="utf-8")
        stream = ["eval", "words", "--checkpoint", name, "--corpus", "s.txt", "--json"]
        lines = [json.loads(row)["logprobs"] for row in output(capsys, *stream).splitlines()]
        assert lines[0] == [None]
        assert -sum(log for line in lines[1:] for log in line) == pytest.approx(nats, rel=1e-5)
    table = output(capsys, "eval", "compare", *args)
    assert "the models split the text differently" in table
    assert f"{found['nats_per_word']:+.4f} nats per word" in table
    assert run(["eval", "compare", *args[:2], "--corpus", "-"]) == 2


@pytest.mark.parametrize(
    ("content", "warned"),
    [
        ("you you say goodbye foo\n", []),  # 1 of 5 is unknown
        ("you say goodbye foo\n", ["25.0% of the targets are unknown tokens"]),
        ("hello . you say goodbye and i say\n", ["the model was trained on this text"]),
    ],
)
def test_a_figure_that_misleads_has_a_warning_in_both_places(hello, capsys, content, warned):
    (hello / "t.txt").write_text(content, encoding="utf-8")
    capsys.readouterr()
    assert run(["eval", "perplexity", *MODEL, "--corpus", "t.txt", "--json"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)["warnings"]
    assert [line[: len(start)] for line, start in zip(found, warned, strict=True)] == warned
    assert [line for line in err.splitlines() if line.startswith("warning: ")] == [
        f"warning: {line}" for line in found
    ]
    assert err.count("are lower bounds") == ("foo" in content)


def test_the_training_text_is_told_by_its_name_too(parts, capsys):
    """The part of it that was held out is another text."""
    for args, warned in (
        (["--split", "train"], True),
        (["--corpus", "parts.txt"], True),
        ([], False),
        (["--split", "valid"], False),
    ):
        found = json.loads(output(capsys, "eval", "perplexity", *parts, *args, "--json"))
        assert any("trained on this text" in line for line in found["warnings"]) == warned, args


def test_cache_and_dynamic_stand_beside_the_static_figure(hello, capsys):
    args = ["eval", "perplexity", *MODEL, "--corpus", "corpora/hello.txt", "--json"]
    static = json.loads(output(capsys, *args))
    both = json.loads(output(capsys, *args, "--cache", "5,0.5,0.1", "--dynamic", "0.1,0.01"))
    assert both["perplexity"] == static["perplexity"]
    assert both["adapted"]["how"] == "cache 5,0.5,0.1 dynamic 0.1,0.01"
    assert both["adapted"]["perplexity"] != static["perplexity"]
    tuned = output(capsys, "eval", "tune", "cache", *MODEL, "--corpus", "corpora/hello.txt")
    assert len(tuned.splitlines()) == 42
    assert run(["eval", "tune", "cache", *MODEL]) == 2
    assert "has no corpus.valid" in capsys.readouterr().err


def test_dynamic_with_root_mean_squares_keeps_them_in_a_file(hello, capsys):
    args = ["eval", "perplexity", *MODEL, "--corpus", "corpora/hello.txt", "--json"]
    rms = [*args, "--dynamic", "0.001,0.1", "--rms", "--segment", "3"]
    without = json.loads(output(capsys, *rms))["adapted"]
    assert without["how"] == "dynamic 0.001,0.1 segment 3 rms"
    for _ in range(2):  # written, then read
        found = json.loads(output(capsys, *rms, "--rms-file", "a.rms"))["adapted"]
        assert found == without
    assert run([*args, "--dynamic", "0.1", "--rms", "--rms-file", "a.rms"]) == 2
    assert "use --segment 3" in capsys.readouterr().err
    grid = ["--rms", "--rate", "0.001", "--decay", "0.1", "--segment", "3", "--cache", "5,0.5,0.1"]
    tuned = ["eval", "tune", "dynamic", *MODEL, "--corpus", "corpora/hello.txt", *grid]
    assert (
        output(capsys, *tuned)
        .splitlines()[-1]
        .endswith("--dynamic 0.001,0.1 --segment 3 --rms --cache 5,0.5,0.1")
    )
    assert run([*tuned, "--segment", "4", "--rms-file", "a.rms"]) == 2
    assert "--rms-file is of one --segment" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--cache", "5,0.5"], "'5,0.5' is not of the form SIZE,THETA,LAMBDA"),
        (["--cache", "0,0.5,0.1"], "SIZE is a whole number from 1 to 1,000,000"),
        (["--cache", "5,0.5,1"], "LAMBDA between 0 and 1"),
        (["--cache", "5,x,0.1"], "is not of the form"),
        (["--dynamic", "0"], "LEARNING_RATE is above 0"),
        (["--dynamic", "nan"], "is not of the form LEARNING_RATE"),
        (["--dynamic", "1,2"], "DECAY at least 0"),
        (["--dynamic", "1,0,0", "--rms"], "EPSILON above 0"),
        (["--dynamic", "1,0,0.1"], "EPSILON needs --rms"),
        (["--dynamic", "1", "--rms", "--rms-file", "none/a"], "its directory does not exist"),
        (["--interpolate", "none.arpa"], "none.arpa: No such file"),
        (["--dynamic", "1", "--streams", "2"], "read one stream"),
    ],
)
def test_bad_options(hello, capsys, options, message):
    assert run(["eval", "perplexity", *MODEL, *options]) == 2
    assert message in capsys.readouterr().err


ARPA = """\\data\\
ngram 1=9

\\1-grams:
-99 <s>
-1 you
-1 say
-1 goodbye
-1 and
-1 i
-1 hello
-1 .
-0.7 </s>

\\end\\
"""


def test_interpolation_with_an_ngram_model(hello, capsys):
    (hello / "uni.arpa").write_text(ARPA, encoding="utf-8")
    args = ["eval", "perplexity", *MODEL, "--corpus", "corpora/hello.txt", "--json"]
    args += ["--interpolate", "uni.arpa"]
    assert run(args) == 2
    assert (
        "corpus.valid to fit the mixture on; give its weights with --mix-weights"
        in capsys.readouterr().err
    )
    found = json.loads(output(capsys, *args, "--interpolate-weight", "0.5"))["interpolated"]
    assert found["ngram"] == pytest.approx(10 ** ((7 + 0.7) / 8))
    assert found["weight"] == 0.5
    assert not found["fitted"]
    with_valid = ["--config", "valid.yaml"]
    config = (hello / "configs/hello.yaml").read_text(encoding="utf-8")
    (hello / "valid.yaml").write_text(
        re.sub(
            r"train: .*", "train: corpora/hello.txt\n  valid: corpora/hello.txt", config
        ).replace("../checkpoints", "checkpoints"),
        encoding="utf-8",
    )
    mixed = json.loads(output(capsys, *args, *with_valid))["interpolated"]
    assert mixed["fitted"]
    assert mixed["weight"] > 0.99
    assert mixed["mix"] < 1.1


def test_by_frequency_sums_up_to_the_whole(text, capsys):
    args = ["eval", "perplexity", *MODEL, "--corpus", "text.txt", "--by-frequency"]
    found = json.loads(output(capsys, *args, "--json"))
    bands = found["by_frequency"]
    assert [band["at_least"] for band in bands] == [0, 1]
    assert sum(band["tokens"] for band in bands) == found["tokens"]
    nats = sum(band["tokens"] * math.log(band["perplexity"]) for band in bands)
    assert nats == pytest.approx(found["nats_per_token"] * found["tokens"])
    assert found["oov_rate"] == pytest.approx(1 / found["tokens"])
    size = len(TEXT.removeprefix("you"))
    assert found["bits_per_byte"] * size == pytest.approx(found["bits_per_token"] * found["tokens"])
    assert "never" in output(capsys, *args)


def test_nothing_to_read_is_said(hello, capsys, monkeypatch):
    (hello / "empty.txt").write_text("", encoding="utf-8")
    for args in (["words", "--corpus", "empty.txt"], ["sentences", "--corpus", "empty.txt"]):
        assert run(["eval", *args, *MODEL]) == 1
        assert "empty.txt: the text is empty" in capsys.readouterr().err
    assert run(["eval", "rescore", "empty.txt", *MODEL]) == 1
    assert "empty.txt: holds no hypothesis" in capsys.readouterr().err
    models = ["checkpoints/hello.pkl"] * 2
    assert run(["eval", "compare", *models, "--corpus", "-"]) == 2
    assert "name a file" in capsys.readouterr().err


@pytest.fixture
def parts(hello, capsys):
    """A model whose validation text is the end of its training text, cut in a line's middle."""
    lines = [f"you say {word} ." for word in ("hello", "goodbye")] * 3
    (hello / "parts.txt").write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    sets = ["corpus.train=parts.txt", "corpus.valid=0.43", "checkpoint.path=part.pkl"]
    args = [arg for one in [*sets, "training.epochs=1"] for arg in ("--set", one)]
    assert run(["train", "--config", "configs/hello.yaml", *args]) == 0
    return ["--checkpoint", "part.pkl"]


@pytest.mark.parametrize(
    ("split", "first", "last"),
    [("train", "you say hello .", "you say"), ("valid", "goodbye .", "")],
)
def test_a_part_of_the_training_text_in_every_command(parts, capsys, split, first, last):
    args = [*parts, "--split", split]
    whole = json.loads(output(capsys, "eval", "perplexity", *args, "--json"))
    form = [*args, "--format", "json"]
    lines = [json.loads(row) for row in output(capsys, "eval", "words", *form).splitlines()]
    logs = [log for line in lines for log in line["logprobs"]]
    assert logs[0] is None
    assert len(logs) - 1 == whole["tokens"]
    nats = whole["nats_per_token"] * whole["tokens"]
    assert -sum(logs[1:]) == pytest.approx(nats, rel=1e-5)
    stream = ["eval", "sentences", *form, "--carry-state"]
    rows = [json.loads(row) for row in output(capsys, *stream).splitlines()]
    assert -sum(row["logprob"] for row in rows) == pytest.approx(nats, rel=1e-5)
    assert rows[0]["text"] == first
    assert [row["text"] for row in rows].count("") == 3 - (split == "valid")
    if last:
        assert lines[-1]["tokens"] == last.split()  # without the end of the line
    assert [row[5] for row in table_of(capsys, *args)] == [row["text"] for row in rows]
    assert run(["eval", "compare", "part.pkl", "part.pkl", "--split", split]) == 0
    assert run(["eval", "tune", "dynamic", *args, "--rate", "0.1", "--decay", "0"]) == 0


def test_the_parts_of_standard_input_are_refused(parts, capsys, hello):
    config = (hello / "configs/hello.yaml").read_text(encoding="utf-8")
    config = config.replace("../corpora/hello.txt", "'-'").replace(
        "\ncorpus:", "\ncorpus:\n  valid: 0.5"
    )
    (hello / "configs/stdin.yaml").write_text(config, encoding="utf-8")
    capsys.readouterr()
    assert run(["eval", "words", *parts, "--config", "configs/stdin.yaml"]) == 2
    assert "standard input, which cannot be read twice" in capsys.readouterr().err


def test_one_line_of_words_has_no_more_separators_than_blanks(hello, capsys, monkeypatch):
    (hello / "one.txt").write_text("ab\n" * 100, encoding="utf-8")
    for args in (["one.txt"], ["one.txt", "--streams", "7"], ["-"]):
        from_standard_input(monkeypatch, "ab\n" * 100)
        args = ["eval", "perplexity", *MODEL, "--json", "--corpus", *args]
        found = json.loads(output(capsys, *args))
        for unit in ("character", "byte"):
            size = found["bits_per_token"] * found["tokens"] / found[f"bits_per_{unit}"]
            assert size == pytest.approx(298)


def test_carriage_returns_alone_are_noted_by_whatever_reads_a_text(hello, capsys):
    (hello / "cr.txt").write_bytes(b"1 you say hello .\r1 you say goodbye .\r")
    note = "cr.txt: has 2 carriage returns (\\r) without a newline and is read as one line"
    text = ["--corpus", "cr.txt"]
    for args in (
        ["eval", "perplexity", *MODEL, *text],
        ["eval", "words", *MODEL, *text],
        ["eval", "sentences", *MODEL, *text],
        ["eval", "compare", MODEL[1], MODEL[1], *text],
        ["eval", "tune", "dynamic", *MODEL, *text, "--rate", "0.1", "--decay", "0"],
        ["eval", "rescore", "cr.txt", *MODEL],
        ["generate", "--start-file", "cr.txt", *MODEL, "--allow-unknown", "--length", "1"],
    ):
        capsys.readouterr()
        assert run(args) == 0, capsys.readouterr().err
        assert capsys.readouterr().err.count(note) == 1, args


def test_a_large_figure_is_short_in_tables_and_whole_in_json(hello, capsys, monkeypatch):
    saved = checkpoint.load(MODEL[1]).model
    saved.network.output.weight.value *= 100
    checkpoint.save("absurd.pkl", saved)
    (hello / "t.txt").write_text("hello hello you you\n" * 3, encoding="utf-8")
    args = ["--checkpoint", "absurd.pkl", "--corpus", "t.txt"]
    found = json.loads(output(capsys, "eval", "perplexity", *args, "--json"))["perplexity"]
    assert 1e6 < found < math.inf
    shown = f"{found:.1e}".replace("e+", "e")  # 5.4e241
    table = output(capsys, "eval", "perplexity", *args)
    assert re.search(rf"^perplexity +{re.escape(shown)}$", table, re.MULTILINE)
    models = ["absurd.pkl", "absurd.pkl", "--corpus", "t.txt"]
    assert f"{shown}  " in output(capsys, "eval", "compare", *models)
    tuned = output(capsys, "eval", "tune", "dynamic", *args, "--rate", "1e-30", "--decay", "0")
    assert re.search(rf"^ *{re.escape(shown)} +[\d.]+  the model as it is$", tuned, re.MULTILINE)


def test_text_that_cannot_be_written_again_is_refused(hello, capsys):
    assert run(["eval", "next", "--start", "you \udcff", *MODEL]) == 2
    assert "'you \\udcff' is not UTF-8" in capsys.readouterr().err


def test_a_long_line_of_a_list_is_one_hypothesis(hello, capsys, monkeypatch):
    monkeypatch.setattr("rnnlm_cli.text.reader.PIECE_BYTES", 50)
    (hello / "list.txt").write_text("1 " + "you say " * 40 + "\n2 you say\n", encoding="utf-8")
    out = output(capsys, "eval", "rescore", "list.txt", *MODEL, "--scores-only")
    assert len(out.splitlines()) == 2


def test_rescoring_as_json_has_the_scores_of_every_hypothesis(hello, capsys):
    (hello / "n.txt").write_text("-1 -2 4 you say hello .\n-1 -2 2 hello .\n", encoding="utf-8")
    (hello / "t.txt").write_text("you say hello .\nhello .\n", encoding="utf-8")
    args = ["eval", "rescore", "n.txt", *MODEL, "--format", "srilm", "--weight", "0.5", "--json"]
    every = [json.loads(x) for x in output(capsys, *args, "--scores-only").splitlines()]
    assert [(v["line"], v["list"], v["text"]) for v in every] == [
        (1, "", "you say hello ."),
        (2, "", "hello ."),
    ]
    sentences = ["eval", "sentences", *MODEL, "--corpus", "t.txt", "--independent", "--json"]
    alone = [json.loads(x)["logprob"] for x in output(capsys, *sentences).splitlines()]
    assert [v["logprob"] for v in every] == pytest.approx(alone, rel=1e-5)
    wanted = [-1 + 0.5 * -2 + 0.5 * nats / math.log(10) for nats in alone]
    assert [v["score"] for v in every] == pytest.approx(wanted, rel=1e-5)
    (best,) = map(json.loads, output(capsys, *args).splitlines())
    assert best == max(every, key=lambda v: v["score"])
