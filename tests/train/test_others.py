"""Several ranks and one process with the same streams train the same model."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.data.lines import LineBlocks
from rnnlm_cli.data.separate_lines import SeparateLines
from rnnlm_cli.data.streams import Blocks
from rnnlm_cli.errors import TrainingError
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.nn.cpu import threads
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.train.blocks import shared
from rnnlm_cli.train.loop import Trainer
from rnnlm_cli.train.parallel import ALONE


@pytest.fixture(autouse=True, scope="module")
def one_core():
    """Ranks are threads, which share what cores there are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threads._chosen, "threads", 1)
        yield


V, END = 23, 0
IDS = np.random.default_rng(5).integers(0, V, 400).astype(np.uint8)


def blocks_of(kind, streams, steps):
    text = Corpus("text", IDS, 0, 0, given=0)
    if kind == "lines":
        return LineBlocks(text, END, streams * steps)
    if kind == "independent":
        return SeparateLines(text, END, streams, steps, seed=3)
    return Blocks(text, streams, steps)


def trainer(group, kind, streams, steps, model, training):
    config = msgspec.convert(model, ModelConfig)
    network = Rnnlm.random(config, V, np.random.default_rng(1), np.float64, "blocked")
    keys = {"max_steps": 50, "epochs": 50, "batch_size": streams, **training}
    blocks = shared(blocks_of(kind, streams, steps), group)
    return Trainer(network, blocks, msgspec.convert(keys, TrainingConfig), group=group)


def trained(group, *how):
    run = trainer(group, *how)
    losses = [event.nats_per_token for event in run.run() if hasattr(event, "nats_per_token")]
    values = {name: param.value.copy() for name, param in run.model.params.items()}
    return values, losses, run.state()


def arrays(state):
    """The arrays of a state, however nested."""
    return [a for part in state for a in (arrays(part) if isinstance(part, tuple) else [part])]


SIZES = {"embedding_size": 6, "hidden_size": 6}
DROPOUT = {"input": 0.2, "hidden": 0.3, "output": 0.2, "weight": 0.1}
ADAPTIVE = {"kind": "adaptive", "cutoffs": [6, 14], "shrink": 2}
SAMPLED = {"kind": "sampled", "samples": 9}
HOW = {
    "sgd": ("stream", SIZES, {"max_steps": 9}),
    "tied, stateless, penalties": (
        "stream",
        {**SIZES, "tie_weights": True, "activation_penalty": 0.5, "slowness_penalty": 0.5},
        {"stateful": False, "optimizer": {"kind": "momentum", "learning_rate": 0.5}},
    ),
    "dropout, two layers, adam, cosine": (
        "stream",
        {**SIZES, "layers": 2, "dropout": {**DROPOUT, "embedding": 0.1}},
        {"optimizer": {"kind": "adam"}, "schedule": {"kind": "cosine", "warmup": 5}},
    ),
    "variational, adaptive, adamw": (
        "stream",
        {
            **SIZES,
            "cell": "gru",
            "output_layer": ADAPTIVE,
            "dropout": {**DROPOUT, "variational": True},
        },
        {"optimizer": {"kind": "adamw"}, "schedule": {"kind": "linear"}},
    ),
    "sampled": ("stream", {**SIZES, "output_layer": SAMPLED}, {"clip_norm": None}),
    "sampled, tied": (
        "stream",
        {**SIZES, "output_layer": SAMPLED, "tie_weights": True},
        {"max_steps": 9},
    ),
    "frozen": ("stream", {**SIZES, "freeze": ["embedding"]}, {"max_steps": 9}),
    "bidirectional": (
        "lines",
        {**SIZES, "direction": "bidirectional", "dropout": DROPOUT, "activation_penalty": 0.5},
        {"optimizer": {"kind": "ntasgd", "learning_rate": 1.0}},
    ),
    "independent lines": (
        "independent",
        {**SIZES, "dropout": DROPOUT, "activation_penalty": 0.5, "slowness_penalty": 0.5},
        {"lines": "independent"},
    ),
}


@pytest.mark.parametrize("name", HOW)
def test_two_ranks_end_where_one_process_does(name, on_threads):
    kind, model, training = HOW[name]
    how = kind, 7, 5, model, training
    values, losses, state = trained(ALONE, *how)
    for rank_values, rank_losses, rank_state in on_threads(2, lambda g: trained(g, *how)):
        np.testing.assert_allclose(rank_losses, losses, rtol=0, atol=1e-10)
        for key, value in values.items():
            np.testing.assert_allclose(rank_values[key], value, rtol=0, atol=1e-10, err_msg=key)
        assert rank_state["rng"] == state["rng"]
        for mine, own in zip(arrays(rank_state["hidden"]), arrays(state["hidden"]), strict=True):
            np.testing.assert_allclose(mine, own, rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("name", "begun"),
    [
        ("sgd", ["output.weight", "output.bias"]),
        ("tied, stateless, penalties", ["output.bias"]),
        ("variational, adaptive, adamw", None),  # all of it
        ("sampled", []),
    ],
)
def test_the_fastest_sum_begins_with_the_output_layer(name, begun, on_threads):
    kind, model, training = HOW[name]
    how = kind, 7, 5, model, {**training, "max_steps": 6, "reduction": "fastest"}
    values, _, _ = trained(ALONE, *how)
    sizes = trainer(ALONE, *how).model.params
    early = [n for n in sizes if n.startswith("output.")] if begun is None else begun
    sums = []

    def run(group):
        real = group.begin_sum
        group.begin_sum = lambda flat: sums.append(flat.size) or real(flat)
        return trained(group, *how)[0]

    for found in on_threads(2, run):
        for key, value in values.items():
            np.testing.assert_allclose(found[key], value, rtol=0, atol=1e-10, err_msg=key)
    assert sums == [sum(sizes[n].value.size for n in early)] * (12 if early else 0)


def parts(streams, steps, dropout, kind):
    model = {**SIZES, "dropout": {**DROPOUT, "variational": dropout == "variational"}}
    return kind, streams, steps, model if dropout else SIZES, {"max_steps": 6}


@settings(max_examples=8, deadline=None)
@given(
    st.integers(2, 4),
    st.integers(4, 9),
    st.integers(1, 7),
    st.sampled_from([None, "each step", "variational"]),
    st.sampled_from(["stream", "lines", "independent"]),
)
def test_any_division_ends_where_one_process_does(on_threads, ranks, streams, steps, dropout, kind):
    how = parts(streams, steps, dropout, kind)
    if kind == "lines":
        how = kind, streams, steps, {**how[3], "direction": "bidirectional"}, how[4]
    whole, losses, _ = trained(ALONE, *how)
    for values, found, _ in on_threads(ranks, lambda g: trained(g, *how)):
        np.testing.assert_allclose(found, losses, rtol=0, atol=1e-11)
        for key, value in whole.items():
            np.testing.assert_allclose(values[key], value, rtol=0, atol=1e-11, err_msg=key)


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_the_state_of_three_ranks_is_one_for_any_number(ranks, on_threads):
    model = {**SIZES, "layers": 2, "dropout": DROPOUT}

    def steps(count):
        return "stream", 7, 5, model, {"max_steps": count, "optimizer": {"kind": "adam"}}

    whole, _, _ = trained(ALONE, *steps(12))
    weights, _, state = on_threads(3, lambda g: trained(g, *steps(5)))[0]

    def resumed(group):
        run = trainer(group, *steps(12))
        for name, param in run.model.params.items():
            param.value[...] = weights[name]
        run.restore(state, [])
        list(run.run())
        return run.model.params

    work = [resumed(ALONE)] if ranks == 1 else on_threads(ranks, resumed)
    for params in work:
        for name, param in params.items():
            np.testing.assert_allclose(param.value, whole[name], rtol=0, atol=1e-11)


def test_the_ranks_are_the_same_bit_for_bit_and_repeat(on_threads):
    how = "stream", 7, 5, {**SIZES, "dropout": DROPOUT}, {"max_steps": 8}
    first, second = (on_threads(3, lambda g: trained(g, *how)) for _ in range(2))
    for values, _, _ in [*first, *second]:
        for name, value in values.items():
            assert value.tobytes() == first[0][0][name].tobytes()


def test_weights_that_differ_are_an_error_that_names_the_rank(on_threads):
    def work(group):
        run = trainer(group, "stream", 7, 5, SIZES, {"epochs": 1})
        if group.rank == 1:
            run.model.params["output.bias"].value[3] += 1e-9
        for _ in run.run():
            pass

    with pytest.raises(TrainingError, match=r"^rank 1 \(here\): its weights are no longer"):
        on_threads(3, work)


def averaged(**training):
    return "stream", 7, 5, SIZES, {"max_steps": 12, **training}


def test_one_step_of_plain_sgd_is_that_of_one_process(on_threads):
    """The average after one step, since the limit ends it; ranks count by their targets."""
    one = {"max_steps": 1, "clip_norm": None}
    values, losses, _ = trained(ALONE, *averaged(**one))
    for found, found_losses, _ in on_threads(
        3, lambda g: trained(g, *averaged(**one, average_every=9))
    ):
        np.testing.assert_allclose(found_losses, losses, rtol=0, atol=1e-12)
        for name, value in values.items():
            np.testing.assert_allclose(found[name], value, rtol=0, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("kind", ["momentum", "adam"])
def test_stopped_at_an_average_and_resumed_it_is_the_same_bit_for_bit(kind, on_threads):
    keys = averaged(optimizer={"kind": kind}, average_every=4)

    def work(group):
        run, events = (one := trainer(group, *keys)), one.run()
        settled = []
        while run.progress.step < 8:
            next(events)
            settled.append(run.settled)
        weights = {name: param.value.copy() for name, param in run.model.params.items()}
        state = run.state()
        state = {**state, "progress": dict(state["progress"])}
        other = trainer(group, *keys)
        for name, param in other.model.params.items():
            param.value[...] = weights[name]
        other.restore(state, [])
        list(other.run())
        list(events)
        return settled, run.digest, other.digest

    found = on_threads(2, work)
    assert found[0][0] == [False, False, False, True] * 2
    assert len({digest for _, *digests in found for digest in digests}) == 1


def test_one_process_averages_nothing():
    values, _, _ = trained(ALONE, *averaged())
    for name, value in trained(ALONE, *averaged(average_every=5))[0].items():
        assert value.tobytes() == values[name].tobytes()
