"""A training with subwords: what it learns is in its files, and it resumes bit for bit."""

import json
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.main import run
from rnnlm_cli.config import load_config
from rnnlm_cli.data.texts import part_of_text, read_training_texts
from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.text.reader import read_pieces
from rnnlm_cli.train.checks import training_notes
from rnnlm_cli.train.session import Session
from rnnlm_cli.train.start import Start, begin

pytest.importorskip("tokenizers")

CONFIG = """\
corpus: {train: train.txt, valid: 0.2, unit: subword, subword: {kind: bpe, size: 300}}
model: {embedding_size: 4, hidden_size: 4}
training: {epochs: 2, batch_size: 2, bptt: 5, report_every: 2, max_seconds: null}
checkpoint: {path: out/m.pkl}
"""


def prepared(*overrides, start=Start.NEW) -> Session:
    return begin(load_config("c.yaml", overrides), start)


def train(*overrides, start=Start.NEW):
    session = prepared(*overrides, start=start)
    list(session.events())
    return session


@pytest.mark.bitwise
def test_stopped_and_resumed_it_ends_bit_identical_without_learning_again(
    folder, monkeypatch, stop_after
):
    train()
    whole = Path("out/m.pkl").read_bytes()
    run_again = prepared(start=Start.OVERWRITE)
    stop_after(run_again, 20)
    monkeypatch.setattr("rnnlm_cli.text.codec.subword.LEARNED", {})
    train(start=Start.RESUME)
    assert Path("out/m.pkl").read_bytes() == whole


def test_a_tokenizer_file_may_be_gone_on_resume_but_not_changed(folder):
    saved = train().texts.codec.tokenizer.content
    Path("t.json").write_text(saved, encoding="utf-8")
    given = ("corpus.subword={kind: file, path: t.json}", "checkpoint.path=out/g.pkl")
    first = train(*given)
    assert first.texts.train.digest == prepared(start=Start.RESUME).texts.train.digest
    Path("t.json").rename("u.json")
    assert prepared(*given, start=Start.RESUME).finished
    moved = (given[0].replace("t.json", "u.json"), given[1])
    assert prepared(*moved, start=Start.RESUME).finished
    Path("u.json").write_text(saved.replace('"version"', '"version" '), encoding="utf-8")
    assert prepared(*moved, start=Start.RESUME).finished  # only its values count
    other = json.loads(saved)
    other["model"]["merges"].pop()
    Path("u.json").write_text(json.dumps(other), encoding="utf-8")
    with pytest.raises(UsageError, match=r"another corpus\.subword\.path \(its content"):
        prepared(*moved, start=Start.RESUME)
    Path("u.json").write_text("{", encoding="utf-8")
    with pytest.raises(CorpusError, match="not a tokenizer"):
        prepared(*moved, start=Start.OVERWRITE)


def test_the_held_out_end_is_not_learned_from_and_is_the_same_everywhere(folder):
    lines = ["once again\n"] * 40
    Path("train.txt").write_text("".join([*lines, *["zzqq zzqq\n"] * 10]), encoding="utf-8")
    config = load_config("c.yaml")
    texts = read_training_texts(config)
    assert not any("zz" in token for token in texts.vocabulary.tokens)
    assert "once" in texts.vocabulary.tokens
    for part, corpus in (("train", texts.train), ("valid", texts.valid)):
        pieces = part_of_text(config, texts.codec, part, lambda: read_pieces("train.txt"))
        tokens = [token for piece in pieces for token in texts.codec.tokens(piece)]
        assert texts.vocabulary.ids_of(tokens).tolist() == np.asarray(corpus.ids).tolist()
    assert texts.valid.oov == 0
    (note,) = training_notes(config, texts)
    assert note.startswith("corpus.subword.size: the training text has only ")
    assert note.endswith("subwords, not 300; lower it, or train on more text")


def test_standard_input_cannot_be_learned_from(folder):
    with pytest.raises(UsageError, match=r"corpus\.train: is standard input, .* write the text"):
        read_training_texts(load_config("c.yaml", ["corpus.train=-", "corpus.valid=null"]))


def test_the_commands_need_no_other_file(folder, capsys):
    train()
    Path("train.txt").write_text("a b c <eos> <unk> 안녕\n", encoding="utf-8")
    assert isinstance(checkpoint.load("out/m.pkl").model.codec.tokenizer.content, str)
    on = ["--checkpoint", "out/m.pkl"]
    assert run(["eval", "perplexity", *on, "--corpus", "train.txt", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["oov"], report["unknown"]) == (0, 0)
    bits = report["bits_per_token"] * report["tokens"]
    assert bits / report["bits_per_byte"] == pytest.approx(
        len("a b c <eos> <unk> 안녕\n".encode()) - 1
    )
    assert run(["generate", *on, "--start", "a b ", "--length", "5", "--seed", "1", "--json"]) == 0
    sample = json.loads(capsys.readouterr().out)
    assert sample["tokens"][:2] == ["a", "▁b"]
    assert sample["text"].startswith("a b")
    assert run(["fill", "a ___ c", *on]) == 2
    assert "parts of words" in capsys.readouterr().err
    assert run(["eval", "words", *on, "--corpus", "train.txt"]) == 0
    assert "<0xEC>" in capsys.readouterr().out
