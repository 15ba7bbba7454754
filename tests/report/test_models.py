"""Several checkpoints side by side, and logs, as ``rnnlm show`` prints them."""

import json
from pathlib import Path

from rnnlm_cli.commands.main import run


def train(name, *sets):
    given = [word for one in (*sets, f"checkpoint.path={name}.pkl") for word in ("--set", one)]
    assert (
        run(["train", "--config", "configs/hello.yaml", "--set", "training.epochs=2", *given]) == 0
    )


def test_several_models_are_a_table_of_what_differs(hello, capsys):
    train("a", "corpus.valid=corpora/hello.txt")
    train("b", "model.hidden_size=20", "training.optimizer.learning_rate=0.02")
    capsys.readouterr()
    assert run(["show", "a.pkl", "b.pkl"]) == 0
    header, first, second = capsys.readouterr().out.splitlines()
    assert header.split("  ")[0].strip() == "checkpoint"
    for name in (
        "valid",
        "hidden_size",
        "optimizer.learning_rate",
        "parameters",
        "valid perplexity",
    ):
        assert name in header
    assert "embedding_size" not in header
    assert first.split()[:4] == ["a.pkl", "corpora/hello.txt", "16", "0.01"]
    assert second.split()[:4] == ["b.pkl", "null", "20", "0.02"]
    assert ("*" in first, "*" in second) == (False, True)
    assert run(["show", "a.pkl", "a.pkl"]) == 0
    assert capsys.readouterr().out.endswith("\nall settings are equal\n")


def test_many_settings_of_few_models_are_rows(hello, capsys):
    train("a")
    more = [f"model.dropout.{name}=0.1" for name in ("input", "hidden", "output")]
    train("b", "corpus.unit=char", "model.cell=gru", "training.schedule.kind=linear", *more)
    capsys.readouterr()
    assert run(["show", "a.pkl", "b.pkl"]) == 0
    rows = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert rows["checkpoint"].split() == ["a.pkl", "b.pkl"]
    assert rows["schedule.kind"].split() == ["constant", "linear"]
    assert rows["dropout.input"].split() == ["0.0", "0.1"]
    assert rows["parameters"].split()[0] == "2,409"


def test_several_models_as_json_are_one_object_a_line(hello, capsys):
    assert run(["show", "checkpoints/hello.pkl", "checkpoints/hello.last.pkl", "--json"]) == 0
    model, state = map(json.loads, capsys.readouterr().out.splitlines())
    assert (model["begun"], model["seconds"]) == (None, None)
    assert state["begun"].endswith("Z")
    assert state["seconds"] > 0
    (text,) = model["texts"]
    assert (text["split"], text["name"], len(text["sha256"])) == ("train", "hello.txt", 64)


def test_a_log_is_summed_up(hello, capsys):
    assert run(["show", "checkpoints/hello.jsonl"]) == 0
    out = capsys.readouterr().out
    for part in ("begun        20", "(180 more)", "ended on 20", "200 epochs", "train perplexity"):
        assert part in out
    assert "valid" not in out  # there was no validation
    assert run(["show", "checkpoints/hello.jsonl", "--json"]) == 0
    values = json.loads(capsys.readouterr().out)
    assert (len(values["epochs"]), values["end"]["epochs"]) == (200, 200)
    assert values["epochs"][-1]["train_perplexity"] < 1.01


def test_a_log_of_a_run_that_goes_on_and_one_of_an_old_version(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    lines = [
        {"event": "start", "engine": "plain", "precision": "float32", "threads": 2},
        {"event": "step", "step": 3, "epoch": 1, "nats_per_token": None, "learning_rate": 1.0},
        {"event": "warning", "step": 3, "message": "the loss \u001b[31m rises"},
        {"event": "epoch", "epoch": 1, "part": 0.5, "train_perplexity": 9.0, "seconds": 61.0},
        {"event": "epoch", "epoch": 1, "train_perplexity": 8.0, "valid_perplexity": 7.0},
    ]
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    Path("m.jsonl").write_text(text, encoding="utf-8")
    assert run(["show", "m.jsonl"]) == 0
    out = capsys.readouterr().out
    assert "engine       plain, float32, 2 threads\n" in out
    assert "- nats per token" in out
    assert "\x1b" not in out
    assert "9.00" not in out  # an epoch that was cut short is logged again
    assert out.endswith("not ended: it is running, or it was stopped and can be resumed\n")


def test_logs_and_checkpoints_are_not_mixed(hello, capsys):
    assert run(["show", "checkpoints/hello.pkl", "checkpoints/hello.jsonl"]) == 2
    assert "checkpoints/hello.jsonl: is a log" in capsys.readouterr().err
