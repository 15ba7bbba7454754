import gzip

import pytest

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.exchange.nbest import LONGEST, joined_lines, read_nbest
from rnnlm_cli.exchange.nbest_formats import FORMATS, Rescored
from rnnlm_cli.exchange.numerals import read_numeral
from rnnlm_cli.text.reader import read_pieces


def only(line, form):
    (hypothesis,) = read_nbest([line], form, "list")
    return hypothesis


def written(hypothesis, log10_prob, form, weight=1.0):
    return FORMATS[form].write(Rescored(hypothesis, log10_prob, weight))


def best(hypothesis, form):
    return FORMATS[form].write_best(Rescored(hypothesis, -1.0, 1.0))


def test_srilm_scores_are_kept_and_mixed():
    found = only("-5.5 -2 3 we know it\n", "srilm")
    assert (found.text, found.fixed, found.old) == ("we know it", -5.5, -2.0)
    assert Rescored(found, -4.0, 0.25).score == pytest.approx(-5.5 - 1.5 - 1.0)
    assert written(found, -2.5, "srilm") == "-8.000000"
    assert best(found, "srilm") == "we know it"


def test_kaldi_hypotheses_belong_to_an_utterance_and_have_costs():
    found = only("spk-utt-12 we know", "kaldi")
    assert (found.id, found.group, found.text) == ("spk-utt-12", "spk-utt", "we know")
    assert written(found, -2.0, "kaldi") == "spk-utt-12 4.605170"
    assert best(found, "kaldi") == "spk-utt-12 we know"
    assert only("utt", "kaldi").text == ""
    assert best(only("utt", "kaldi"), "kaldi") == "utt"


def test_plain_lists_have_a_number():
    found = only("1 WE KNOW", "plain")
    assert (found.id, found.group, found.text) == ("1", "1", "WE KNOW")
    assert best(found, "plain") == "1 WE KNOW"
    assert only("1 WE KNOW", None) == found


MOSES = "0 ||| we know  it .  ||| d: 0 -5.5 lm: -36.1 w: -7 ||| -4.605170186 ||| 0-0 1-1"


def test_moses_lines_get_a_feature_and_a_new_sum():
    """ln p = 2 x -2.302585 is the feature; half of it is added to -4.605170."""
    found = only(MOSES, "moses")
    assert (found.id, found.group, found.text) == ("0", "0", "we know  it .")
    line = written(found, -2.0, "moses", 0.5)
    assert line == (
        "0 ||| we know  it . ||| d: 0 -5.5 lm: -36.1 w: -7 rnnlm= -4.605170 ||| -6.907755 "
        "||| 0-0 1-1"
    )
    again = only(line, "moses")
    assert (again.text, again.fixed) == (found.text, pytest.approx(-3.0))
    assert " rnnlm= -4.605170 rnnlm2= -2.302585 ||| -9.210340 |||" in written(again, -1.0, "moses")


def test_moses_fields_may_be_empty():
    found = only("3 |||  |||  ||| -1", "moses")
    assert (found.text, found.rest) == ("", ("",))
    assert written(found, 0.0, "moses") == "3 |||  ||| rnnlm= 0.000000 ||| -1.000000"
    assert only("3 ||| a|||b ||| ||| -1", "moses").text == "a|||b"


@pytest.mark.parametrize("form", ["plain", "kaldi"])
@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("x The  people", "The  people"),
        ("x\tThe  people", "The  people"),
        ("  x   The ", "  The "),
        ("x The\u00a0people\n", "The\u00a0people"),
        ("x", ""),
    ],
)
def test_blanks_of_a_hypothesis_are_kept(form, line, text):
    assert only(line, form).text == text


def test_blanks_of_a_hypothesis_are_kept_after_scores():
    assert only(" -1  -2\t3 The  people ", "srilm").text == "The  people "


@pytest.mark.parametrize(
    ("line", "form", "message"),
    [
        ("-5 -2", "srilm", "there are fewer than 3 fields"),
        ("a b 3 x", "srilm", "'a' is not a number"),
        ("nan 0 1 x", "srilm", "'nan' is not a number"),
        ("-1 -inf 1 x", "srilm", "'-inf' is not a number"),
        ("1_000 0 1 x", "srilm", "'1_000' is not a number"),
        ("-1e400 0 1 x", "srilm", "'-1e400' is not a number"),
        ("0 -1e300 1 x", "srilm", "'-1e300' is not a score; it must be from -1e12 to 1e12"),
        ("0 0 1_0 x", "srilm", "'1_0' is not a number of words"),
        ("0 0 -1 x", "srilm", "'-1' is not a number of words"),
        ("0 we know", "moses", "there are not four fields"),
        ("0 ||| we know ||| f= 1", "moses", "there are not four fields"),
        ("||| we know ||| f= 1 ||| 2", "moses", "there are not four fields"),
        ("0 ||| we know ||| f= 1 ||| nan", "moses", "'nan' is not a number"),
    ],
)
def test_a_line_of_another_form_is_named(line, form, message):
    fine = {"srilm": "-1 -1 1 fine", "moses": "0 ||| a ||| f= 1 ||| 2"}
    with pytest.raises(CorpusError, match=r"list: line 2: .* is not of the form") as caught:
        list(read_nbest([fine[form], line], form, "list"))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("0 ||| wood jean ||| f= 1 ||| 2", "of the format moses; add format moses"),
        ("-10 -20 2 wood jean", "of the format srilm; add format srilm"),
        ("1.5 20 2 wood jean", "of the format srilm; add format srilm"),
        ("NBestList1.0", "begins a list of Decipher's format"),
    ],
)
def test_another_format_is_recognized_if_none_is_named(line, remedy):
    with pytest.raises(CorpusError, match="list: line 2: ") as caught:
        list(read_nbest(["", line], None, "list"))
    assert remedy in str(caught.value)
    assert list(read_nbest([line], "plain", "list"))


@pytest.mark.parametrize("line", ["1 2 3 go", "1 20 2 wood jean", "-1 minus one", "1 a ||| b"])
def test_a_plain_line_is_not_taken_for_another_format(line):
    assert only(line, None).id == line.split()[0]


def test_blank_lines_are_skipped_and_an_empty_list_is_refused():
    assert len(list(read_nbest(["1 a", "", " \n", "2 b"], "plain", "list"))) == 2
    with pytest.raises(CorpusError, match="holds no hypothesis"):
        list(read_nbest(["\n"], "plain", "list"))


def test_a_line_has_a_maximum_length(tmp_path):
    path = tmp_path / "list.gz"
    path.write_bytes(gzip.compress(b"1 a\n2 " + b"a " * LONGEST))
    lines = joined_lines(read_pieces(str(path)), str(path))
    assert next(lines) == "1 a\n"
    with pytest.raises(CorpusError, match=r"list.gz: line 2: is longer than 1,048,576 characters"):
        next(lines)


def test_a_field_of_many_digits_is_refused_fast():
    """It took time with the square of the digits: hours for these."""
    with pytest.raises(ValueError, match="is not a number"):
        read_numeral("1" * 1_000_000 + "x")
    with pytest.raises(ValueError, match="is not a number"):
        read_numeral("1." + "1" * 1_000_000 + "x")


def test_the_name_of_a_feature_is_found_fast_among_many():
    names = ["rnnlm=", *(f"rnnlm{k}=" for k in range(2, 60_000))]
    line = f"0 ||| you say ||| {' '.join(names)} ||| -5"
    own = FORMATS["moses"].read(1, line)
    assert " rnnlm60000= -2.302585 ||| " in FORMATS["moses"].write(Rescored(own, -1.0, 1.0))
