"""How far a model looks back, of models that look back as far as is known."""

import numpy as np
import pytest

from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.evaluate.stream import score_stream
from rnnlm_cli.learned.memory import Distance, Memory, distances_up_to, measure_memory, steps_of


@pytest.fixture
def text(make, corpus_of):
    draws = np.random.default_rng(0).choice(list("abcd"), (40, 5))
    return corpus_of(make(), "\n".join(map(" ".join, draws.tolist())) + "\n")


def test_a_network_without_recurrence_sees_the_last_token_alone(make, text):
    model = make(cell="rnn")
    model.network.params["layer0.weight_hh"].value[...] = 0
    found = measure_memory(model, text, 10, 50, np.random.default_rng(0))
    assert [one.tokens for one in found.distances] == [1, 2, 5, 10]
    assert all(abs(one.truncated) + abs(one.shuffled) < 1e-12 for one in found.distances)
    assert (found.looks_back, found.order_matters) == (1, 1)


def test_losses_are_those_of_the_texts_that_are_left(make, text):
    model, context = make(), 8
    read = []
    found = measure_memory(model, text, context, 20, np.random.default_rng(0), read.append)
    places = np.unique(np.linspace(context, len(text) - 1, 20).astype(int))
    ids = np.asarray(text.ids)

    def nats(n):
        state = model.network.initial_state(1)
        scores = [score_stream(model.network, ids[t - n : t + 1], state)[0][-1] for t in places]
        return -np.array(scores)

    whole = nats(context)
    assert (found.targets, found.nats) == (len(places), pytest.approx(whole.mean()))
    for one in found.distances:
        added = nats(one.tokens) - whole
        assert one.truncated == pytest.approx(added.mean(), abs=1e-9)
        error = added.std(ddof=1) / np.sqrt(len(places))
        assert one.truncated_error == pytest.approx(error, abs=1e-9)
    assert found.distances[0].shuffled != 0
    assert sum(read) == steps_of(context)


def test_the_distances_are_round_and_end_with_the_context():
    assert distances_up_to(200) == [1, 2, 5, 10, 20, 50, 100, 200]
    assert distances_up_to(20) == [1, 2, 5, 10, 20]
    assert distances_up_to(2) == [1, 2]


def test_it_looks_back_to_where_every_longer_context_is_as_good():
    def found(*added):
        ends = [Distance(n, x, 0, 0, 0) for n, x in zip((1, 2, 5), added, strict=True)]
        return Memory(10, 9, 2.0, [*ends, Distance(10, 0, 0, 0, 0)]).looks_back

    assert found(0.5, 0.01, 0.01) == 2
    assert found(0.01, 0.5, 0.01) == 5
    assert found(0.5, 0.5, 0.5) == 10


def test_what_has_no_memory_beyond_a_line_and_short_texts_are_refused(make, text):
    with pytest.raises(UsageError, match="reads each line by itself"):
        measure_memory(make(lines="independent"), text, 5, 5, np.random.default_rng(0))
    with pytest.raises(CorpusError, match="240 tokens are too few for a context of 300"):
        measure_memory(make(), text, 300, 5, np.random.default_rng(0))
