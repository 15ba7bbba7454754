"""What is proposed, on machines of a known speed."""

import importlib.util
import math

import pytest

from rnnlm_cli.config import make_config
from rnnlm_cli.plan import network
from rnnlm_cli.plan.draft import values_of
from rnnlm_cli.plan.look import Text
from rnnlm_cli.plan.propose import MOST_EPOCHS, TOKENS_PER_PARAMETER, propose
from rnnlm_cli.plan.settings import HIDDEN
from rnnlm_cli.plan.survey import survey
from rnnlm_cli.text.pieces import Piece
from rnnlm_cli.train.time_left import Pace

LINES = [f"line {number % 17} says no, and no {number % 5}.\n" for number in range(2000)]


def text_of(size, lines=LINES):
    return Text(survey([Piece(line, True) for line in lines]), size, ("utf-8",), 1, ())


@pytest.fixture(autouse=True)
def without_packages(monkeypatch):
    """The unit is the same wherever the tests run."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)


@pytest.fixture
def machine(monkeypatch):
    """A machine that takes one second for so many operations, parameters times tokens."""

    def of(operations):
        def pace(config, texts, seconds):
            hidden, embedding = config.model.hidden_size, config.model.embedding_size
            weights = 4 * hidden * (hidden + embedding) + len(texts.vocabulary) * hidden
            found = Pace()
            found.stepped(config.training.batch_size * config.training.bptt * weights / operations)
            found.epoch_end = found.final = len(texts.valid) * weights / operations / 3
            return found

        monkeypatch.setattr(network, "measured_pace", pace)

    return of


def values(proposal):
    found = values_of(proposal.settings)
    found["corpus"]["train"] = "t.txt"
    config = make_config(found | {"checkpoint": {"path": "m.pkl"}})
    return config.model, config.training


def test_a_faster_machine_or_more_time_gives_a_larger_network(machine):
    sizes = []
    for operations, seconds in ((1e8, 60), (1e9, 60), (1e9, 6000), (1e11, 6000)):
        machine(operations)
        model, training = values(propose(text_of(10**9), seconds))
        sizes.append(model.hidden_size)
        assert training.epochs == 1
        assert training.max_steps > 0
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == 4
    assert (sizes[0], sizes[-1]) == (HIDDEN[0], HIDDEN[-1])


def test_the_time_is_used_with_its_validations(machine):
    machine(1e9)
    proposal = propose(text_of(10**7), 100)
    model, training = values(proposal)
    weights = 4 * model.hidden_size * (model.hidden_size + model.embedding_size)
    step = training.batch_size * training.bptt * weights / 1e9
    assert 0.6 < training.max_steps * step / 100 < 1
    assert training.validate_every == training.max_steps // 8
    minutes, second = proposal.told[-1].split("about ")[1].split()[0].split(":")
    assert 90 < int(minutes) * 60 + int(second) <= 100


def test_a_small_text_is_read_so_many_times_and_no_more(machine):
    machine(1e12)
    model, training = values(propose(text_of(20_000), 3600))
    assert (training.epochs, training.max_steps) == (MOST_EPOCHS, None)
    assert model.dropout.output == 0.5
    assert training.sample.every == MOST_EPOCHS // 8


def test_where_there_is_time_enough_the_text_limits_the_network(machine):
    machine(1e12)
    proposal = propose(text_of(20_000), 3600)
    parameters = int(proposal.told[1].split("units, ")[1].split()[0].replace(",", ""))
    assert 10 * 18_000 < parameters <= 25 * 18_000, "of 18,000 characters to train on"


def test_on_a_machine_that_is_too_slow_one_step_remains(machine):
    machine(1e3)
    model, training = values(propose(text_of(10**6), 1))
    assert (model.hidden_size, training.max_steps) == (HIDDEN[0], 1)


def test_a_long_text_has_little_of_it_held_out(machine):
    machine(1e9)
    found = values_of(propose(text_of(10**9), 60).settings)
    assert math.isclose(found["corpus"]["valid"], 0.00005)
    assert values_of(propose(text_of(10**6), 60).settings)["corpus"]["valid"] == 0.05
    assert values_of(propose(text_of(10**4), 60).settings)["corpus"]["valid"] == 0.1


def test_the_network_reads_enough_tokens_for_its_size(machine):
    machine(3e9)
    proposal = propose(text_of(10**8), 100)
    _, training = values(proposal)
    parameters = int(proposal.told[1].split("units, ")[1].split()[0].replace(",", ""))
    tokens = training.max_steps * training.batch_size * training.bptt
    assert tokens >= TOKENS_PER_PARAMETER * parameters
