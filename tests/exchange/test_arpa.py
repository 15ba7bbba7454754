import gzip
import json
from pathlib import Path

import pytest

from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.exchange.arpa import BEGIN, END, read_arpa

GOLDENS = Path(__file__).parents[1] / "goldens"
ARPA = GOLDENS / "random.arpa"


def line_scores(model, sentence):
    history, found = [BEGIN], []
    for word in [*sentence.split(), END]:
        found.append(model.log10_prob(history, word))
        history.append(word)
    return found


def test_it_scores_as_kenlm_does():
    """The values are those of the kenlm package, from tests/goldens/make_arpa_goldens.py."""
    model = read_arpa(str(ARPA))
    golden = json.loads((GOLDENS / "kenlm.json").read_text(encoding="utf-8"))
    assert model.order == 4
    assert len(golden) == 60
    for one in golden:
        assert line_scores(model, one["sentence"]) == pytest.approx(one["log10"], abs=1e-5)


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


def test_a_case_by_hand(hand):
    model = read_arpa(hand(HAND))
    assert model.log10_prob(["<s>"], "a") == -0.1
    assert model.log10_prob(["x", "a"], "b") == -0.2
    assert model.log10_prob(["<s>"], "b") == pytest.approx(-0.5 - 2.0)
    assert model.log10_prob(["b"], "a") == -1.0  # no back-off weight is one of 0
    assert model.log10_prob([], "a") == -1.0
    assert model.log10_prob(["a"], "never") == pytest.approx(-0.25 - 100)
    assert "a" in model
    assert "never" not in model


def test_windows_line_ends_and_gzip(hand, tmp_path):
    for text in (HAND.replace("\n", "\r\n"), "a preface\n" + HAND):
        assert read_arpa(hand(text)).order == 2
    packed = tmp_path / "hand.arpa.gz"
    packed.write_bytes(gzip.compress(HAND.encode()))
    assert read_arpa(str(packed)).log10_prob(["<s>"], "a") == -0.1
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(CorpusError, match="no sound ARPA file"):
        read_arpa(str(packed))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ngram 2=2", "ngram 2=3", "there are 2 2-grams"),
        ("ngram 1=4\n", "", "do not go from 1 up"),
        ("-0.2\ta b", "-0.2\ta", "line 13: '-0.2"),
        ("-2.0\tb", "x\tb", "line 8: 'x' is no log-probability"),
        ("-2.0\tb", "nan\tb", "is no log-probability"),
        ("-2.0\tb", "inf\tb", "is no log-probability"),
        ("-2.0\tb", "2.5\tb", "is no log-probability"),
        ("\\2-grams:", "\\3-grams:", "instead of"),
        ("\\end\\", "", "the file ends before"),
        ("\\data\\", "", "the file ends before"),
        ("\\end\\", "\\over\\", "instead of"),
    ],
)
def test_damage_is_named_with_its_line(hand, old, new, message):
    assert old in HAND
    with pytest.raises(CorpusError) as caught:
        read_arpa(hand(HAND.replace(old, new)))
    assert message in str(caught.value)
    assert "hand.arpa: line" in str(caught.value)


def test_what_is_no_file_and_what_is_no_text(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        read_arpa(str(tmp_path / "none.arpa"))
    with pytest.raises(UsageError, match="Is a directory"):
        read_arpa(str(tmp_path))
    with pytest.raises(UsageError, match="null byte"):
        read_arpa("a\0b")
    path = tmp_path / "noise.arpa"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(CorpusError, match="no sound ARPA file"):
        read_arpa(str(path))


def test_only_blanks_and_tabs_cut_a_line(hand):
    model = read_arpa(hand(HAND.replace("\tb", "\tb\u00a0c").replace("a b", "a  b\u00a0c")))
    assert model.log10_prob(["a"], "b\u00a0c") == -0.2
