import bz2
import gzip
import json
import lzma
import math
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.exchange.arpa import read_arpa
from rnnlm_cli.exchange.arpa_file import MOST_BYTES
from rnnlm_cli.text.spellings import BEGIN, END

GOLDENS = Path(__file__).parents[1] / "goldens"
ARPA = GOLDENS / "random.arpa"


@pytest.fixture
def line_scores(log10_prob):
    def scores(model, sentence):
        history, found = [BEGIN], []
        for word in [*sentence.split(), END]:
            found.append(log10_prob(model, history, word))
            history.append(word)
        return found

    return scores


def test_it_scores_as_kenlm_does(line_scores):
    """The values are those of the kenlm package, from tests/goldens/make_arpa_goldens.py."""
    model = read_arpa(str(ARPA))
    golden = json.loads((GOLDENS / "kenlm.json").read_text(encoding="utf-8"))
    assert model.order == 4
    assert len(golden) == 60
    for one in golden:
        assert line_scores(model, one["sentence"]) == pytest.approx(one["log10"], abs=1e-5)


def test_a_distribution_has_the_probability_of_each_word(hand, log10_prob):
    """Also of words that the model lacks, and after a context that the file does not list."""
    missing = HAND.replace("2=2", "2=2\nngram 3=1").replace(
        "\n\\end", "\n\\3-grams:\n-0.4\tb b a\n\n\\end"
    )
    for path in (str(ARPA), hand(missing)):
        model = read_arpa(path)
        words = ["a", "b", "zzz", "c", END, "d", "<unk>", "e", "a"]
        distributions = model.distributions_of(model.ids_of(words))
        for history in ([BEGIN], ["a"], ["b", "b"], ["a", "b", "c"], ["zzz", "a"]):
            ids = [-1, -1, *model.ids_of(history).tolist()][1 - model.order :]
            found = distributions(np.array([ids, ids]))
            each = [log10_prob(model, history, word) for word in words]
            assert found.tolist() == [pytest.approx(each)] * 2


def test_ngrams_whose_beginning_is_not_listed(hand, log10_prob):
    """In any order; what is not listed is no context, and has no probability of its own."""
    more = "\n\\3-grams:\n-0.4\tb b a\t-0.3\n-0.6\ta b b\n\n\\4-grams:\n-0.7\tb </s> a b\n\n\\end"
    text = HAND.replace("2=2", "2=2\nngram 3=2\nngram 4=1").replace("\n\\end", more)
    model = read_arpa(hand(text))
    assert log10_prob(model, ["b", "b"], "a") == -0.4
    assert log10_prob(model, ["a", "b"], "b") == -0.6
    assert log10_prob(model, ["b", END, "a"], "b") == -0.7
    assert log10_prob(model, ["b"], "b") == -2.0
    assert log10_prob(model, ["b", "b", "a"], "b") == -0.3 - 0.2
    assert log10_prob(model, ["b", END], "a") == -1.0


HAND = """\\data\\
ngram 1=4
ngram 2=2

\\1-grams:
-99\t<s>\t-0.5
-1.0\ta\t-0.25
-2.0\tb
-1.5\t</s>

\\2-grams:
-0.1\t<s> a
-0.2\ta b

\\end\\
"""


@pytest.fixture
def hand(tmp_path):
    def write(text, name="hand.arpa"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_a_case_by_hand(hand, log10_prob):
    model = read_arpa(hand(HAND))
    assert log10_prob(model, ["<s>"], "a") == -0.1
    assert log10_prob(model, ["x", "a"], "b") == -0.2
    assert log10_prob(model, ["<s>"], "b") == pytest.approx(-0.5 - 2.0)
    assert log10_prob(model, ["b"], "a") == -1.0  # no back-off weight is one of 0
    assert log10_prob(model, [], "a") == -1.0
    assert log10_prob(model, ["a"], "never") == -math.inf
    assert "a" in model
    assert "never" not in model


def test_windows_line_ends_and_gzip(hand, tmp_path, log10_prob):
    for text in (HAND.replace("\n", "\r\n"), "a preface\n" + HAND):
        assert read_arpa(hand(text)).order == 2
    packed = tmp_path / "hand.arpa.gz"
    packed.write_bytes(gzip.compress(HAND.encode()))
    assert log10_prob(read_arpa(str(packed)), ["<s>"], "a") == -0.1
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(CorpusError, match="not a valid gzip file"):
        read_arpa(str(packed))
    packed.write_text(HAND, encoding="utf-8")
    with pytest.raises(CorpusError, match=r"is not compressed with gzip; omit \.gz"):
        read_arpa(str(packed))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ngram 2=2", "ngram 2=3", "there are 2 2-grams"),
        ("ngram 1=4\n", "", "are not 1, 2, 3"),
        ("-0.2\ta b", "-0.2\ta", "line 13: '-0.2"),
        ("-2.0\tb", "x\tb", "line 8: 'x' is not a log-probability"),
        ("-2.0\tb", "nan\tb", "is not a log-probability"),
        ("-2.0\tb", "inf\tb", "is not a log-probability"),
        ("-2.0\tb", "2.5\tb", "line 8: '2.5' is the logarithm of a probability above 1"),
        ("\\2-grams:", "\\3-grams:", "instead of"),
        ("\\end\\", "", "the file ends before"),
        ("\\data\\", "", "there is no \\data\\ line"),
        ("\\data\\", "\\DATA\\", "line 1: there is no \\data\\ line; '\\DATA\\' is not"),
        ("\\data\\", "data", "line 1: there is no \\data\\ line; 'data' is not one"),
        ("ngram 2=2", "ngram 2:2", "line 3: 'ngram 2:2' is not of the form ngram N=COUNT"),
        ("ngram 2=2", "ngram 1=2", "line 3: ngram 1 is given twice"),
        ("-2.0\tb", "-1_000\tb", "line 8: '-1_000' is not a log-probability"),
        ("-2.0\tb", "-infinity\tb", "line 8: '-infinity' is not a log-probability"),
        ("-2.0\tb", "-٢\tb", "line 8: '-٢' is not a log-probability"),
        ("-0.25\n", "nan\n", "line 7: 'nan' is not a log-probability"),
        ("-0.25\n", "1e308\n", "line 7: '1e308' is not the logarithm of a back-off weight"),
        ("-2.0\tb", "-2.0\ta", "line 8: 'a' is given twice"),
        ("-0.2\ta b", "-0.2\t<s> a", "line 13: '<s> a' is given twice"),
        ("-2.0\tb", "-2.0\t<unk>\n-2.0\t<UNK>", "line 9: '<unk>' is given twice (<UNK> is"),
        ("-0.2\ta b", "-0.2\ta c", "line 13: 'c' is not among the 1-grams"),
        ("-99\t<s>", "-99\t<S>", "line 11: <s> is not among the 1-grams; estimate the model"),
        ("-1.5\t</s>", "-1.5\t</S>", "line 11: </s> is not among the 1-grams"),
        ("-2.0\tb", "-2.0\tb\0", "line 8: holds a NUL byte"),
        ("\\end\\", "\\over\\", "instead of"),
    ],
)
def test_damage_is_named_with_its_line(hand, old, new, message):
    assert old in HAND
    with pytest.raises(CorpusError) as caught:
        read_arpa(hand(HAND.replace(old, new)))
    assert message in str(caught.value)
    assert "hand.arpa: line" in str(caught.value)


def test_paths_that_are_not_files_and_files_that_are_not_text(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        read_arpa(str(tmp_path / "none.arpa"))
    with pytest.raises(UsageError, match="Is a directory"):
        read_arpa(str(tmp_path))
    with pytest.raises(UsageError, match="null byte"):
        read_arpa("a\0b")


BINARY = b"mmap lm http://kheafield.com/code format version 5\n\0"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (BINARY, "is a KenLM binary; give the ARPA file"),
        (b"SRILM_BINARY_NGRAM_002\n", "is an SRILM binary"),
        (b"blmt 3 1 2 3\n", "is an IRSTLM binary"),
        (b"iARPA\n\n" + HAND.encode(), "is in IRSTLM's intermediate format"),
        (gzip.compress(HAND.encode()), "is compressed with gzip; decompress it, or give it a name"),
        (bz2.compress(HAND.encode()), "is compressed with bzip2"),
        (lzma.compress(HAND.encode()), "is compressed with xz"),
        (HAND.encode("utf-16"), "is UTF-16; convert it"),
        (HAND.encode("utf-16-le"), "is UTF-16 without a byte-order mark"),
        (HAND.encode("utf-16-be"), "is UTF-16 without a byte-order mark"),
        (bytes(range(256)), "is a binary file"),
        (bytes(100), "is a binary file"),
        (HAND.replace("b\n", "\u00e9\n").encode("latin1"), "line 8, byte 6 (0xe9): not UTF-8"),
        (b"\\data\\\n" + b"x" * (MOST_BYTES + 1), "line 2: is longer than 1,048,576 bytes"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_other_kinds_of_files_are_recognized(tmp_path, content, message, packed):
    path = tmp_path / ("model.arpa.gz" if packed else "model.arpa")
    path.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(CorpusError) as caught:
        read_arpa(str(path))
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


KALDI = (Path(__file__).parents[1] / "goldens" / "kaldi.arpa").read_text(encoding="utf-8")


@pytest.mark.parametrize("spelling", ["<UNK>", "<unk>"])
@pytest.mark.parametrize("elsewhere", ["<UNK>", "<unk>"])
def test_both_spellings_of_the_unknown_word_score_as_in_kenlm(
    hand, spelling, elsewhere, line_scores
):
    one, other = KALDI.split("\\2-grams:")
    text = one.replace("<UNK>", spelling) + "\\2-grams:" + other.replace("<UNK>", elsewhere)
    model = read_arpa(hand(text))
    for word in ("zzz", "<unk>", "<UNK>"):
        scores = line_scores(model, f"{word} wood pittsburgh")
        assert scores == pytest.approx([-0.2553, -0.2553, -0.2553, -0.2553 - 1.0])
        assert sum(scores) == pytest.approx(-2.0212)
        assert model.is_unknown(word)
    assert "<UNK>" in model
    assert "<unk>" in model
    assert not model.is_unknown("wood")


@pytest.mark.parametrize("count", ["ngram 1=\t7", "ngram  1=7", "ngram\t1 =  7", "ngram 1= 7 "])
def test_blanks_and_tabs_in_the_counts_change_nothing(hand, count, line_scores):
    model = read_arpa(hand(KALDI.replace("ngram 1=7", count)))
    assert line_scores(model, "wood jean") == pytest.approx([-1.0054, -0.9543, -0.5563])


def test_a_byte_order_mark_is_dropped(hand, log10_prob):
    assert log10_prob(read_arpa(hand("\ufeff" + HAND)), ["<s>"], "a") == -0.1


@pytest.mark.parametrize("zero", ["-99", "-99.0000", "-inf", "-Inf", "-1e308", "-120"])
def test_values_that_mean_probability_zero(hand, zero, log10_prob):
    model = read_arpa(hand(HAND.replace("-2.0\tb", f"{zero}\tb")))
    assert log10_prob(model, ["<s>"], "b") == -math.inf
    assert log10_prob(model, ["a"], "b") == -0.2  # a longer n-gram has a probability of its own
    assert not model.is_unknown("b")
    assert model.is_unknown("never")
    weightless = read_arpa(hand(HAND.replace("-0.25", zero)))
    assert log10_prob(weightless, ["a"], "</s>") == -math.inf


def test_a_back_off_weight_above_1_may_not_lift_a_probability_above_1(hand, log10_prob):
    """CMU's toolkit writes such weights; they are valid if the product stays at most 1."""
    model = read_arpa(hand(HAND.replace("-0.25", "1.2")))
    assert log10_prob(model, ["a"], "</s>") == pytest.approx(1.2 - 1.5)
    message = r"hand.arpa: line 7: the back-off weight of 'a' gives 'a' a probability above 1"
    with pytest.raises(CorpusError, match=message):
        log10_prob(model, ["a"], "a")
    rounded = read_arpa(hand(HAND.replace("-0.25", "1.0001")))
    assert log10_prob(rounded, ["a"], "a") == 0.0


def test_only_blanks_and_tabs_separate_fields(hand, log10_prob):
    model = read_arpa(hand(HAND.replace("\tb", "\tb\u00a0c").replace("a b", "a  b\u00a0c")))
    assert log10_prob(model, ["a"], "b\u00a0c") == -0.2
