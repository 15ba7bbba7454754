"""Evaluations that ranks divide have the results of one process, in order."""

import numpy as np
import pytest

from rnnlm_cli.config.checkpoint import CheckpointConfig
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.config.schema import Config
from rnnlm_cli.data.texts import codec_of
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.evaluate.dealing import alone
from rnnlm_cli.evaluate.dynamic import DynamicSettings
from rnnlm_cli.evaluate.perplexity import sums_by_type
from rnnlm_cli.evaluate.rescoring import score_hypotheses
from rnnlm_cli.evaluate.stream import evaluation_blocks, score_blocks
from rnnlm_cli.evaluate.tuning import tune_cache, tune_dynamic
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.text.vocabulary import Vocabulary
from rnnlm_cli.train.blocks import shared
from rnnlm_cli.train.dealing import Dealt
from rnnlm_cli.train.parallel import Elsewhere

TOKENS = ["<unk>", "<eos>", *"abcde"]
V = len(TOKENS)
VOCABULARY = Vocabulary(TOKENS, np.ones(V, np.int64), "<unk>")


def network():
    sizes = ModelConfig(embedding_size=4, hidden_size=4)
    return Rnnlm.random(sizes, V, np.random.default_rng(1), np.float64, "blocked")


def saved():
    config = Config(
        corpus=CorpusConfig(train="text"),
        model=ModelConfig(embedding_size=4, hidden_size=4),
        checkpoint=CheckpointConfig(path="m.pkl"),
    )
    return TrainedModel(config, codec_of(config), VOCABULARY, network())


def text(tokens=90):
    ids = np.random.default_rng(2).integers(0, V, tokens).astype(np.uint8)
    return Corpus("text", ids, 0, 0)


@pytest.mark.parametrize(("ranks", "sizes"), [(2, [3, 1, 4]), (3, [5]), (4, [2]), (3, [])])
def test_each_rank_works_on_its_part_and_all_get_everything(ranks, sizes, on_threads):
    numbers = iter(range(sum(sizes)))
    given = [[next(numbers) for _ in range(size)] for size in sizes]

    def run(group):
        worked = []

        def work(items):
            worked.extend(items)
            return [10 * item for item in items]

        read = iter(given if group.leads else [])  # only rank 0 has them
        return [one for found in Dealt(group)(work, read) for one in found], worked

    found = on_threads(ranks, run)
    items = [item for batch in given for item in batch]
    assert [results for results, _ in found] == [[10 * item for item in items]] * ranks
    assert sorted(item for _, worked in found for item in worked) == items
    most, least = (f(len(worked) for _, worked in found) for f in (max, min))
    assert most - least <= len(sizes)


def test_a_file_that_rank_0_cannot_read_ends_all(on_threads):
    def read():
        yield [1, 2]
        raise CorpusError("it is not UTF-8")

    def run(group):
        try:
            list(Dealt(group)(lambda items: items, read()))
        except (CorpusError, Elsewhere) as error:
            return type(error), group.tells(error), group.is_known(error)

    told, silent = (CorpusError, "", True), (Elsewhere, None, True)
    assert on_threads(3, run) == [told, silent, silent]


def test_settings_are_tried_by_all_and_come_in_their_order(on_threads):
    grid = [DynamicSettings(rate) for rate in (0.03, 0.3, 1.0)]

    def tried(deal):
        model = network()  # dynamic evaluation changes it for a while, so each rank has its own
        cached = tune_cache(model, text(), [5, 20], [0.1, 1.0], [0.2, 0.4], deal=deal)
        return [*cached, *tune_dynamic(model, text(), grid, deal=deal)]

    one = tried(alone)
    assert len(one) == 1 + 8 + 1 + 3
    assert on_threads(3, lambda group: tried(Dealt(group))) == [one] * 3


def test_streams_are_summed_over_the_ranks(on_threads):
    blocks = evaluation_blocks(text(), 5)

    def sums(group=None):
        own = blocks if group is None else shared(blocks, group)
        found = sums_by_type(score_blocks(network(), own), VOCABULARY)
        return [found] if group is None else group.gather(found)

    ((nats, times),) = sums()
    for parts in on_threads(3, sums):
        own_nats, own_times = (sum(part) for part in zip(*parts, strict=True))
        np.testing.assert_allclose(own_nats, nats, rtol=1e-12)
        np.testing.assert_array_equal(own_times, times)
    assert times.sum() == 89


def test_hypotheses_keep_their_order_and_scores(on_threads):
    def scored(deal=alone):
        return list(score_hypotheses(saved(), lines, str, deal=deal))

    lines = ["a b c", "b", "", "c c a b", "a b", "b a a"]
    one = scored()
    assert [line for line, _ in one] == lines
    for found in on_threads(4, lambda group: scored(Dealt(group))):
        assert [line for line, _ in found] == lines
        np.testing.assert_allclose([p for _, p in found], [p for _, p in one], rtol=1e-12)
