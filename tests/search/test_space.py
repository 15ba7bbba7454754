"""What is searched: how it is written, and what is refused before the first trial."""

import doctest
import json

import pytest

from rnnlm_cli.config import config_from_plain, config_to_plain
from rnnlm_cli.errors import UsageError
from rnnlm_cli.report import search as report
from rnnlm_cli.search import axis as axes
from rnnlm_cli.search import space as spaces
from rnnlm_cli.search import suggest
from rnnlm_cli.search.axis import axis_of
from rnnlm_cli.search.space import Space, override_of

BASE = config_to_plain(
    config_from_plain({"corpus": {"train": "a.txt", "valid": 0.1}, "checkpoint": {"path": "a.pkl"}})
)
RATE = "training.optimizer.learning_rate"


@pytest.mark.parametrize("module", [axes, spaces, suggest, report])
def test_the_examples(module):
    result = doctest.testmod(module)
    assert (result.attempted > 0, result.failed) == (True, 0)


def axis(written):
    return axis_of(written, "search")


def space(*written):
    return Space([axis(one) for one in written], BASE)


@pytest.mark.parametrize(
    ("written", "low", "high", "log", "step", "whole"),
    [
        (f"{RATE}=log:1e-4..1e-1", 1e-4, 0.1, True, None, False),
        (f"{RATE}=0.5..20", 0.5, 20, False, None, False),
        (f"{RATE}=.5..1.5", 0.5, 1.5, False, None, False),
        ("model.hidden_size = 64 .. 1_024", 64, 1024, False, None, True),
        ("model.hidden_size=log:64..1024", 64, 1024, True, None, True),
        ("model.hidden_size=64..500/64", 64, 448, False, 64, True),
        ("training.clip_norm=0.1..0.35/0.1", 0.1, 0.3, False, 0.1, False),
    ],
)
def test_a_range(written, low, high, log, step, whole):
    found = axis(written)
    assert found.is_range
    assert (found.log, found.step, found.whole) == (log, step, whole)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.ends == pytest.approx((low, high))


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("model.hidden_size=128,256", (128, 256)),
        ("model.cell=lstm, gru", ("lstm", "gru")),
        ("training.clip_norm=null,0.25", (None, 0.25)),
        ("training.stateful=true,false", (True, False)),
        ("training.init_from=../a.pkl,../b.pkl", ("../a.pkl", "../b.pkl")),
        ("model.freeze=[embedding],[]", (["embedding"], [])),
        ("training.optimizer={kind: adam},{kind: sgd}", ({"kind": "adam"}, {"kind": "sgd"})),
        ("training.clip_norm=0.1..0.35/0.1", (0.1, 0.2, 0.3)),
    ],
)
def test_a_list(written, values):
    assert axis(written).values == values


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("model.hidden_size", "expected KEY=VALUES, such as model.hidden_size=128,256"),
        ("model.hidden_size=", "expected KEY=VALUES"),
        ("model.hidden_size=,", "correct the YAML"),
        ("model.hidden_size=[1", "correct the YAML"),
        ("model.hidden_size=8,16,8", "8 is given twice"),
        ("model.hidden_size=8..16.5", "takes whole numbers"),
        ("model.hidden_size=16..16", "the first number must be below the last"),
        ("model.hidden_size=8..16/9", "the step must be above 0 and at most 8"),
        ("model.hidden_size=log:8..16/2", "has no steps"),
        (f"{RATE}=log:0..1", "begins above 0"),
        (f"{RATE}=log:1", "expected a range, such as log:1e-4..1e-1"),
        (f"{RATE}=0..1/1e-9", "1,000,000,001 steps, and at most 10,000"),
        ("model.cell=1..2", "model.cell takes no number"),
        ("corpus.unit=word,char", "changes what is predicted"),
        ("corpus={}", "changes what is predicted"),
        ("checkpoint.path=a,b", "each trial has files of its own"),
        ("model.direction=forward", "changes the measure"),
    ],
)
def test_what_is_refused(written, message):
    with pytest.raises(UsageError, match="search ") as found:
        axis(written)
    assert message in str(found.value)


def test_subwords_are_the_part_of_the_text_that_is_searched():
    assert axis("corpus.subword.size=300,500").values == (300, 500)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (["model.layers=1", "model.layers=2"], "model.layers: is given twice"),
        ([f"{RATE}=1,2", "training.optimizer={kind: sgd}"], "belongs to training.optimizer"),
    ],
)
def test_two_axes_do_not_overlap(written, message):
    with pytest.raises(UsageError, match=message):
        space(*written)


def test_a_key_of_one_kind_is_drawn_in_trials_of_that_kind():
    one = space("training.optimizer.momentum=0.5,0.9", "training.optimizer.kind=sgd,momentum")
    kind, momentum = "training.optimizer.kind", "training.optimizer.momentum"
    assert one.combinations == [
        {kind: "sgd"},
        {kind: "momentum", momentum: 0.5},
        {kind: "momentum", momentum: 0.9},
    ]
    assert space(f"{momentum}=0.5,0.9").combinations == [{}]  # the kind is sgd
    first = one.drawn(lambda axis: axis.values[0])
    assert first == {kind: "sgd"}


def test_combinations_are_listed_where_there_are_few():
    few = space("model.hidden_size=8..11", "model.cell=lstm,gru")
    assert len(few.combinations) == 8
    assert few.combinations[1] == {"model.hidden_size": 8, "model.cell": "gru"}
    assert space(f"{RATE}=1..2").combinations is None
    assert space("model.hidden_size=1..101", "training.bptt=1..100").combinations is None


def test_every_value_is_in_a_corner():
    """Also if not all combinations are tried, and if a key belongs to one kind."""
    written = ["training.optimizer.kind=sgd,momentum,adam", "training.optimizer.momentum=.1,.2,.3"]
    written += [f"{RATE}=log:1e-4..1", "model.layers=1,2,3", "training.bptt=5..10"]
    one = space(*written)
    for most in (10_000, 1):
        corners = list(one.corners(most))
        for axis in one.axes:
            used = {json.dumps(c[axis.key]) for c in corners if axis.key in c}
            assert used == {json.dumps(value) for value in axis.ends}, axis.key
    assert len(corners) < 40


def test_a_value_as_an_override():
    assert override_of("model.embeddings", "ㄱ: b.vec") == 'model.embeddings="ㄱ: b.vec"'
    assert override_of("training.clip_norm", None) == "training.clip_norm=null"
    assert override_of("training.optimizer", {"kind": "sgd"}) == (
        'training.optimizer={"kind": "sgd"}'
    )
