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
    written = stripped(usual) if source.stripped else usual
    assert hashlib.sha256(written).hexdigest() == source.sha256


def stripped(text):
    return b"".join(line.strip() + b"\n" for line in text.splitlines())


def test_ptb_without_its_blanks_has_the_usual_numbers_of_characters(shared_data, tmp_path):
    texts = {}
    for part in ("train", "valid", "test"):
        texts[part] = tmp_path / f"{part}.txt"
        texts[part].write_bytes(stripped((shared_data / f"ptb/ptb.{part}.txt").read_bytes()))
    codec = CharCodec(None)
    vocabulary, train, _ = read_training_corpus([str(texts["train"])], Reading(codec))
    valid, test = (read_corpus([str(texts[part])], codec, vocabulary) for part in ("valid", "test"))
    assert (len(train), len(valid), len(test)) == (5_017_482, 393_042, 442_423)
    assert len(vocabulary) == 50 + 1
    assert valid.oov == test.oov == 0


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
