"""Units that keep track of a property: planted ones are found, and what is held out is held out."""

import numpy as np
import pytest

from rnnlm_cli.errors import UsageError
from rnnlm_cli.learned.neurons import check_units, find_units, slowest
from rnnlm_cli.learned.properties import PROPERTIES
from rnnlm_cli.learned.units import Units

TEXT = ("a ( b c ) d\n" * 100)[:-1]


@pytest.fixture
def planted(make, excerpt_of):
    """A model, a text with brackets, and five units with known values over it."""
    model = make()
    excerpt = excerpt_of(model, TEXT)
    n = len(excerpt.ids)
    inside = PROPERTIES["bracket"].values([f" {token}" for token in excerpt.tokens])
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((n, 5))
    values = 0.1 * noise
    values[:, 1] += 0.3 * inside  # it knows
    values[:, 2] -= np.where(np.arange(n) < 2 / 3 * n, 2 * inside, 0)  # on the first part alone
    values[:, 3] = -np.arange(n) % 5
    return model, excerpt, Units([f"layer0.{k}" for k in range(5)], values.astype("f4")), inside


def test_what_knows_on_the_first_part_alone_scores_by_chance_on_the_rest(planted):
    model, excerpt, units, inside = planted
    found = find_units(model, excerpt, "bracket", 2, units)
    cheat, good = found.units
    assert (cheat.name, cheat.rises, good.name, good.rises) == ("layer0.2", False, "layer0.1", True)
    assert cheat.fitted == pytest.approx(1, abs=1e-3)
    assert 0.3 < cheat.score < 0.7
    held = np.arange(len(inside)) >= 2 / 3 * len(inside)
    x, y = units.values[held, 1], inside[held]
    pairs = x[y == 1][:, np.newaxis] - x[y == 0]
    assert good.score == pytest.approx((pairs > 0).mean() + (pairs == 0).mean() / 2)
    assert found.share == pytest.approx(y.mean())
    assert found.held_out == int(np.flatnonzero(held)[0])
    assert excerpt.tokens[found.look_at - 1] == "<eos>"


def test_the_token_alone_and_all_units_are_told_apart(planted):
    """Both brackets are the unknown token, which says nothing; all other tokens tell.

    Of 3 tokens inside and 4 outside, one pair of 12 is a tie.
    """
    model, excerpt, units, _ = planted
    units.values[:, 2] = 0  # which the regression would trust
    found = find_units(model, excerpt, "bracket", 1, units)
    assert found.token_alone == pytest.approx(11.5 / 12, abs=0.005)
    assert found.all_units > 0.9


def test_a_number_is_scored_by_its_line(planted):
    model, excerpt = planted[:2]
    lengths = PROPERTIES["line-length"].values([f" {t}" for t in excerpt.tokens])
    exact = np.stack([3 - 2 * lengths, np.zeros_like(lengths)], axis=1)
    texts = Units(["layer0.0", "layer0.1"], exact.astype("f4"))
    # of the tokens as they are written: the end of a line is a newline there
    found = find_units(model, excerpt, "line-length", 2, texts)
    assert found.measure == "R2"
    assert found.units[0].name == "layer0.0"
    assert not found.units[0].rises
    assert found.units[1].score <= 0.01
    assert found.share is None


def test_a_property_that_hardly_varies_is_refused(planted):
    model, excerpt, units, _ = planted
    with pytest.raises(UsageError, match="first part of the text has only 0 positions"):
        find_units(model, excerpt, "quote", 1, units)


def test_the_slowest_units_keep_their_value():
    t = np.arange(200)
    values = np.stack([np.sin(t), np.sin(t / 50), t % 2, np.zeros(200)], axis=1)
    assert slowest(Units(list("abcd"), values), 1) == ["b"]


def test_a_unit_that_is_not_there_is_named():
    with pytest.raises(UsageError, match="no such unit; they are a to b"):
        check_units(["c"], ["a", "b"])
