"""Directories for the Hugging Face Hub: read by other programs, and read back."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.main import run
from rnnlm_cli.config.checkpoint import CheckpointConfig
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.config.schema import Config
from rnnlm_cli.data.texts import codec_of
from rnnlm_cli.evaluate.measure import PERPLEXITY
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.history import EpochRecord, TextFigures
from rnnlm_cli.model.origin import Origin, TextOrigin
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.corpus import Reading, read_training_corpus
from rnnlm_cli.text.reader import InlineText

pytest.importorskip("safetensors")

HUB = ["export", "out/m.pkl", "--format", "hub", "--out", "hub", "--overwrite"]
BACK = ["import", "hub", "hub", "--out", "back.pkl", "--overwrite"]
BEGUN, SECONDS = "2026-11-26T18:42:50Z", 754.0
HISTORY = [
    EpochRecord(1, 1.0, 9.25, 8.5, 0.1, True, None, TextFigures(1.5, 1.25, 8.75), step=9),
    EpochRecord(2, 1.0, 7.125, 6.5, 0.1, True, None, TextFigures(1.25, 1.125, 6.75), step=18),
]
TEXTS = (TextOrigin("train", "a.txt", "ab" * 32), TextOrigin("valid", "b.txt", "cd" * 32))
A, B = "you say goodbye\nand i say hello .\n", "i say\nyou say hello .\n"


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """Writes a model with its history, its origin and its log, as a training would."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"texts/a.txt": A, "texts/b.txt": B}.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
    Path("out").mkdir()

    def train(unit="word", cell="lstm"):
        config = Config(
            corpus=CorpusConfig(train="texts/a.txt", valid="texts/b.txt", unit=unit),
            model=ModelConfig(embedding_size=6, hidden_size=6, cell=cell, layers=2),
            checkpoint=CheckpointConfig(path="out/m.pkl"),
        )
        codec = codec_of(config)
        vocabulary = read_training_corpus([InlineText("a", A)], Reading(codec))[0]
        network = Rnnlm.random(config.model, len(vocabulary), np.random.default_rng(1))
        origin = Origin("0.1.0", TEXTS)
        saved = TrainedModel(config, codec, vocabulary, network, HISTORY, origin)
        checkpoint.save("out/m.pkl", saved)
        lines = [
            {"event": "start", "date": BEGUN},
            *({"event": "epoch", **PERPLEXITY.values(epoch)} for epoch in HISTORY),
            {"event": "end", "seconds": SECONDS},
        ]
        Path("out/m.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        return saved

    return train


def front_matter():
    _, head, body = Path("hub/README.md").read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(head), body


@pytest.mark.parametrize(("unit", "cell"), [("word", "gru"), ("char", "lstm"), ("prose", "rnn")])
def test_a_model_comes_back_equal(trained, unit, cell, capsys):
    saved = trained(unit, cell)
    assert run(HUB) == run(BACK) == 0
    back = checkpoint.load("back.pkl").model
    assert (back.codec, back.history, back.origin) == (saved.codec, saved.history, saved.origin)
    assert back.vocabulary.tokens == saved.vocabulary.tokens
    assert back.config.model == saved.config.model
    assert back.config.training == saved.config.training
    for name, param in saved.network.params.items():
        np.testing.assert_array_equal(back.network.params[name].value, param.value)
    assert Path("hub/tokenizer.json").exists() == (unit != "prose")
    told = "there is no tokenizer.json: it cannot say how corpus.unit: prose splits a text"
    assert (told in capsys.readouterr().err) == (unit == "prose")


def test_a_hub_directory_tells_nothing_of_the_authors_directories(trained):
    trained()
    assert run(HUB) == 0
    for path in Path("hub").iterdir():
        content = path.read_bytes()
        assert b"texts/" not in content
        assert str(Path.cwd()).encode() not in content
    config = json.loads(Path("hub/config.json").read_text(encoding="utf-8"))
    assert config["rnnlm"]["corpus"]["train"] == "a.txt"
    assert (config["vocab_size"], config["num_hidden_layers"]) == (9, 2)
    assert run(BACK) == 0
    assert checkpoint.load("back.pkl").model.config.corpus.train == "hub/a.txt"


def test_the_tokenizer_gives_the_ids_of_a_whole_text(trained):
    tokenizers = pytest.importorskip("tokenizers")
    saved = trained()
    assert run(HUB) == 0
    tokenizer = tokenizers.Tokenizer.from_file("hub/tokenizer.json")
    text = Path("texts/b.txt").read_text(encoding="utf-8")
    expected = [k for line in text.splitlines() for k in saved.encode(line, ends_line=True)]
    assert tokenizer.encode(text).ids == expected
    marks = json.loads(Path("hub/tokenizer_config.json").read_text(encoding="utf-8"))
    assert tokenizer.token_to_id(marks["eos_token"]) == saved.vocabulary.index["<eos>"]
    assert tokenizer.token_to_id(marks["unk_token"]) == saved.vocabulary.unknown_id


def test_the_card_has_figures_data_licence_and_time(trained, capsys):
    saved = trained()
    capsys.readouterr()
    args = ["eval", "perplexity", "--checkpoint", "out/m.pkl", "--corpus", "texts/a.txt"]
    assert run([*args, "--json"]) == 0
    Path("f.json").write_text(capsys.readouterr().out, encoding="utf-8")
    assert run([*HUB, "--figures", "f.json", "--license", "cc-by-4.0", "--language", "en"]) == 0
    head, body = front_matter()
    assert (head["license"], head["language"], head["library_name"]) == (
        "cc-by-4.0", ["en"], "rnnlm")  # fmt: skip
    valid, given = head["model-index"][0]["results"]
    assert valid["dataset"]["name"] == "b.txt (validation)"
    assert [one["value"] for one in valid["metrics"]] == [6.5, 6.75, 1.25, 1.125]
    measured = json.loads(Path("f.json").read_text(encoding="utf-8"))
    assert given["dataset"]["name"] == "a.txt"
    figures = {one["type"]: one["value"] for one in given["metrics"]}
    for name in ("perplexity", "bits_per_byte"):
        assert figures[name] == pytest.approx(measured[name], rel=1e-5)
    for text in saved.origin.texts:
        assert f"| {text.split} | {text.name} | 1 | `{text.sha256}` |" in body
    assert f"begun {BEGUN}, 2 epochs, which took 12:34." in body
    assert "a.txt: the model was trained on this text" in body


def test_a_log_of_another_training_gives_no_date(trained):
    trained()
    log = Path("out/m.jsonl")
    log.write_text(log.read_text(encoding="utf-8").replace("7.125", "7.25"), encoding="utf-8")
    assert run(HUB) == 0
    assert "begun" not in front_matter()[1]


def test_the_hubs_own_reader_accepts_the_card(trained):
    hub = pytest.importorskip("huggingface_hub")
    trained()
    assert run([*HUB, "--license", "Our own licence"]) == 0
    data = hub.ModelCard.load("hub/README.md").data
    assert (data.license, data.license_name) == ("other", "Our own licence")
    assert {result.task_type for result in data.eval_results} == {"text-generation"}
    assert {result.dataset_name for result in data.eval_results} == {"b.txt (validation)"}
    kinds = [result.metric_type for result in data.eval_results]
    assert kinds == ["perplexity", "perplexity_per_word", "bits_per_character", "bits_per_byte"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ("[1]", "is not the JSON of rnnlm eval perplexity"),
        ('{"perplexity": "9", "corpus": "a"}', "is not the JSON of rnnlm eval perplexity"),
        (None, "No such file"),
    ],
)
def test_what_are_no_figures_is_refused(trained, capsys, content, message):
    trained()
    if content is not None:
        Path("f.json").write_text(content, encoding="utf-8")
    assert run([*HUB, "--figures", "f.json"]) == 2
    err = capsys.readouterr().err
    assert (err.count("\n"), "--figures f.json: " in err) == (1, True)
    assert message in err
    assert not Path("hub").exists()


def test_weights_in_half_precision_come_back_near(trained):
    saved = trained("char", "gru")
    assert run([*HUB, "--dtype", "float16"]) == run(BACK) == 0
    assert json.loads(Path("hub/config.json").read_text())["torch_dtype"] == "float16"
    back = checkpoint.load("back.pkl").model
    for name, param in saved.network.params.items():
        expected = param.value.astype("f2").astype("f4")
        np.testing.assert_array_equal(back.network.params[name].value, expected)


def test_a_weight_that_half_precision_cannot_hold_is_refused(trained, capsys):
    saved = trained()
    saved.network.params["output.bias"].value[0] = 1e5
    checkpoint.save("out/m.pkl", replace(saved))
    capsys.readouterr()
    assert run([*HUB, "--dtype", "float16"]) == 2
    assert capsys.readouterr().err == (
        "Error: --dtype float16: decoder.bias has values beyond 65504, the largest one; "
        "omit --dtype\n"
    )


@pytest.mark.parametrize("what", ["nothing", "weights of others"])
def test_a_directory_without_our_model_is_refused(tmp_path, monkeypatch, capsys, what):
    monkeypatch.chdir(tmp_path)
    Path("hub").mkdir()
    if what != "nothing":
        from safetensors.numpy import save_file

        save_file({"a": np.zeros(1, "f4")}, "hub/model.safetensors")
    assert run(BACK) == 2
    assert capsys.readouterr().err.count("\n") == 1
