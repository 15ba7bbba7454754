"""Characters and bytes of the targets, against the text itself, token by token."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rnnlm_cli.text import reader
from rnnlm_cli.text.codec import CODECS
from rnnlm_cli.text.codec.char import CharCodec
from rnnlm_cli.text.codec.jamo import SYLLABLE, composed
from rnnlm_cli.text.codec.prose_tokens import bodies
from rnnlm_cli.text.codec.word import WordCodec
from rnnlm_cli.text.corpus import Reading, held_out_start, read_corpus, read_training_corpus
from rnnlm_cli.text.normal import stretches as stretches_of
from rnnlm_cli.text.reader import Limits
from rnnlm_cli.text.sizes import Size, SizeChanges
from rnnlm_cli.text.vocabulary import Vocabulary

IN_SYLLABLE = tuple(map(str, "  ".split(" ")[:2]))
"""The part of a letter that is not the first of a syllable; known by its identity."""


def stretches(text, codec):
    """Return the part of the text that each token stands for, without the separator before it.

    The separator is "" where there is none. Each word is its own, so that nothing is left out.
    """
    found = []
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    for k, line in enumerate(lines):
        newline = "\n" if k < len(lines) - 1 or text.endswith("\n") else ""
        if codec.unit in ("word", "prose"):
            for place, word in enumerate(line.split()):
                spaced = place > 0 or (codec.end_of_line is None and found)
                words = codec.normalized(word).split()
                if codec.unit == "word":
                    first, *rest = [word, *[""] * (len(words) - 1)]  # all is the first one's
                else:
                    assume(len(words) == 1)  # else a text is cut where it has no space
                    first, *rest = originals(word, bodies(*words), codec)
                found += [(" " if spaced else "", first), *(("", other) for other in rest)]
        else:
            whole = line + (newline if codec.end_of_line is None else "")
            for c in stretches_of(whole) if codec.normalize else syllables(whole, codec):
                becomes = codec.normalized(c)
                if codec.unit == "jamo":
                    becomes = "".join(map(composed, SYLLABLE.findall(becomes)))
                whole = list(c) if len(c) == len(becomes) else [c, *[""] * (len(becomes) - 1)]
                for read, original in zip(becomes, whole, strict=True):
                    tokens = len(codec.split(read)) if codec.unit == "jamo" else 1
                    found += [("", original), *[IN_SYLLABLE] * (tokens - 1)]
        if codec.end_of_line is not None:
            found.append(("", "\n"))
    return found


def originals(word, tokens, codec):
    """Return what of a word begins within each of its tokens."""
    found, place = [""] * len(tokens), 0
    ends = np.cumsum(list(map(len, tokens)))
    for part in stretches_of(word) if codec.normalize else word:
        read = codec.normalized(part)
        for original in part if len(part) == len(read) else [part, *[""] * (len(read) - 1)]:
            found[np.searchsorted(ends, place, "right")] += original
            place += 1
    return found


def syllables(text, codec):
    return SYLLABLE.findall(text) if codec.unit == "jamo" else text


def within(codec, before, stretch):
    """Whether a text is not cut between two tokens."""
    if codec.unit == "jamo":
        return stretch is IN_SYLLABLE and not (codec.lowercase and before[1] == "\u0130")
    return codec.unit == "prose" and stretch[0] == "" and "\n" not in (before[1], stretch[1])


def size_of(parts):
    text = "".join(separator + stretch for separator, stretch in parts)
    return Size(len(text), len(text.encode()))


def read(path, text, codec, **how):
    path.write_bytes(text.encode())
    return read_training_corpus([str(path)], Reading(codec, **how))


def of(corpus):
    return Size(corpus.characters, corpus.bytes)


def test_a_hundred_lines_of_one_word(tmp_path):
    text = "ab\n" * 100
    _, corpus, _ = read(tmp_path / "a.txt", text, WordCodec())
    assert len(corpus) - 1 == 199  # 99 words of 2 characters, 100 line ends of 1
    assert of(corpus) == Size(298, 298) == size_of([("", text.removeprefix("ab"))])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b\n", " b\n"),
        ("a b", " b\n"),  # the file's end is a line's end
        ("  a \t b  \n", " b\n"),  # white space between two words is one separator
        ("a\n\n\nb\n", "\n\n\nb\n"),  # an empty line has one character
        ("\na b\n", "a b\n"),  # the first token is a line's end
        ("a b\r\nc\r\n", " b\nc\n"),
        ("\ufeffa b\n", " b\n"),
        ("a 안녕\n", " 안녕\n"),
        ("a <eos> b <unk>\n", " <eos> b <unk>\n"),  # such words count as written
    ],
)
def test_words_separators_and_ends_of_lines(tmp_path, text, expected):
    _, corpus, _ = read(tmp_path / "a.txt", text, WordCodec())
    assert of(corpus) == Size(len(expected), len(expected.encode()))


def test_a_line_end_without_a_token_is_a_separator(tmp_path):
    _, corpus, _ = read(tmp_path / "a.txt", "ab\n" * 100 + "\n\n", WordCodec(end_of_line=None))
    assert of(corpus) == Size(99 * len(" ab"), 99 * len(" ab"))


def test_lines_read_by_themselves_have_no_ends_among_the_targets(tmp_path):
    _, corpus, _ = read(tmp_path / "a.txt", "xyz say hello\n\nyou\n", WordCodec(), given=0)
    assert of(corpus) == Size(len("xyz say hello" + "you"), 16)
    _, corpus, _ = read(tmp_path / "a.txt", "a <eos> b\n<eos>\n", WordCodec(), given=0)
    assert of(corpus) == Size(len("a" + " b"), 3)


@pytest.mark.parametrize("unit", ["word", "prose"])
def test_a_word_that_becomes_several_has_the_size_that_it_had(tmp_path, unit):
    text = "x (a´b) ´ ﬁ.\n"
    _, corpus, _ = read(tmp_path / "a.txt", text, CODECS[unit](normalize="nfkc"))
    assert of(corpus) == Size(len(text) - 1, len(text.encode()) - 1)


def test_case_is_that_of_the_text(tmp_path):
    text = "a \u0130i \u212aK\n\u1e9e \u023aB\n"
    _, corpus, _ = read(tmp_path / "a.txt", text, WordCodec(lowercase=True))
    assert of(corpus) == Size(len(text) - 1, len(text.encode()) - 1)
    characters = CharCodec(None, lowercase=True)
    _, corpus, _ = read(tmp_path / "b.txt", text, characters)
    assert len(corpus) == len(text) + 1
    assert of(corpus) == Size(len(text) - 1, len(text.encode()) - 1)


@pytest.mark.parametrize("unit", ["word", "char"])
@pytest.mark.parametrize(
    ("text", "characters", "bytes_"),
    [
        # by hand: "é" is 1 character of 2 bytes in NFC, 2 of 1 + 2 bytes in NFD; "각" 1 of 3, and
        # 3 of 3 + 3 + 3; the first token, "x" and its line's end, are no targets or one
        ("x\né 각\n", 5, 8),
        ("x\ne\u0301 \u1100\u1161\u11a8\n", 8, 15),
    ],
)
def test_sizes_are_those_of_the_form_that_the_text_has(tmp_path, unit, text, characters, bytes_):
    end = "<eos>" if unit == "word" else None
    _, corpus, _ = read(tmp_path / "a.txt", text, CODECS[unit](end))
    assert len(corpus) == (5 if unit == "word" else 6)
    assert of(corpus) == Size(characters, bytes_)


def test_bytes_are_those_of_utf8_whatever_the_encoding(tmp_path):
    (tmp_path / "a.txt").write_bytes("x\n한 글\n".encode("cp949"))  # 2 bytes each there, 3 in UTF-8
    how = Reading(text_limits=Limits(encoding="cp949"))
    _, corpus, _ = read_training_corpus([str(tmp_path / "a.txt")], how)
    assert of(corpus) == Size(5, 1 + 3 + 1 + 3 + 1)


def test_unknown_words_have_their_own_characters(tmp_path):
    vocabulary, *_ = read(tmp_path / "a.txt", "a b\n", WordCodec(lowercase=True))
    (tmp_path / "b.txt").write_text("X a İİ\nYYY\n", encoding="utf-8")
    corpus = read_corpus([str(tmp_path / "b.txt")], WordCodec(lowercase=True), vocabulary)
    assert (corpus.oov, of(corpus)) == (2, Size(len(" a İİ\nYYY\n"), 12))


def test_several_files_are_one_text(tmp_path):
    paths = [tmp_path / "1.txt", tmp_path / "2.txt"]
    for path, text in zip(paths, ("a b", "c d\n"), strict=True):
        path.write_text(text, encoding="utf-8")
    _, corpus, _ = read_training_corpus([str(path) for path in paths], Reading())
    assert of(corpus) == Size(len(" b\nc d\n"), 7)


UNITS = ("word", "prose", "char", "jamo")
WORDS = ["(don't)", "a.b,", "'s", "각가‿", "e\u0301", "\u0301", "안\u11ab", "a´b", "ﬁ", "J\u030c"]
WORDS += ["a", "bb", "\u0130", "\u212a", "\u1e9ex", "Σ", "ΑΣ", "<eos>", "<unk>", "안녕"]
EVERY_CODEC = [
    CODECS[unit](end, lowercase, form)
    for unit, end, lowercase, form in product(
        UNITS, ("<eos>", None), (False, True), (None, "nfc", "nfkc")
    )
]
KEPT = Vocabulary(["<eos>", "a", "bb", "<unk>"], np.array([4, 3, 2, 1]), "<unk>")
texts = st.lists(st.sampled_from([*WORDS, " ", "  ", "\n", "\n\n", "\t"]), max_size=30).map("".join)


@settings(max_examples=120, deadline=None)
@given(
    texts,
    st.sampled_from(EVERY_CODEC),
    st.floats(0, 0.9),
    st.sampled_from([3, 1 << 20]),
    st.sampled_from([None, KEPT]),
)
def test_every_part_of_every_text(tmp_path_factory, text, codec, fraction, piece_bytes, kept):
    expected = stretches(text, codec)
    cut = held_out_start(len(expected), fraction)
    while 0 < cut < len(expected) and within(codec, expected[cut - 1], expected[cut]):
        cut += 1
    assume(cut > 0 and {stretch for _, stretch in expected[:cut]} != {"<unk>"})
    path = tmp_path_factory.getbasetemp() / f"sizes-{codec.unit}.txt"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "PIECE_BYTES", piece_bytes)
        found = read(path, text, codec, valid_fraction=fraction, vocabulary=kept)
    for corpus, part in zip(found[1:], (expected[:cut], expected[cut:]), strict=True):
        assert len(corpus) == len(part)
        assert of(corpus) == size_of(part[1:])


def test_changes_between_any_two_places():
    changes = SizeChanges()
    for place, original, token in CharCodec(None, True, None).changed_sizes("a\u0130b"):
        changes.note(place, original, token)
    for place, original, token in WordCodec(None, True, None).changed_sizes("x \u212a y"):
        changes.note(4 + place, original, token)
    sizes = np.array([(0, 0), (0, 1), (-1, -2), (0, 0), (0, 0), (0, 2), (0, 0)])
    for start, stop in product(range(8), repeat=2):
        assert changes.between(start, stop) == tuple(sizes[start:stop].sum(axis=0))
