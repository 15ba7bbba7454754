"""The best paths of lattices, against all paths of a small one, each scored by itself."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from rnnlm_cli.data.lattice import Lattice, Link
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.evaluate.lattices import LatticeDecoder, Search
from rnnlm_cli.evaluate.rescoring import score_hypotheses

EXACT = Search(beam=None, most=None, recombine=None)


def lattice_of(links, nodes, **more):
    made = [Link(*link) for link in links]
    times = more.pop("times", [float(k) for k in range(nodes)])
    return Lattice("u", times, made, 0, frozenset([nodes - 1]), **more)


@pytest.fixture
def small():
    """Words, an unknown one, silence, two ways to the same words; 24 paths."""
    rng = np.random.default_rng(5)
    links = [(0, 1, None), (0, 2, "a"), (1, 2, "b"), (1, 2, None)]
    links += [(2, 3, word) for word in ("a", "c", "zzz")] + [(2, 4, "d"), (3, 4, "e"), (3, 4, None)]
    links += [(4, 5, "f"), (4, 5, None)]
    scored = [(*link, *(-10 * rng.random(2))) for link in links]
    return lattice_of(scored, 6, acoustic_scale=0.5, language_scale=1.5, word_penalty=-0.7)


def enumerated(saved, lattice, weight):
    """All texts with the score of their best path, the best first."""
    found = {}

    def go(node, words, acoustic, language):
        if node in lattice.ends:
            ((_, log_prob),) = score_hypotheses(saved, [" ".join(words)], str)
            mixed = weight * log_prob + (1 - weight) * language
            score = lattice.acoustic_scale * acoustic + lattice.language_scale * mixed
            score += lattice.word_penalty * len(words)
            found[words] = max(found.get(words, -np.inf), score)
        for link in lattice.links_from[node]:
            more = (link.word,) if link.word else ()
            go(link.end, words + more, acoustic + link.acoustic, language + link.language)

    go(lattice.start, (), 0.0, 0.0)
    return sorted(found.items(), key=lambda pair: -pair[1])


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
def test_without_pruning_it_is_all_paths(saved, small, weight):
    paths = LatticeDecoder(saved, replace(EXACT, weight=weight)).paths(small)
    expected = enumerated(saved, small, weight)
    assert len(expected) > 15
    assert [path.words for path in paths] == [words for words, _ in expected]
    assert [path.score for path in paths] == pytest.approx([s for _, s in expected], rel=1e-12)


def test_the_parts_of_a_score_are_told(saved, small):
    for path in LatticeDecoder(saved, EXACT).paths(small):
        ((_, log_prob),) = score_hypotheses(saved, [" ".join(path.words)], str)
        assert path.log_prob == pytest.approx(log_prob)
        expected = path.acoustic + 1.5 * log_prob - 0.7 * len(path.words)
        assert path.score == pytest.approx(expected)


def test_the_scales_of_the_search_replace_those_of_the_lattice(saved, small):
    search = Search(language_scale=3.0, word_penalty=2.0)
    for path in LatticeDecoder(saved, search).paths(small):
        expected = path.acoustic + 3 * path.log_prob + 2 * len(path.words)
        assert path.score == pytest.approx(expected)


def test_pruning_keeps_what_its_limits_say(saved, small):
    """By hand: at most one hypothesis per node is a greedy walk; a beam of 0 too."""
    every = LatticeDecoder(saved, EXACT).paths(small)
    one = LatticeDecoder(saved, Search(beam=None, most=1, recombine=None)).paths(small)
    assert len(one) == 1
    assert one[0] in every
    narrow = LatticeDecoder(saved, Search(beam=1e-9, most=None, recombine=None)).paths(small)
    assert len(narrow) < len(every)
    wide = LatticeDecoder(saved, Search(beam=1e6, most=1000, recombine=6)).paths(small)
    assert wide == every


def test_hypotheses_with_the_same_last_words_become_the_best_one(saved):
    links = [(0, 1, "a", -1.0), (0, 1, "b", -2.0), (1, 2, "c"), (2, 3, "d")]
    lattice = lattice_of(links, 4)
    paths = LatticeDecoder(saved, Search(weight=0.0, recombine=2)).paths(lattice)
    assert [path.words for path in paths] == [("a", "c", "d")]
    paths = LatticeDecoder(saved, Search(weight=0.0, recombine=3)).paths(lattice)
    assert [path.words for path in paths] == [("a", "c", "d"), ("b", "c", "d")]


def test_a_hypothesis_competes_with_those_at_its_time_or_later(saved):
    """Node 1 is at 5 s and has -9; node 2, at 1 s, has -8; node 3, at 6 s, has -2.5 already."""
    links = [(0, 1, "a", -9.0), (0, 2, "b", -8.0), (0, 3, "e", -2.5), (1, 4, "c"), (2, 4, "c")]
    links += [(3, 4, "c"), (0, 1, "f", -9.5), (0, 2, "f", -8.5)]
    lattice = lattice_of(links, 5, times=[0.0, 5.0, 1.0, 6.0, 7.0])
    assert lattice.order == [0, 2, 1, 3, 4]
    for beam, kept in ((1.0, 1), (5.8, 2), (6.2, 3), (6.8, 4), (9.0, 5)):
        search = Search(weight=0.0, beam=beam, recombine=None)
        words = {path.words[0] for path in LatticeDecoder(saved, search).paths(lattice)}
        assert len(words) <= kept
    assert words == {"a", "b", "e", "f"}


def test_a_state_carries_what_was_said_before(saved, small):
    _, state = saved.next_log_probs(np.array([[3], [2]]), saved.network.initial_state(1))
    with_it = LatticeDecoder(saved, EXACT, state).paths(small)[0]
    ids = [saved.line_start(), *saved.vocabulary.ids_of(with_it.words), saved.line_start()]
    total = 0.0
    for k, following in pairwise(ids):
        log_probs, state = saved.next_log_probs(np.array([[k]]), state)
        total += log_probs[0, following]
    assert with_it.log_prob == pytest.approx(total)


def test_a_graph_without_an_order_is_refused(saved):
    with pytest.raises(CorpusError, match="u: has a cycle"):
        _ = lattice_of([(0, 1, "a"), (1, 1, "b"), (1, 2, "c")], 3).order
    with pytest.raises(CorpusError, match="u: has a cycle"):
        _ = lattice_of([(0, 1, "a"), (1, 0, "b"), (1, 2, "c")], 3).order
    with pytest.raises(CorpusError, match="u: no path leads from its start to its end"):
        _ = lattice_of([(0, 1, "a"), (2, 3, "b")], 4).order
