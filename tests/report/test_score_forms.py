"""The exact output of KenLM and SRILM, and that their readers find the same figures."""

import math
import re

import pytest

from rnnlm_cli.evaluate.line_scores import Token, Totals
from rnnlm_cli.report.score_forms import REPORTS

LINES = [
    [
        Token("a", 5, -0.51, 1, "<s>"),
        Token("zzz", 0, -1.99, 2, "a"),
        Token("<eos>", 2, -1.03, 3, "<unk>", True),
    ],
    [Token("<eos>", 2, -0.25, 1, "<s>", True)],
]


def printed(form, part):
    report, totals, out = REPORTS[form], Totals(), []
    for tokens in LINES:
        own = Totals()
        own.add(tokens)
        totals.add(tokens)
        text = " ".join(token.text for token in tokens[:-1])
        out.append(getattr(report, part)(text, tokens, own))
    return "\n".join([*out, report.end(totals)])


def test_kenlm_words():
    lines = printed("kenlm", "words").split("\n")
    assert lines[0] == "a=5 2 -0.51\tzzz=0 3 -1.99\t</s>=2 4 -1.03\tTotal: -3.53 OOV: 1"
    assert lines[1] == "</s>=2 2 -0.25\tTotal: -0.25 OOV: 0"


@pytest.mark.parametrize("part", ["words", "line"])
def test_a_reader_of_kenlm_finds_the_same(part):
    text = printed("kenlm", part)
    totals = [float(value) for value in re.findall(r"Total: (\S+) OOV", text)]
    values = dict(re.findall(r"^([\w ]+):\t(\S+)$", text, re.MULTILINE))
    assert sum(totals) == pytest.approx(-3.78)
    assert float(values["Perplexity including OOVs"]) == pytest.approx(10 ** (3.78 / 4))
    assert float(values["Perplexity excluding OOVs"]) == pytest.approx(10 ** (1.79 / 3))
    assert (values["OOVs"], values["Tokens"]) == ("1", "4")


def test_srilm_words():
    lines = printed("srilm", "words").split("\n")
    assert lines[0] == "a zzz"
    assert lines[1] == "\tp( a | <s> ) \t= [2gram] 0.30903 [ -0.51 ]"
    assert lines[2] == "\tp( <unk> | a ... ) \t= [OOV] 0 [ -inf ]"
    assert lines[4] == "1 sentences, 2 words, 1 OOVs"


@pytest.mark.parametrize("part", ["words", "line"])
def test_a_reader_of_srilm_finds_the_same(part):
    text = printed("srilm", part)
    sentences, words, oovs = map(
        int, re.search(r"file -: (\d+) sentences, (\d+) words, (\d+) OOVs", text).groups()
    )
    last = re.findall(r"(\d+) zeroprobs, logprob= (\S+) ppl= (\S+) ppl1= (\S+)", text)[-1]
    zeroprobs, logprob, ppl, ppl1 = map(float, last)
    assert (sentences, words, oovs, zeroprobs) == (2, 2, 1, 0)
    assert logprob == pytest.approx(-1.79)
    assert ppl == pytest.approx(10 ** (-logprob / (words - oovs - zeroprobs + sentences)))
    assert ppl1 == pytest.approx(10 ** (-logprob / (words - oovs - zeroprobs)))
    if part == "words":
        probs = re.findall(r"\[\d+gram\] (\S+) \[ (\S+) \]", text)
        assert sum(float(log) for _, log in probs) == pytest.approx(-1.79)
        assert all(math.log10(float(p)) == pytest.approx(float(log), abs=1e-5) for p, log in probs)


def test_a_text_without_a_known_word_has_no_perplexity():
    totals = Totals()
    assert math.isnan(float(re.search(r"ppl= (\S+)", REPORTS["srilm"].end(totals))[1]))


def test_a_word_that_looks_like_an_end_of_line_is_not_one():
    totals = Totals()
    totals.add([Token("</s>", 0, -1.0, 1, "<s>"), Token("<eos>", 2, -1.0, 2, "<unk>", True)])
    assert (totals.words, totals.ends, totals.unknown) == (1, 1, 1)
    assert Token(" ", 3, -1.0, 1, "<s>").name == "<space>"


@pytest.mark.parametrize(
    ("log_probs", "including", "excluding"),
    [
        ([-math.inf, -math.inf], math.inf, math.inf),
        ([-1e308, -1e308, -1e308], math.inf, math.inf),
        ([-math.inf, -1.0], math.inf, 10.0),
        ([-1.0, -math.inf], math.inf, math.inf),
        ([-1e308, -2.0], math.inf, 100.0),
        ([-610.0, -610.0], math.inf, math.inf),
        ([-305.0, -305.0], 1e305, 1e305),
    ],
)
def test_absurd_scores_are_infinite_and_never_nan(log_probs, including, excluding):
    """The first token is unknown, the others are known."""
    totals = Totals()
    tokens = [Token("a", k, log_prob, 1, "<s>") for k, log_prob in enumerate(log_probs)]
    totals.add(tokens)
    values = dict(re.findall(r"^([\w ]+):\t(\S+)$", REPORTS["kenlm"].end(totals), re.MULTILINE))
    assert float(values["Perplexity including OOVs"]) == pytest.approx(including)
    assert float(values["Perplexity excluding OOVs"]) == pytest.approx(excluding)
    assert f"ppl= {excluding:.10g}" in REPORTS["srilm"].end(totals)
    for report in REPORTS.values():
        for text in (report.words("a", tokens, totals), report.line("a", tokens, totals)):
            assert "nan" not in text
