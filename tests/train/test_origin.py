"""What a model file tells of the texts it was made from."""

import hashlib
import os
from pathlib import Path

import pytest
from msgspec import structs

import rnnlm_cli
from rnnlm_cli import checkpoint
from rnnlm_cli.config import load_config
from rnnlm_cli.model.origin import Origin, TextOrigin
from rnnlm_cli.train.origin import origin_of
from rnnlm_cli.train.start import Start, begin

CONFIG = """
corpus: {train: a.txt, valid: b.txt}
model: {embedding_size: 4, hidden_size: 4}
training: {epochs: 1, batch_size: 2, bptt: 5}
checkpoint: {path: out/m.pkl}
"""


def sha(content):
    return hashlib.sha256(content).hexdigest()


A, B = b"a b c d e f\n" * 10, b"a c e\n" * 4
TEXTS = (TextOrigin("train", "a.txt", sha(A)), TextOrigin("valid", "b.txt", sha(B)))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(CONFIG, encoding="utf-8")
    Path("a.txt").write_bytes(A)
    Path("b.txt").write_bytes(B)


def train(*sets, start=Start.NEW):
    list(begin(load_config("c.yaml", sets), start).events())


def origin(path):
    return checkpoint.load(path).model.origin


def test_model_and_state_name_version_and_texts_and_only_the_state_a_date(folder):
    train()
    expected = Origin(rnnlm_cli.__version__, TEXTS)
    assert origin("out/m.pkl") == origin("out/m.last.pkl") == expected
    begun = checkpoint.load("out/m.last.pkl").training_state.begun
    assert begun.endswith("Z")
    assert begun[:10].encode() not in Path("out/m.pkl").read_bytes()


def test_a_resumed_training_keeps_its_origin_and_an_old_state_gets_one(folder):
    train()
    begun = checkpoint.load("out/m.last.pkl").training_state.begun
    Path("a.txt").rename("renamed.txt")
    sets = ["corpus.train=renamed.txt", "training.epochs=2"]
    train(*sets, start=Start.RESUME)
    assert origin("out/m.last.pkl").texts == TEXTS
    assert checkpoint.load("out/m.last.pkl").training_state.begun == begun

    stored = checkpoint.load("out/m.last.pkl")  # as a version without origins wrote it
    stored.model.origin = Origin("0.0.1")
    checkpoint.save(
        "out/m.last.pkl", stored.model, structs.replace(stored.training_state, begun="")
    )
    train("corpus.train=renamed.txt", "training.epochs=3", start=Start.RESUME)
    first, second = origin("out/m.last.pkl").texts
    assert (first.name, first.sha256, second) == ("renamed.txt", sha(A), TEXTS[1])


def test_a_fine_tuned_model_names_the_texts_of_the_first_one_too(folder):
    train()
    sets = ["training.init_from=out/m.pkl", "checkpoint.path=out/n.pkl"]
    train(*sets, "corpus.train=b.txt", "corpus.valid=null")
    own = TextOrigin("train", "b.txt", sha(B))
    assert origin("out/n.pkl") == Origin(rnnlm_cli.__version__, (own,), TEXTS)
    train(*sets[:0], "training.init_from=out/n.pkl", "checkpoint.path=out/o.pkl")
    assert origin("out/o.pkl").earlier == (*TEXTS, own)


@pytest.mark.parametrize("name", ["texts", "texts/*.txt"])
def test_of_several_files_the_hash_is_that_of_their_list(folder, name):
    Path("texts").mkdir()
    for file, content in {"y.txt": A, "x.txt": B}.items():
        (Path("texts") / file).write_bytes(content)
    listed = f"{sha(B)}  x.txt\n{sha(A)}  y.txt\n".encode()
    config = load_config("c.yaml", [f"corpus.train={name}", "corpus.valid=0.2"])
    shown = "texts/" if name == "texts" else name
    assert origin_of(config).texts == (TextOrigin("train", shown, sha(listed), 2),)


def test_what_can_be_read_only_once_is_not_read_for_its_hash(folder):
    os.mkfifo("pipe")
    config = load_config("c.yaml", ["corpus.train=[-, pipe]", "corpus.valid=null"])
    assert origin_of(config).texts == (
        TextOrigin("train", "-", ""),
        TextOrigin("train", "pipe", ""),
    )
