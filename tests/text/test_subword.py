"""Subwords: nothing is unknown, nothing is lost, and what was learned depends on the text alone."""

import json
import os
import re
import subprocess
import sys
from base64 import b64decode
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlm_cli.errors import CheckpointError, CorpusError, UsageError
from rnnlm_cli.text import reader
from rnnlm_cli.text.codec import codec_from_plain, subword
from rnnlm_cli.text.codec.subword import SubwordCodec, evenly
from rnnlm_cli.text.codec.subword_names import EVERY_BYTE, SubwordDecoder, content_of, name_of
from rnnlm_cli.text.corpus import Reading, read_corpus, read_training_corpus
from rnnlm_cli.text.held_out import characters_kept
from rnnlm_cli.text.reader import Limits, Piece, read_pieces
from rnnlm_cli.text.vocabulary import VocabularyLimits

tokenizers = pytest.importorskip("tokenizers")
sentencepiece = pytest.importorskip("sentencepiece")

WORDS = "the cat sat on the mat and then the cats ate; don't they? 고양이가 매트 위에 앉았다"
LINES = [" ".join(WORDS.split()[k % 7 : 7 + k % 6]) for k in range(60)]
HARD = [
    "",
    " ",
    "  the  cat \t ",
    "▁ the▁▁",
    "<eos> <unk> <s> [CLS] <0xEC> <|endoftext|>",
    "🙂👩‍👧 e\u0301 \x07\x1c \u200b\xa0\u3000x \u2028",
    "고양 냐옹 Ⅳ ﬁ",
]


def planned(kind, **rest):
    return SubwordCodec(normalize=None).planned({"kind": kind, **rest})


def learn(kind, size=400):
    return planned(kind, size=size).train(Piece(f"{line}\n", True) for line in LINES)


@pytest.fixture(scope="module", params=["bpe", "unigram"])
def learned(request):
    return learn(request.param)


def test_a_pair_that_occurs_twice_becomes_a_token_and_one_that_occurs_once_does_not():
    codec = planned("bpe", size=400).train([Piece("qx qx wz\n", True)])
    assert [token for token in ("qx", "wz") if token in codec.types] == ["qx"]


@given(st.binary(min_size=1), st.binary(min_size=1))
def test_a_name_stands_for_its_bytes_and_is_one_word(one, other):
    name = name_of(one)
    assert content_of(name) == one
    assert name.split() == [name]
    assert not re.fullmatch(r"<(?!0x).+>", name)
    assert (name == name_of(other)) == (one == other)


texts = st.lists(st.sampled_from([*HARD, *WORDS.split(), " ", "\u0301"]), max_size=8).map("".join)
any_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r"))


@settings(max_examples=60)
@given(line=st.one_of(texts, any_text))
def test_the_tokens_of_any_line_are_known_and_give_it_back(learned, line):
    tokens = learned.split(line)
    assert learned.decode(tokens) == line
    assert set(tokens) <= set(learned.types)
    characters, size = learned.sizes(tokens)
    assert (characters.sum(), size.sum()) == (len(line), len(line.encode()))
    assert learned.changes_sizes(line) is False


def test_the_package_alone_splits_alike():
    codec = learn("bpe")
    alone = tokenizers.Tokenizer.from_str(codec.tokenizer.content)
    letters = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    assert len(letters) == 256
    decode = tokenizers.decoders.ByteLevel().decode
    for line in (*LINES, *HARD):
        pieces = alone.encode(line).tokens
        assert len(pieces) == len(codec.split(line))
        ours = map(content_of, codec.split(line))
        assert [c.decode("utf-8", "replace") for c in ours] == [decode([p]) for p in pieces]
    codec = learn("unigram")
    alone = sentencepiece.SentencePieceProcessor(model_proto=b64decode(codec.tokenizer.content))
    for line in LINES:
        assert codec.split(line) == alone.encode(line, return_type=str)


IN_OTHER_PROCESS = """
import sys; sys.path[:0] = [{tests!r}]
from hashlib import sha256
from test_subword import learn
print(*(sha256(learn(kind).tokenizer.content.encode()).hexdigest() for kind in ("bpe", "unigram")))
"""


@pytest.mark.slow
def test_what_is_learned_does_not_depend_on_threads_or_the_process():
    code = IN_OTHER_PROCESS.format(tests=str(Path(__file__).parent))
    environment = {**os.environ, "RAYON_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    here = [
        sha256(learn(kind).tokenizer.content.encode()).hexdigest() for kind in ("bpe", "unigram")
    ]
    assert ran.stdout.decode().split() == here, ran.stderr.decode()


def test_a_small_text_gives_fewer_tokens_and_a_large_size_is_no_error():
    for kind in ("bpe", "unigram"):
        codec = learn(kind, 50_000)
        assert 256 < len(codec.types) < 1_000
        assert {"▁the", "▁cat"} <= {*codec.types}
        tiny = planned(kind, size=300).train([Piece("a\n", True)])
        assert tiny.decode(tiny.split("안 a")) == "안 a"


def test_a_size_below_the_number_of_characters_leaves_some_to_bytes():
    syllables = "".join(chr(0xAC00 + 28 * k) for k in range(300))
    pieces = [Piece(f"{syllables}{syllables[:20] * 9} 가가\n", True)]
    for kind in ("bpe", "unigram"):
        codec = planned(kind, size=320).train(pieces)
        assert len(codec.types) <= 320
        assert codec.decode(codec.split(syllables)) == syllables


@pytest.mark.parametrize("text", ["", "\n", " \n\n"])
def test_nothing_is_learned_from_no_text(text):
    for kind in ("bpe", "unigram"):
        with pytest.raises(CorpusError, match="no text to learn from"):
            planned(kind, size=300).train([Piece(text, True)])


def test_of_a_long_text_lines_at_equal_distances_are_kept():
    assert evenly(map(str, range(10)), 100) == [str(k) for k in range(10)]
    assert evenly([f"{k:02}" for k in range(100)], 50) == [f"{k:02}" for k in range(0, 100, 4)]


@pytest.mark.parametrize(("end", "last"), [("<eos>", "<eos>"), (None, "\n")])
def test_a_line_ends_as_the_configuration_says(learned, end, last):
    codec = replace(learned, end_of_line=end)
    tokens = codec.tokens(Piece("the cat\n", True))
    assert tokens[-1] == last == codec.line_end
    assert codec.decode([*tokens, *codec.split(" a")]) == "the cat\n a"
    assert ("\n" in codec.types) == (end is None)


def test_text_is_held_back_until_its_character_is_complete():
    write = SubwordDecoder("<eos>", prefixed=False)
    tokens = ["▁the", "<0xEC>", "<0x95><0x88>", "<0xF0>", "<eos>", "▁a", "<0xEC>", "b"]
    assert list(map(write, tokens)) == [" the", "", "안", "", "\ufffd\n", " a", "", "\ufffdb"]
    assert write("<0xEC>") + write.end() == "\ufffd"
    first = SubwordDecoder("<eos>", prefixed=True)
    assert list(map(first, ["▁a", "▁b", "<eos>", "▁▁c"])) == ["a", " b", "\n", " c"]


def test_a_token_that_a_user_names_and_a_start(learned):
    lower = replace(learned, lowercase=True)
    assert [lower.forms(t)[0] for t in (" The", "▁the", "<0xEC>")] == ["▁the", "▁the", "<0xEC>"]
    assert lower.split("THE Cat") == learned.split("the cat")
    assert learned.start_of("the cat ") == learned.split("the cat")
    assert learned.start_of("  ") == learned.split("  ")


def test_a_long_line_in_pieces_has_the_tokens_of_the_line(learned, monkeypatch, tmp_path):
    line = " ".join(f"  {text}\t" for text in LINES[:12]).strip()
    (tmp_path / "a.txt").write_text(f"{line}\n", encoding="utf-8")
    monkeypatch.setattr(reader, "PIECE_BYTES", 50)
    pieces = list(read_pieces(str(tmp_path / "a.txt"), learned.reading_limits(Limits())))
    assert len(pieces) > 5
    assert [piece.ends_line for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    found = [token for piece in pieces for token in learned.tokens(piece)]
    assert found == [*learned.split(line), "<eos>"]


def read(path, text, codec, fraction=0.0):
    path.write_text(text, encoding="utf-8")
    limits = VocabularyLimits(known=codec.types)
    return read_training_corpus([str(path)], Reading(codec, limits, fraction))


def test_every_subword_has_an_id_the_frequent_ones_first(learned, tmp_path):
    vocabulary, corpus, _ = read(tmp_path / "a.txt", "\n".join(LINES), learned)
    assert {*vocabulary.tokens} == {*learned.types, "<eos>", "<unk>"}
    assert (np.diff(vocabulary.counts) <= 0).all()
    assert vocabulary.counts.sum() == len(corpus)
    (tmp_path / "b.txt").write_text("\n".join(HARD), encoding="utf-8")
    other = read_corpus([str(tmp_path / "b.txt")], learned, vocabulary)
    assert other.oov == 0
    assert vocabulary.unknown_id not in np.asarray(other.ids)
    assert [vocabulary.tokens[k] for k in other.ids].count("<eos>") == len(HARD)


@pytest.mark.parametrize("fraction", [0.1, 0.37, 0.5, 0.8])
def test_the_held_out_end_is_the_same_for_each_tokenizer(learned, tmp_path, fraction):
    """Its size is that of the text without its first token, which is given."""
    text = "\n".join([*LINES[:9], *HARD, *LINES[:5]]) + "\n"
    path = tmp_path / "a.txt"
    _, train, valid = read(path, text, learned, fraction)
    cut = characters_kept(lambda: read_pieces(str(path)), fraction)
    assert text[cut].isspace() or text[cut - 1] == "\n"
    assert abs(len(text) - cut - fraction * len(text)) < 20
    for corpus, part in ((train, text[:cut]), (valid, text[cut:])):
        line, newline, _ = part.partition("\n")
        first = content_of(learned.split(line)[0]).decode() if line else newline
        rest = part.removeprefix(first)
        assert (corpus.characters, corpus.bytes) == (len(rest), len(rest.encode()))
        assert len(corpus) == sum(
            len(learned.split(line)) + (k < part.count("\n"))
            for k, line in enumerate(part.split("\n"))
        )


def test_case_and_form_of_the_text_count_where_the_tokens_have_another(learned, tmp_path):
    text = "x \u0130STANBUL \u212aK\n\u1e9e The\n"
    codec = replace(learned, lowercase=True)
    _, corpus, _ = read(tmp_path / "a.txt", text, codec)
    assert codec.decode(codec.split(text)) == text.lower().removesuffix("\n")
    given = len(content_of(codec.split(text)[0]))
    assert (corpus.characters, corpus.bytes) == (len(text) - given, len(text.encode()) - given)


def file_of(tokenizer, path):
    tokenizer.save(str(path))
    return path


def byte_level(path):
    made = tokenizers.Tokenizer(tokenizers.models.BPE())
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=True)
    made.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=300,
        show_progress=False,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
    )
    made.train_from_iterator(LINES, trainer)
    return file_of(made, path)


def word_piece(path):
    made = tokenizers.Tokenizer(tokenizers.models.WordPiece(unk_token="[UNK]"))
    made.normalizer = tokenizers.normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    special = ["[UNK]", "[CLS]", "[SEP]"]
    trainer = tokenizers.trainers.WordPieceTrainer(
        vocab_size=120, special_tokens=special, show_progress=False
    )
    made.train_from_iterator(LINES, trainer)
    made.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    made.enable_truncation(3)
    return file_of(made, path)


def metaspace(path):
    made = tokenizers.Tokenizer(
        tokenizers.models.Unigram([("<unk>", 0.0), ("▁", -3.0), ("▁the", -2.0), ("c", -4.0)], 0)
    )
    made.normalizer = tokenizers.normalizers.NFKC()
    made.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    return file_of(made, path)


def sentence_piece(path):
    file = BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LINES), model_writer=file, vocab_size=100, minloglevel=2,
        hard_vocab_limit=False,
    )  # fmt: skip
    path.write_bytes(file.getvalue())
    return path


GIVEN = [byte_level, word_piece, metaspace, sentence_piece]


@pytest.mark.parametrize("make", GIVEN)
def test_a_given_tokenizer_knows_all_text_and_has_the_sizes_of_the_text(tmp_path, make):
    codec = planned("file", path=str(make(tmp_path / "given"))).train(())
    assert codec_from_plain(codec.to_plain()) == codec
    for line in (*LINES[:9], *HARD, "\u0130STANBUL THE"):
        for one in (codec, replace(codec, lowercase=True)):
            tokens = one.split(line)
            assert set(tokens) <= set(codec.types)
            characters, size = map(int, map(np.sum, one.sizes(tokens)))
            for place, original, token in one.changed_sizes(line):
                assert 0 <= place < max(len(tokens), 1)
                characters += len(original) - len(token)
                size += len(original.encode()) - len(token.encode())
            assert (characters, size) == (len(line), len(line.encode())), line


def test_a_given_tokenizer_splits_as_its_package_does(tmp_path):
    codec = planned("file", path=str(byte_level(tmp_path / "a"))).train(())
    alone = tokenizers.Tokenizer.from_file(str(tmp_path / "a"))
    for line in (*LINES, *HARD[:-3]):
        if "<|endoftext|>" not in line:
            ids = alone.encode(line).ids
            assert len(codec.split(line)) == len(ids)
            assert codec.decode(codec.split(line)) == alone.decode(ids).removeprefix(" ")
    codec = planned("file", path=str(sentence_piece(tmp_path / "b"))).train(())
    alone = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "b"))
    for line in LINES:
        assert codec.split(line) == alone.encode(line, return_type=str)
        assert codec.decode(codec.split(line)) == line
    codec = planned("file", path=str(word_piece(tmp_path / "c"))).train(())
    assert codec.decode(codec.split("The CATS sat, [CLS]")) == "the cats sat , [ CLS ]"
    assert len(codec.split("the cat sat on the mat")) >= 6  # the file asks to cut after three


def test_a_mark_of_the_file_is_no_token_and_what_it_lacks_is_spelled_in_bytes(tmp_path):
    codec = planned("file", path=str(word_piece(tmp_path / "a"))).train(())
    assert not {"[UNK]", "▁[UNK]", "[CLS]"} & {*codec.types}
    assert codec.split("the ♥") == ["▁the", "<0x20>", "<0xE2>", "<0x99>", "<0xA5>"]
    codec = planned("file", path=str(metaspace(tmp_path / "b"))).train(())
    assert codec.split("the c<unk>") == ["▁the", "▁", "c", *(EVERY_BYTE[b] for b in b"<unk>")]


def test_regular_expressions_that_may_be_slow_are_refused(tmp_path):
    path = byte_level(tmp_path / "a.json")
    plain = json.loads(path.read_text(encoding="utf-8"))
    for pattern in ("(a+)+$", r"(?:a|aa)*b", r"(a)\1", "a" * 3_000):
        plain["pre_tokenizer"] = {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated",
                 "invert": False},
                plain["pre_tokenizer"],
            ],
        }  # fmt: skip
        path.write_text(json.dumps(plain), encoding="utf-8")
        with pytest.raises(CorpusError, match="may be slow"):
            planned("file", path=str(path)).train(())
        plain["pre_tokenizer"] = plain["pre_tokenizer"]["pretokenizers"][1]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a valid tokenizer"),
        (b"nothing of this kind", "not a valid tokenizer"),
        (b"{", "not a tokenizer.json"),
        (b"[" * 100_000, "not a valid tokenizer"),
        (b'{"a":' * 100_000, "not a tokenizer.json"),
        (b'{"version": "1.0"}', "it has no model"),
        (b'{"model": {"type": "WordPiece", "vocab": {}}, "added_tokens": [3]}', "not a valid"),
        (b'{"model": {"type": "WordPiece", "vocab": {"a": "b"}}}', "not a valid tokenizer"),
        (b'{"model": {"type": "WordLevel", "vocab": {}}}', "where words begin"),
    ],
)
def test_a_damaged_file_is_one_line_that_names_it(tmp_path, content, said):
    path = tmp_path / "a.model"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=said) as caught:
        planned("file", path=str(path)).train(())
    assert str(path) in str(caught.value)


def test_a_file_that_is_missing_or_too_large(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match=r"No such file.*to a tokenizer\.json"):
        planned("file", path=str(tmp_path / "a")).train(())
    monkeypatch.setattr(subword, "MOST_BYTES", 10)
    with pytest.raises(CorpusError, match="longer than 10 bytes"):
        planned("file", path=str(byte_level(tmp_path / "a"))).train(())


@pytest.mark.parametrize(("kind", "package"), [("bpe", "tokenizers"), ("unigram", "sentencepiece")])
def test_without_the_package_a_stored_codec_still_writes_text(monkeypatch, kind, package):
    plain = learn(kind).to_plain()
    monkeypatch.setitem(sys.modules, package, None)
    codec = codec_from_plain(plain)
    assert codec.decode(["▁the", "<eos>"]) == " the\n"
    for use in (lambda: codec.split("the"), lambda: learn(kind)):
        with pytest.raises(UsageError, match=rf"{package} is not installed.*rnnlm-cli\[subword\]"):
            use()


@pytest.mark.parametrize(
    "changes",
    [
        {"form": "mystery"},
        {"form": ["tokenizers"]},
        {"content": b"{}"},
        {"prefixed": 1},
        {"lossless": None},
        {"plan": {"kind": "bpe"}},
        {"more": 1},
    ],
)
def test_a_stored_codec_with_other_values_is_refused(changes):
    with pytest.raises(CheckpointError, match="codec is not valid"):
        codec_from_plain({**learn("bpe").to_plain(), **changes})


def test_a_stored_tokenizer_that_is_damaged_fails_when_it_is_used():
    for form in ("tokenizers", "sentencepiece"):
        codec = codec_from_plain({**learn("bpe").to_plain(), "form": form, "content": "e30="})
        with pytest.raises(CorpusError, match="the model's tokenizer"):
            codec.split("a")
