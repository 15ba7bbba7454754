"""Texts that come and go are those that each would be alone."""

import msgspec
import numpy as np
import pytest

from rnnlm_cli.config.checkpoint import CheckpointConfig
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.config.schema import Config
from rnnlm_cli.data.texts import codec_of
from rnnlm_cli.evaluate.stream import score_stream
from rnnlm_cli.generate import continuations
from rnnlm_cli.generate.beginning import Beginning, likeliest
from rnnlm_cli.generate.filters import Filters
from rnnlm_cli.generate.start import before_start
from rnnlm_cli.generate.text import generate
from rnnlm_cli.generate.together import START_TOKENS, Together
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.vocabulary import Vocabulary

TOKENS = ["you", "say", "goodbye", "hello", "<eos>", "<unk>"]


@pytest.fixture(params=["lstm", "lines"])
def model(request):
    config = Config(
        corpus=CorpusConfig(train="a.txt"),
        model=ModelConfig(cell="lstm", embedding_size=4, hidden_size=5, layers=2),
        checkpoint=CheckpointConfig(path="a.pkl"),
    )
    if request.param == "lines":
        training = msgspec.structs.replace(config.training, lines="independent")
        config = msgspec.structs.replace(config, training=training)
    network = Rnnlm.random(config.model, 6, np.random.default_rng(1), np.float64)
    for param in network.params.values():
        param.value[...] *= 3
    vocabulary = Vocabulary(TOKENS, np.ones(6, np.int64), "<unk>")
    return TrainedModel(config, codec_of(config), vocabulary, network)


def begun(model, start, top=None, part=START_TOKENS):
    ids = model.vocabulary.ids_of(start).tolist()
    return Beginning(model, ids, before_start(model, start), top, part)


def alone(model, start, seed, length, filters):
    *_, (sample,) = generate(model, start, length, [seed], filters.in_order())
    return sample.tokens[len(start) :], sample.log_probs


WANTED = [  # in which step it comes, its start, its seed, its length, its filters
    (0, ["you"], 1, 9, Filters()),
    (0, ["you", "say"] * 80, 2, 4, Filters(temperature=0.5)),
    (1, [], 3, 12, Filters(skip=(5,), top_k=3)),
    (1, ["hello"], 4, 12, Filters(skip=(5,), top_k=3)),
    (4, ["say", "<eos>", "you"], 5, 6, Filters(no_repeat_ngram=2, repetition_penalty=1.3)),
    (6, ["you"], 1, 9, Filters()),
    (20, ["goodbye"], 9, 2, Filters(temperature=0)),
]


@pytest.mark.parametrize("most", [2, 99])
def test_a_text_is_what_it_would_be_alone(model, most, monkeypatch):
    monkeypatch.setattr(continuations, "ELEMENTS", 18)  # three texts at a time
    together, found, step = Together(model, most), {}, 0
    wanted = dict(enumerate(WANTED))
    texts = {}
    while wanted or together:
        for k, (when, start, seed, _, filters) in list(wanted.items()):
            if when <= step:
                del wanted[k]
                (text,) = together.join(begun(model, start), [seed], filters, top=k % 3)
                texts[text] = k
                found[k] = []
        for drawn in together.step():
            k = texts[drawn.text]
            found[k].append(drawn)
            assert len(drawn.likeliest) == k % 3
            if len(found[k]) == WANTED[k][3]:
                together.leave([drawn.text])
        assert together.written <= most
        step += 1
    for k, (_, start, seed, length, filters) in enumerate(WANTED):
        tokens, log_probs = alone(model, start, seed, length, filters)
        assert [TOKENS[drawn.id] for drawn in found[k]] == tokens, k
        np.testing.assert_allclose([drawn.log_prob for drawn in found[k]], log_probs)


def test_samples_of_one_start_share_its_reading(model):
    together, beginning = Together(model), begun(model, ["you", "say"])
    texts = together.join(beginning, [7, 8, 9], Filters())
    drawn = [together.step() for _ in range(5)]
    for k, text in enumerate(texts):
        own = [one.id for step in drawn for one in step if one.text is text]
        tokens, _ = alone(model, ["you", "say"], 7 + k, 5, Filters())
        assert [TOKENS[k] for k in own] == tokens


def test_a_long_start_delays_no_other_text(model):
    together = Together(model)
    (short,) = together.join(begun(model, ["you"]), [1], Filters())
    together.step()
    (long,) = together.join(begun(model, ["say"] * (5 * START_TOKENS)), [1], Filters())
    (late,) = together.join(begun(model, ["hello"]), [1], Filters())
    steps = [{one.text for one in together.step()} for _ in range(7)]
    assert all(short in step for step in steps)
    assert [late in step for step in steps].index(True) <= 1
    assert [long in step for step in steps].index(True) >= 4


def test_who_leaves_before_its_turn_is_not_written(model):
    together = Together(model, most=1)
    first, second = (together.join(begun(model, ["you"]), [1], Filters())[0] for _ in range(2))
    (unread,) = together.join(begun(model, ["say"] * 300), [1], Filters())
    assert [one.text for one in together.step()] == [first]
    assert together.waiting == 2
    together.leave([second, unread])
    assert [one.text for one in together.step()] == [first]
    together.leave([first])
    assert not together
    assert together.step() == []


@pytest.mark.parametrize("part", [2, 100])
def test_a_start_is_scored_as_a_stream_is(model, part):
    start = ["you", "say", "goodbye", "<eos>", "hello", "you"]
    beginning = begun(model, start, top=2, part=part).read_all()
    ids = model.vocabulary.ids_of(start)
    assert [score.id for score in beginning.scores] == ids.tolist()
    values = [score.log_prob for score in beginning.scores]
    if not model.begins_each_line:
        assert values.pop(0) is None
        expected, _ = score_stream(model.network, ids, model.network.initial_state(1))
        np.testing.assert_allclose(values, expected)
    else:  # after the end of a line the state is zero, as before the text
        line = begun(model, ["hello", "you"], top=0).read_all()
        np.testing.assert_allclose(values[4:], [score.log_prob for score in line.scores])
    np.testing.assert_allclose(begun(model, start).read_all().log_probs, beginning.log_probs)
    for score in beginning.scores[1:]:
        assert len(score.likeliest) == 2
        assert score.likeliest[0][1] >= score.likeliest[1][1]
        assert (score.id, score.log_prob) in score.likeliest or score.log_prob <= (
            score.likeliest[1][1]
        )


def test_the_likeliest_of_equals_is_the_first():
    log_probs = np.log([[0.2, 0.3, 0.3, 0.2], [0.25, 0.25, 0.25, 0.25]])
    assert [[k for k, _ in row] for row in likeliest(log_probs, 3)] == [[1, 2, 0], [0, 1, 2]]
    assert [[k for k, _ in row] for row in likeliest(log_probs, 9)][1] == [0, 1, 2, 3]
    assert likeliest(log_probs, 0) == [[], []]
