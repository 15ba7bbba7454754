import numpy as np
import pytest

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.text.codec.word import WordCodec
from rnnlm_cli.text.corpus import Reading, id_type, read_corpus, read_training_corpus


def write(tmp_path, text, name="a.txt"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def words(corpus, vocabulary):
    return [vocabulary.tokens[k] for k in corpus.ids]


def test_ids_are_small_and_go_back_to_the_words(tmp_path):
    path = write(tmp_path, "you say goodbye\nand i say hello .\n")
    vocabulary, train, held_out = read_training_corpus([path], Reading())
    assert words(train, vocabulary) == "you say goodbye <eos> and i say hello . <eos>".split()
    assert train.ids.dtype == np.uint8
    assert train.oov == 0
    assert len(held_out) == 0


@pytest.mark.parametrize(
    ("size", "dtype"), [(256, "u1"), (257, "u2"), (65536, "u2"), (65537, "u4")]
)
def test_the_smallest_type_that_holds_the_vocabulary(size, dtype):
    assert id_type(size) == np.dtype(dtype)


def test_several_files_are_one_text(tmp_path):
    paths = [write(tmp_path, "a b\n", "1.txt"), write(tmp_path, "b c", "2.txt")]
    vocabulary, train, _ = read_training_corpus(paths, Reading())
    assert words(train, vocabulary) == ["a", "b", "<eos>", "b", "c", "<eos>"]


def test_the_vocabulary_is_that_of_the_trained_part(tmp_path):
    path = write(tmp_path, "a b a b a b a b c d")
    codec = WordCodec(end_of_line=None)
    vocabulary, train, valid = read_training_corpus([path], Reading(codec, valid_fraction=0.2))
    assert vocabulary.tokens == ["a", "b", "<unk>"]
    assert words(valid, vocabulary) == ["<unk>", "<unk>"]
    assert (train.oov, valid.oov, valid.characters) == (0, 1, len(" d"))


def test_a_given_vocabulary_is_kept(tmp_path):
    vocabulary, _, _ = read_training_corpus([write(tmp_path, "a b b")], Reading())
    again, train, _ = read_training_corpus(
        [write(tmp_path, "c a c")], Reading(vocabulary=vocabulary)
    )
    assert again is vocabulary
    assert words(train, vocabulary) == ["<unk>", "a", "<unk>", "<eos>"]


def test_unknown_targets_are_counted_the_given_first_token_is_not(tmp_path):
    vocabulary, _, _ = read_training_corpus([write(tmp_path, "a b <unk>")], Reading())
    corpus = read_corpus([write(tmp_path, "xx a yyy <unk> b xx")], WordCodec(), vocabulary)
    assert words(corpus, vocabulary) == "<unk> a <unk> <unk> b <unk> <eos>".split()
    assert corpus.oov == 2
    assert corpus.characters == len(" a yyy <unk> b xx\n")


def test_an_empty_text_is_refused(tmp_path):
    with pytest.raises(CorpusError, match=r"empty\.txt: the text is empty"):
        read_training_corpus(
            [write(tmp_path, " \t", "empty.txt")], Reading(WordCodec(end_of_line=None))
        )
