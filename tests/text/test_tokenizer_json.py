"""Codecs as a ``tokenizer.json``: the package ``tokenizers`` gives a text the ids of rnnlm."""

import json
import re

import numpy as np
import pytest

from rnnlm_cli.text.codec import CODECS
from rnnlm_cli.text.codec.char import CharCodec
from rnnlm_cli.text.codec.subword import Plan, SubwordCodec
from rnnlm_cli.text.codec.subword_json import JsonTokenizer
from rnnlm_cli.text.codec.subword_model import SentencePiece
from rnnlm_cli.text.codec.word import WordCodec
from rnnlm_cli.text.corpus import Reading, read_training_corpus
from rnnlm_cli.text.pieces import Piece
from rnnlm_cli.text.reader import InlineText
from rnnlm_cli.text.vocabulary import Vocabulary, VocabularyLimits

tokenizers = pytest.importorskip("tokenizers")

TEXT = """\
you say goodbye and i say hello .
The cafe\u0301  and the caf\xe9\tare ONE ; ΟΔΟΣ Σ
<unk> and <eos> are written here , a<eos>b too

안녕하세요, 새로운\u3000세계 \u2028 x\xa0y 12345 678 !!!
 leading and trailing , 日本語 \u2581 <0xE2> 🙂🙂
\r
"""
"""Blanks of many kinds, two forms of one letter, what looks like a mark, an empty line."""

UNSEEN = "hello ™ world ΟΔΟΣ <0x41>\n\nsay ▁▁ é  \u0085 ქართული\r\n🦆\n"

CASES = {
    "words": WordCodec(),
    "words, lower case": WordCodec("<eos>", True, "nfkc"),
    "words without ends of lines": WordCodec(None),
    "characters": CharCodec(None),
    "characters and a token for the end": CharCodec("<eos>", True),
    "characters as they are": CharCodec(None, False, None),
    "BPE": SubwordCodec(tokenizer=Plan("bpe", 330)),
    "BPE, lower case, newlines": SubwordCodec(None, True, "nfkc", Plan("bpe", 330)),
    "unigram": SubwordCodec(tokenizer=Plan("unigram", 400)),
    "unigram, newlines": SubwordCodec(None, False, None, Plan("unigram", 400)),
}


def vocabulary_of(codec, text=TEXT):
    limits = VocabularyLimits(known=codec.types)
    return read_training_corpus([InlineText("a", text)], Reading(codec, limits))[0]


def our_ids(codec, vocabulary, text):
    pieces = [Piece(f"{line}\n", True) for line in text.replace("\r\n", "\n").split("\n")[:-1]]
    return [k for piece in pieces for k in vocabulary.ids_of(codec.tokens(piece)).tolist()]


def prepared(name):
    codec = CASES[name]
    if codec.learns:
        pytest.importorskip("sentencepiece")
        codec = codec.train(Piece(f"{line}\n", True) for line in TEXT.split("\n")[:-1])
    return codec, vocabulary_of(codec)


def read(codec, vocabulary):
    made = codec.as_json(vocabulary)
    return tokenizers.Tokenizer.from_str(json.dumps(made.plain)), made.lacks


@pytest.mark.parametrize("name", CASES)
def test_other_programs_get_the_same_ids(name):
    codec, vocabulary = prepared(name)
    tokenizer, lacks = read(codec, vocabulary)
    assert lacks == ""
    for text in (TEXT, UNSEEN, ""):
        assert tokenizer.encode(text).ids == our_ids(codec, vocabulary, text)
    line = "you say hello"
    assert tokenizer.encode(line).ids == codec.encode(line, vocabulary).tolist()
    assert tokenizer.get_vocab_size() == len(vocabulary)


@pytest.mark.parametrize("name", ["characters", "BPE", "unigram"])
def test_other_programs_get_the_text_back(name):
    codec, vocabulary = prepared(name)
    tokenizer, _ = read(codec, vocabulary)
    text = "you say\nhello .\n"
    assert tokenizer.decode(our_ids(codec, vocabulary, text)) == text


@pytest.mark.parametrize("unit", ["prose", "jamo"])
def test_what_cannot_be_said_is_told(unit):
    codec = CODECS[unit]()
    vocabulary = Vocabulary(["a", "<unk>"], np.array([1, 0]), "<unk>")
    assert codec.as_json(vocabulary) == (None, f"how corpus.unit: {unit} splits a text")


def of_another_program(model, **parts):
    """A ``tokenizer.json`` as another program has it."""
    plain = {"version": "1.0", "added_tokens": [], "normalizer": None, "pre_tokenizer": None}
    plain |= {"post_processor": None, "decoder": None, "model": model, **parts}
    return JsonTokenizer.read(json.dumps(plain).encode(), "t.json")


def bpe(size=330):
    made = JsonTokenizer.learned(TEXT.splitlines(), size)
    return json.loads(made.content)


def test_a_given_tokenizer_keeps_its_marks_out_of_texts():
    plain = bpe()
    vocab = plain["model"]["vocab"]
    vocab["<eos>"] = len(vocab)
    plain["model"]["ignore_merges"] = True
    mark = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    added = [
        {"id": vocab["<eos>"], "content": "<eos>", "special": True, **mark},
        {"id": len(vocab), "content": " hello", "special": False, **mark},
    ]
    plain["added_tokens"] = added
    codec = SubwordCodec(tokenizer=JsonTokenizer.read(json.dumps(plain).encode(), "t.json"))
    vocabulary = vocabulary_of(codec)
    tokenizer, lacks = read(codec, vocabulary)
    assert lacks == ""
    for text in (TEXT, UNSEEN):
        assert tokenizer.encode(text).ids == our_ids(codec, vocabulary, text)


def test_of_a_tokenizer_that_adds_a_space_lines_are_read_one_by_one():
    plain = bpe()
    spaced = {"add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    plain["pre_tokenizer"] = {"type": "ByteLevel", **spaced}
    codec = SubwordCodec(tokenizer=JsonTokenizer.read(json.dumps(plain).encode(), "t.json"))
    vocabulary = vocabulary_of(codec)
    tokenizer, lacks = read(codec, vocabulary)
    end = vocabulary.index["<eos>"]
    assert lacks == f"ends of lines: encode lines one by one, add the id {end}"
    for line in re.split("\r?\n", TEXT):
        assert tokenizer.encode(line).ids == codec.encode(line, vocabulary).tolist()


@pytest.mark.parametrize("kind", ["WordPiece", "SentencePiece"])
def test_a_tokenizer_that_cannot_be_said_is_told(kind):
    pytest.importorskip("sentencepiece")
    if kind == "WordPiece":
        vocab = {"[UNK]": 0, "a": 1, "##b": 2}
        model = {"type": kind, "vocab": vocab, "unk_token": "[UNK]", "max_input_chars_per_word": 9}
        model["continuing_subword_prefix"] = "##"
        made = of_another_program(model, pre_tokenizer={"type": "Whitespace"})
    else:
        learned = SentencePiece.learned(TEXT.splitlines(), 400)
        made = SentencePiece(learned.content, lossless=False)
    codec = SubwordCodec(tokenizer=made)
    plain, lacks = codec.as_json(vocabulary_of(codec))
    assert plain is None
    assert lacks.startswith("how this")
