"""``rnnlm config``, and the schema that ``rnnlm init`` writes beside a config."""

import json
from pathlib import Path

import pytest

from rnnlm_cli.commands.main import run
from rnnlm_cli.commands.shared.schema_file import write_schema
from rnnlm_cli.config import describe
from rnnlm_cli.config.json_schema import MODELINE, schema_text
from rnnlm_cli.config.manual import explained
from rnnlm_cli.config.rules import RULES, laws_about

MINIMAL = "corpus: {train: a.txt}\ncheckpoint: {path: a.pkl}\n"


def test_a_key_is_explained_by_meaning_values_default_resume_and_rules(capsys):
    assert run(["config", "explain", "training.schedule.kind"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "training.schedule.kind",
        "  how the learning rate changes",
        "",
        "  values   constant: The learning rate is constant.",
        "           plateau: The rate is divided after an epoch (a validation) in which",
        "           validation does not improve.",
        "           linear: The rate is held, then falls linearly to zero.",
        "           cosine: The rate is held, then falls to zero as half a cosine",
        "           (Loshchilov and Hutter, 2017).",
        "           one_cycle: The rate rises, falls back, and then falls to zero (Smith",
        "           and Topin, 2019).",
        "  default  constant",
        "  resume   fixed: must not change when a training is resumed",
        "  rules    training.schedule.kind: plateau needs corpus.valid",
    ]


@pytest.mark.parametrize(
    ("key", "lines"),
    [
        ("training.on_nan", ["values   rollback, stop", "default  stop", "resume   free: may"]),
        ("training.on_nan=rollback", ["training.on_nan\n"]),
        ("corpus.end_of_line", ["<eos>; null with corpus.unit: char or jamo", "rules    "]),
        ("corpus.subword.size", ["kind: bpe or unigram", "corpus.subword is for corpus.unit"]),
        ("corpus.train", ["default  required", "path     relative to the config"]),
        (
            "training.optimizer.learning_rate",
            ["20.0 (sgd, ntasgd); 1.0 (momentum); 0.001 (adam, adamw)"],
        ),
        (
            "model.dropout",
            ["model.dropout: The dropout", "  model.dropout.input = 0.0\n      number"],
        ),
        ("model.", ["model: The network.", "  model.output_layer.cutoffs = [2000, 10000]\n"]),
        ("", ["corpus: ", "model: ", "training: ", "checkpoint: ", "  checkpoint.path = required"]),
    ],
)
def test_what_is_explained(key, lines):
    text = explained(key)
    for line in lines:
        assert line in text
    assert max(map(len, text.splitlines())) <= 95


def test_every_key_and_section_is_explained():
    whole = explained("")
    for key in describe():
        assert explained(key.name).startswith(f"{key.name}\n  ")
        assert f"\n  {key.name} = " in whole


def test_every_rule_is_told_with_each_key_that_it_names():
    names = {key.name for key in describe()}
    for rule in RULES:
        assert rule.law in laws_about(rule.key) + laws_about(f"{rule.key}.kind")
        named = [word.strip(":,") for word in rule.law.split() if word.strip(":,") in names]
        assert named or rule.key == "corpus.subword"
        for name in named:
            assert rule.law in laws_about(name)
    assert laws_about("training.optimizer.learning_rate") == []


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        ([], 0, "c.yaml: valid"),
        (["--set", "model.layers=2", "--set", "model.freeze=[layer2]"], 0, "c.yaml: valid"),
        (["--set", "training.epochs=x"], 2, '--set training.epochs=x: training.epochs: "x" is not'),
        (["--set", "training.patience=2"], 2, "needs a validation text"),
        (["--set", "modell.cell=gru"], 2, "did you mean model"),
        (["--set", "training.init_from=none.pkl"], 2, "none.pkl: No such file"),
    ],
)
def test_a_config_is_checked(args, code, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(MINIMAL, encoding="utf-8")
    assert run(["config", "check", "c.yaml", *args]) == code
    out, err = capsys.readouterr()
    assert said in (err if code else out)
    assert (out if code else err) == ""


def test_what_a_fine_tuned_model_gives_is_checked_too(hello, capsys):
    Path("fine.yaml").write_text(
        "corpus: {train: corpora/hello.txt}\nmodel: {freeze: [layer2]}\n"
        "training: {init_from: checkpoints/hello.pkl}\ncheckpoint: {path: fine.pkl}\n",
        encoding="utf-8",
    )
    assert run(["config", "check", "fine.yaml"]) == 2
    assert "a model with model.layers 1 lacks" in capsys.readouterr().err
    assert run(["config", "check", "fine.yaml", "--set", "model.freeze=[embedding]"]) == 0


def test_the_schema_is_printed(capsys):
    assert run(["config", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["required"] == ["corpus", "checkpoint"]


def test_init_writes_the_schema_where_its_config_looks_for_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["init"]) == 0
    assert Path("configs/hello.yaml").read_text(encoding="utf-8").startswith(MODELINE)
    schema = Path("configs/rnnlm.schema.json")
    assert schema.read_text(encoding="utf-8") == schema_text()
    assert run(["init", "--config", "char-lstm"]) == 0  # it is there
    schema.write_text("{}", encoding="utf-8")
    capsys.readouterr()
    write_schema("configs/a.yaml", overwrite=False)
    assert "kept, but it is not the schema of this version" in capsys.readouterr().err
    assert schema.read_text(encoding="utf-8") == "{}"
    write_schema("configs/a.yaml", overwrite=True)
    assert schema.read_text(encoding="utf-8") == schema_text()
