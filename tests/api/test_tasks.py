"""Models for other tasks from Python: what the commands do, as methods."""

import pytest

import rnnlm_cli
from rnnlm_cli import Classifier, Describer, UsageError

CONFIG = {
    "corpus": {"train": "train.tsv", "valid": "train.tsv"},
    "model": {"cell": "gru", "embedding_size": 6, "hidden_size": 8},
    "training": {
        "epochs": 3,
        "batch_size": 4,
        "optimizer": {"kind": "adam", "learning_rate": 0.05},
    },
    "checkpoint": {"path": "m.pkl"},
}


@pytest.fixture
def task(tmp_path, monkeypatch):
    """Return a function that gives the config of a task, beside its text."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.tsv").write_text(20 * "sea\tthe cold wind\nhill\ta steep path\n", "utf-8")
    return lambda kind: {**CONFIG, "task": {"kind": kind}}


def test_a_classifier_labels_lines(task):
    model = Classifier.train(task("classification"))
    assert repr(model) == "<Classifier m.pkl: gru of 8, 8 tokens, 2 labels>"
    found = model.label("the cold path")
    assert (found.text, set(found.probabilities)) == ("the cold path", {"hill", "sea"})
    assert found.probability == max(found.probabilities.values()) > 0.5
    lines = model.label_lines("the wind\na path\n")
    assert [one.label for one in lines] == ["sea", "hill"]
    again = Classifier.load("m.pkl").label("the wind")
    assert again.probability == pytest.approx(lines[0].probability, rel=1e-5)
    assert model.evaluate(split="train").accuracy == model.evaluate("train.tsv").accuracy == 1.0
    assert [one.text for one in model.label_lines("the wind\n\n")] == ["the wind", ""]
    for text, message in (
        ("", "must not be empty"),
        (" ", "must not be"),
        ("a\nb", "newline"),
        ("a\tb", "a tab"),
    ):
        with pytest.raises(UsageError, match=message):
            model.label(text)
    with pytest.raises(UsageError, match="exactly one of corpus and split"):
        model.evaluate()
    with pytest.raises(UsageError, match=r"task\.kind: classification, but this needs"):
        rnnlm_cli.load("m.pkl")
    with pytest.raises(UsageError, match="needs description"):
        Describer.load("m.pkl")


def test_a_describer_writes_a_line_for_a_label(task):
    with pytest.raises(UsageError, match=r"is description, but this trains for language"):
        rnnlm_cli.train(task("description"))
    model = Describer.train(task("description"), overrides={"training.epochs": 6})
    assert model.labels == ["hill", "sea"]
    text = model.given("sea").generate(temperature=0, until_sentences=1)
    assert text == "the cold wind\n"
    with pytest.raises(UsageError, match="is not a label of the model"):
        model.given("town")
