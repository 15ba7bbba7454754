"""A translation model from Python: what the commands do, as methods."""

import numpy as np
import pytest

import rnnlm_cli
from rnnlm_cli import Translator, UsageError

CONFIG = {
    "task": {"kind": "translation", "attention": "dot"},
    "corpus": {"train": "train.tsv"},
    "model": {"embedding_size": 6, "hidden_size": 8},
    "training": {
        "epochs": 12,
        "batch_size": 4,
        "optimizer": {"kind": "adam", "learning_rate": 0.05},
    },
    "checkpoint": {"path": "m.pkl"},
}


def test_a_translator_translates_lines(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.tsv").write_text(10 * "the sea\tla mer\nsea wind\tvent de mer\n", "utf-8")
    model = Translator.train(CONFIG)
    assert repr(model) == "<Translator m.pkl: lstm of 8, 9 tokens>"
    found = model.translate("sea wind")
    assert (found.source, found.text) == ("sea wind", "vent de mer")
    assert (found.source_tokens, found.tokens[-1]) == (["sea", "wind"], "<eos>")
    assert found.attention.shape == (4, 2)
    np.testing.assert_allclose(found.attention.sum(axis=1), 1, rtol=1e-5)
    best = Translator.load("m.pkl").translate("sea wind", beam=3)
    assert best.text == found.text
    np.testing.assert_allclose(best.logprobs, found.logprobs, rtol=1e-4, atol=1e-6)
    assert [one.text for one in model.translate_lines("the sea\n\n")] == ["la mer", ""]
    quality = model.evaluate(split="train")
    assert (quality.exact, quality.lines, quality.wrong) == (20, 20, [])
    assert model.evaluate("train.tsv", beam=2).exact == 20
    for text, message in (("", "must not be empty"), ("a\nb", "has a newline")):
        with pytest.raises(UsageError, match=message):
            model.translate(text)
    with pytest.raises(UsageError, match="beam"):
        model.translate("sea", beam=0)
    with pytest.raises(UsageError, match=r"task\.kind: translation, but this needs language"):
        rnnlm_cli.load("m.pkl")
