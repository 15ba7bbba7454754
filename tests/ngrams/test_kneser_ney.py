"""Kneser-Ney estimates, against those of KenLM's ``lmplz``."""

from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.errors import UsageError
from rnnlm_cli.exchange.arpa import read_arpa
from rnnlm_cli.exchange.arpa_writer import write_arpa
from rnnlm_cli.ngrams.kneser_ney import FALLBACK, estimate

GOLDENS = Path(__file__).parents[1] / "goldens"
END, UNKNOWN = 0, 1


def numbered(lines):
    index = {"</s>": END, "<unk>": UNKNOWN}
    words = [word for line in lines for word in [*line.split(), "</s>"]]
    return np.array([index.setdefault(word, len(index)) for word in words]), [*index, "<s>"]


@pytest.fixture(scope="module")
def lines():
    return (GOLDENS / "kneser-ney.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("golden", "lines_read", "prune", "estimated"),
    [
        ("kneser-ney", None, (), [True] * 3),
        ("kneser-ney-pruned", None, (0, 0, 1), [True] * 4),
        ("kneser-ney-fallback", 6, (), [False, True, False]),
    ],
)
def test_it_estimates_and_writes_what_lmplz_does(
    tmp_path, arpa_entries, lines, golden, lines_read, prune, estimated
):
    """The files are from tests/goldens/make_kneser_ney_goldens.py."""
    ids, names = numbered(lines[:lines_read])
    found = estimate(ids, END, len(names) - 1, len(estimated), prune)
    assert [d.estimated for d in found.discounts] == estimated
    write_arpa(tmp_path / "ours.arpa", found.model, names)
    files = tmp_path / "ours.arpa", GOLDENS / f"{golden}.arpa"
    ours, theirs = (arpa_entries(read_arpa(str(path))) for path in files)
    assert ours.keys() == theirs.keys()
    a, b = (np.array([one[ngram] for ngram in theirs]) for one in (ours, theirs))
    np.testing.assert_allclose(a, b, atol=2e-6)


@pytest.mark.parametrize("prune", [(), (0, 1)])
@pytest.mark.parametrize("line_end", [END, None])
def test_probabilities_sum_to_1_after_every_history(prune, line_end):
    """Also where the unknown word is in the text, and a word is not."""
    ids = np.random.default_rng(3).choice(6, 400, p=[0.2, 0.2, 0.3, 0.2, 0.06, 0.04])
    model = estimate(ids, line_end, 7, 3, prune).model
    for history in ([], [2], [END], [3, 1], [5, 4], [4, 4, 5, 6]):
        scores = [model.log_probs(np.array([*history, k]), line_end)[-1] for k in range(7)]
        assert sum(10.0 ** np.array(scores)) == pytest.approx(1)


def test_a_text_is_scored_as_its_file_scores_it(tmp_path, lines, log10_prob):
    ids, names = numbered(lines[:100])
    model = estimate(ids, END, len(names) - 1, 4, (0, 0, 1)).model
    write_arpa(tmp_path / "m.arpa.gz", model, names)
    read = read_arpa(str(tmp_path / "m.arpa.gz"))
    held_out = [word for line in lines[100:] for word in [*line.split(), "</s>"]]
    known = [names.index(word) if word in names else UNKNOWN for word in held_out]
    history, expected = ["<s>"], []
    for word in held_out:
        expected.append(log10_prob(read, history, word))
        history = ["<s>"] if word == "</s>" else [*history, word]
    np.testing.assert_allclose(model.log_probs(np.array(known), END), expected, atol=1e-5)


def test_a_text_without_rare_ngrams_has_fallback_discounts():
    found = estimate(np.array([2, 3, END] * 5), END, 4, 2)
    assert [(d.amounts, d.estimated) for d in found.discounts] == [(FALLBACK, False)] * 2


@pytest.mark.parametrize(
    ("order", "prune", "message"),
    [
        (0, (), "order: 0 is not a whole number from 1 to 20"),
        (2, (0, -1), "prune: -1 is not a whole number"),
        (2, (1,), "prune 1: the first number drops words of the vocabulary; make it 0"),
        (3, (0, 2, 1), "prune 0 2 1: a smaller number follows a larger one; sort them"),
        (2, (0, 1, 1), "prune 0 1 1: 3 numbers for n-grams of at most 2 words; give at most 2"),
    ],
)
def test_arguments_are_checked(order, prune, message):
    with pytest.raises(UsageError, match=message):
        estimate(np.array([2, END]), END, 3, order, prune)
