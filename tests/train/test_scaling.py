"""A step on several machines, by hand; and what is measured of a training."""

import doctest
import sys
from itertools import count
from types import SimpleNamespace

import pytest

from rnnlm_cli.config import load_config
from rnnlm_cli.report.scaling import scaling_table, scaling_values
from rnnlm_cli.train import speed
from rnnlm_cli.train.scaling import (
    Network,
    Step,
    Work,
    expected_work,
    numbers_up_to,
    scaled,
    still_pays,
)
from rnnlm_cli.train.start import Start, begin

CONFIG = """
corpus: {train: train.txt}
model: {embedding_size: 3, hidden_size: 4}
training: {epochs: 1, batch_size: 8, bptt: 5, optimizer: {kind: adam}}
checkpoint: {path: m.pkl}
"""

# a second for the update, and one for each of eight streams; nothing for adding gradients
WORK = Work(Step(8, 9.0, 1000, 80), Step(2, 3.0, 1000, 20), 72, 3000, 1e30)
FREE = Network(1e30, 0.0)
NETWORK = Network(100.0, 0.1)


def test_the_examples():
    assert doctest.testmod(sys.modules[numbers_up_to.__module__]).failed == 0


@pytest.mark.parametrize(("machines", "seconds"), [(1, 9.0), (2, 5.0), (3, 4.0), (8, 2.0)])
def test_the_machine_with_most_streams_is_waited_for(machines, seconds):
    found = scaled(WORK, FREE, machines)
    assert found.seconds == pytest.approx(seconds)
    assert found.tokens_per_second == pytest.approx(72 / seconds)
    assert found.efficiency == pytest.approx(9 / seconds / machines)


@pytest.mark.parametrize(
    ("how", "machines", "sent", "messages"),
    [
        ({}, 2, 1000 + 40, 2 * 1 + 1 + 2 * 1),
        ({}, 4, 1500 + 3 * 20, 2 * 3 + 3 + 2 * 2),
        ({"fixed": False}, 4, 1500 + 3 * 20, 2 * 2 + 3 + 2 * 2),
        ({"every": 10}, 4, 1.5 * 300, 6 / 10 + 2 + 2 * 2),
    ],
    ids=["two", "four", "fastest", "average_every"],
)
def test_bytes_and_messages_take_their_time(how, machines, sent, messages):
    found = scaled(WORK._replace(**how), NETWORK, machines)
    assert found.sent == pytest.approx(sent)
    assert found.network == pytest.approx(sent / 100 + messages * 0.1)


def test_gradients_are_added_by_each_machine():
    slow = scaled(WORK._replace(adding=100.0), FREE, 2)
    assert slow.computing == pytest.approx(5.0 + (1000 + 2 * 40) / 100)


def test_with_a_batch_that_grows_all_compute_as_long_as_one():
    found = scaled(WORK, FREE, 16, grows=True)
    assert (found.streams, found.seconds, found.times) == (8, 9.0, pytest.approx(16))


def test_noise_of_a_measurement_does_not_make_few_streams_slower():
    odd = WORK._replace(least=Step(2, 9.5, 1000, 20))
    assert scaled(odd, FREE, 4).seconds == pytest.approx(9.0 / 4)


def test_machines_pay_while_half_of_their_speed_is_used():
    table = [scaled(WORK, FREE, machines) for machines in (1, 2, 4, 8)]  # of 9, 5, 3, 2 seconds
    assert still_pays(table) == 8
    assert still_pays([scaled(WORK, NETWORK, machines) for machines in (1, 2, 4, 8)]) == 1


def test_a_table_says_where_it_ends_and_what_helps():
    text = scaling_table(WORK._replace(adding=1e9), Network(1000.0, 0.001), 16)
    rows = [line.split() for line in text.splitlines()]
    assert [row[0] for row in rows if row and row[0].isdigit()] == [*"1248", *"1248", "16"]
    assert "each machine needs a stream, so 8 is the most" in text
    assert "with training.average_every: 8" in text
    values = scaling_values(WORK, Network(1000.0, 0.001), 16)
    assert [row["machines"] for row in values["same_batch"]] == [1, 2, 4, 8]
    assert values["growing_batch"][-1]["streams"] == 8


def test_a_training_s_steps_are_measured(folder, monkeypatch):
    ticks = count()
    monkeypatch.setattr(speed, "time", SimpleNamespace(monotonic=lambda: float(next(ticks))))
    session = begin(load_config("c.yaml"), Start.NEW, dry=True)
    work = expected_work(session, 4)
    params = session.model.params
    embedding = params["embedding.weight"].value
    weights = sum(param.value.nbytes for param in params.values())
    assert (work.whole.streams, work.least.streams, work.tokens) == (8, 2, 40)
    assert work.whole.seconds == work.least.seconds == 1.0
    assert work.whole.dense == work.least.dense == weights - embedding.nbytes
    words = len(session.texts.vocabulary)
    assert work.whole.rows <= words * (embedding.itemsize * 3 + 1)
    assert work.whole.rows % (embedding.itemsize * 3 + 1) == 0  # ids of one byte
    assert work.averaged == 3 * weights  # with both means of Adam
    slower = expected_work(session, 4, tokens_per_second=10)
    assert (slower.whole.seconds, slower.least.seconds) == (4.0, 4.0)
