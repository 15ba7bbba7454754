import pytest

from rnnlm_cli.text.codec.char import CharCodec
from rnnlm_cli.text.codec.word import WordCodec
from rnnlm_cli.text.corpus import Reading, read_corpus, read_training_corpus
from rnnlm_cli.text.facts import (
    LEAST_TYPES,
    MOST_TWICE,
    TextFacts,
    returns_note,
    text_notes,
    unsegmented_warning,
)

WORD, CHAR = WordCodec(), CharCodec(None)


def facts(tmp_path, *texts, codec=WORD, **how):
    paths = [tmp_path / f"{k}.txt" for k in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(text.encode())
    _, train, _ = read_training_corpus([str(path) for path in paths], Reading(codec, **how))
    return train.facts


@pytest.mark.parametrize("fraction", [0.0, 0.5])
def test_marks_of_lines_among_the_words_are_counted(tmp_path, fraction):
    found = facts(tmp_path, "<s> a </s>\n<s> b <eos> c </s>\n", valid_fraction=fraction)
    assert found.words == {"<s>": 2, "</s>": 2, "<eos>": 1}
    (note,) = text_notes("a.txt", found, WORD)
    assert note.startswith("a.txt: holds </s> (2 times), <eos> (1 times), <s> (2 times)")
    assert "<eos> inside a line is read as the line's end" in note


def test_where_nothing_is_put_at_line_ends_the_text_may_have_its_own(tmp_path):
    codec = WordCodec(end_of_line=None)
    found = facts(tmp_path, "<s> a <eos>\n", codec=codec)
    assert text_notes("a.txt", found, codec) == []


@pytest.mark.parametrize("text", ["a b\n\nc\n", "s> <eos\n", "a <unk>\n"])
def test_an_ordinary_text_has_no_note(tmp_path, text):
    for codec in (WORD, CHAR):
        assert text_notes("a.txt", facts(tmp_path, text, codec=codec), codec) == []


def test_the_word_for_a_line_end_is_one_token_with_it(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("<eos> a b\na <eos>\n", encoding="utf-8")
    vocabulary, train, _ = read_training_corpus([str(path)], Reading())
    assert vocabulary.tokens == ["<eos>", "a", "b", "<unk>"]
    assert vocabulary.counts.tolist() == [4, 2, 1, 0]
    assert [vocabulary.tokens[k] for k in train.ids] == "<eos> a b <eos> a <eos> <eos>".split()
    again = read_corpus([str(path)], WORD, vocabulary)
    assert again.ids.tolist() == train.ids.tolist()
    assert again.facts == train.facts


@pytest.mark.parametrize("codec", [WORD, CHAR, WordCodec(end_of_line=None)])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\rb\rc\r", "has 3 carriage returns (\\r) without a newline and is read as one line"),
        ("a\rb\rc\r\n", "has 2 carriage returns (\\r) without a newline and is read as one line"),
        ("a\rb\n\rc\rd\r\n", "has 3 carriage returns (\\r) without a newline and is read as 2"),
        ("a\r\nb\r\n", None),
        ("a\rb\nb\nc\n", None),
    ],
)
def test_carriage_returns_alone_are_noted(tmp_path, codec, text, expected):
    found = text_notes("a.txt", facts(tmp_path, text, codec=codec), codec)
    assert [note.partition("a.txt: ")[2][: len(expected or "")] for note in found] == (
        [expected] if expected else []
    )


def test_one_carriage_return():
    assert returns_note("a.txt", 1, 0) == []
    assert "has a carriage return" in returns_note("a.txt", 1, 1)[0]


def test_the_same_text_twice(tmp_path):
    found = facts(tmp_path, "a b\n", "c d\n", "a  b\r\n", "a b c\n", "c d\n")
    names = [str(tmp_path / f"{k}.txt") for k in range(5)]
    assert found.twice == ((names[0], names[2]), (names[1], names[4]))
    assert text_notes("all", found, WORD)[0] == (
        f"{names[2]}: holds the same text as {names[0]}, so it counts twice; omit one"
    )
    assert found.starts == (0, 3, 6, 9, 13)


@pytest.mark.parametrize(("more", "said"), [(1, "1 more file holds"), (2, "2 more files hold")])
def test_only_some_texts_that_are_given_twice_are_named(more, said):
    pairs = tuple((f"{k}a", f"{k}b") for k in range(MOST_TWICE + more))
    *named, last = text_notes("all", TextFacts(twice=pairs), WORD)
    assert [note.split(":")[0] for note in named] == [other for _, other in pairs[:MOST_TWICE]]
    assert last == f"all: {said} the same text as another"


def test_only_a_text_that_is_read_as_it_is_has_counts_of_its_forms(tmp_path):
    text = "e\u0301 a\nb\n\u00e9\n"
    as_it_is = facts(tmp_path, text, codec=WordCodec(normalize=None))
    assert (as_it_is.beyond, as_it_is.decomposed) == (2, 1)
    assert facts(tmp_path, text, codec=WordCodec(normalize="nfc")).beyond == 0


@pytest.mark.parametrize(
    ("types", "once", "warned"),
    [
        (LEAST_TYPES, LEAST_TYPES * 9 // 10, False),
        (LEAST_TYPES, LEAST_TYPES * 9 // 10 + 1, True),
        (LEAST_TYPES - 1, LEAST_TYPES - 1, False),
    ],
)
def test_words_that_almost_all_occur_once(types, once, warned):
    found = unsegmented_warning("a.txt", TextFacts(types=types, once=once), WORD)
    assert len(found) == warned
    assert all(line.startswith("a.txt: 90.2% of its 500 different words occur") for line in found)
    assert all("set corpus.unit: char or subword" in line for line in found)
    assert unsegmented_warning("a.txt", TextFacts(types=types, once=once), CHAR) == []


def test_a_text_without_spaces_between_words_is_told_by_its_types(tmp_path):
    clauses = [f"나는{chr(0xAC00 + k)}책을읽었다" for k in range(600)]
    text = "".join(f"{one}\n" for one in [*clauses, clauses[0], clauses[0]])
    found = facts(tmp_path, text)
    assert (found.types, found.once) == (600, 599)
    (warning,) = unsegmented_warning("ko.txt", found, WORD)
    assert warning.startswith("ko.txt: 99.8% of its 600 different words occur once")
    spaced = "".join(f"나는 책을 {one}\n" for one in clauses[:300]) * 2
    assert unsegmented_warning("ko.txt", facts(tmp_path, spaced), WORD) == []
