"""The usual corpora, if they are available."""

import hashlib

import pytest

from rnnlm_cli.corpora.sources import SOURCES
from rnnlm_cli.text.codec.char import CharCodec
from rnnlm_cli.text.codec.word import WordCodec
from rnnlm_cli.text.corpus import Reading, read_corpus, read_training_corpus

PLACES = {
    "ptb.train.txt": "ptb/ptb.train.txt",
    "ptb.valid.txt": "ptb/ptb.valid.txt",
    "ptb.test.txt": "ptb/ptb.test.txt",
    "tiny-shakespeare.txt": "tinyshakespeare.txt",
}


@pytest.mark.parametrize("source", [s for files in SOURCES.values() for s in files], ids=str)
def test_the_checksums_are_those_of_the_usual_files(shared_data, source):
    usual = (shared_data / PLACES[source.name.replace("ptb-char", "ptb")]).read_bytes()
    assert (b"\n " in usual and usual.startswith(b" ")) == source.name.startswith("ptb")
    if source.stripped:
        usual = b"".join(line.strip() + b"\n" for line in usual.splitlines())
    assert hashlib.sha256(usual).hexdigest() == source.sha256


@pytest.mark.parametrize(
    ("part", "characters"), [("train", 5_017_482), ("valid", 393_042), ("test", 442_423)]
)
def test_ptb_has_the_usual_numbers_of_characters(shared_data, part, characters):
    lines = (shared_data / f"ptb/ptb.{part}.txt").read_text().splitlines()
    assert sum(len(line.strip()) + 1 for line in lines) == characters


def test_ptb_has_the_usual_numbers_of_tokens_and_types(shared_data):
    codec, folder = WordCodec(), shared_data / "ptb"
    vocabulary, train, _ = read_training_corpus([str(folder / "ptb.train.txt")], Reading(codec))
    valid, test = (
        read_corpus([str(folder / f"ptb.{name}.txt")], codec, vocabulary)
        for name in ("valid", "test")
    )
    assert (len(train), len(valid), len(test)) == (929_589, 73_760, 82_430)
    assert len(vocabulary) == 10_000
    assert valid.oov == test.oov == 0
    assert train.ids.itemsize == 2


def test_tiny_shakespeare_is_a_text_of_65_characters(shared_data):
    vocabulary, train, _ = read_training_corpus(
        [str(shared_data / "tinyshakespeare.txt")], Reading(CharCodec(None))
    )
    assert len(vocabulary) == 65 + 1
    assert len(train) == 1_115_394
