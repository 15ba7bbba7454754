import pytest

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.exchange.nbest import FORMATS, read_nbest, words_line


def only(line, form):
    (hypothesis,) = read_nbest([line], form, "list")
    return hypothesis


def test_srilm_scores_are_kept_and_mixed():
    found = only("-5.5 -2 3 we know it\n", "srilm")
    assert (found.words, found.fixed, found.old) == (["we", "know", "it"], -5.5, -2.0)
    assert found.combined(-4.0, 0.25) == pytest.approx(-5.5 - 1.5 - 1.0)
    assert FORMATS["srilm"].write(found, -8.0) == "-8.000000"
    assert words_line(found) == "we know it"


def test_kaldi_hypotheses_belong_to_an_utterance_and_have_costs():
    found = only("spk-utt-12 we know", "kaldi")
    assert (found.id, found.group, found.words) == ("spk-utt-12", "spk-utt", ["we", "know"])
    assert FORMATS["kaldi"].write(found, -2.0) == "spk-utt-12 4.605170"
    assert only("utt", "kaldi").words == []


def test_plain_lists_have_a_number():
    found = only("1 WE KNOW", "plain")
    assert (found.id, found.group, found.words) == ("1", "1", ["WE", "KNOW"])
    assert words_line(found) == "1 WE KNOW"


@pytest.mark.parametrize(
    ("line", "form"),
    [
        ("-5 -2", "srilm"),
        ("a b 3 x", "srilm"),
        ("nan 0 1 x", "srilm"),
    ],
)
def test_a_line_of_another_form_is_named(line, form):
    with pytest.raises(CorpusError, match=r"list: line 2: .* is not of the form"):
        list(read_nbest(["-1 -1 1 fine", line], form, "list"))


def test_blank_lines_are_passed_over_and_a_list_holds_something():
    assert len(list(read_nbest(["1 a", "", " \n", "2 b"], "plain", "list"))) == 2
    with pytest.raises(CorpusError, match="holds no hypothesis"):
        list(read_nbest(["\n"], "plain", "list"))
