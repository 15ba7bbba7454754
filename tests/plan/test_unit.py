import importlib.util

import pytest

from rnnlm_cli.plan.draft import values_of
from rnnlm_cli.plan.look import Text
from rnnlm_cli.plan.survey import survey
from rnnlm_cli.plan.unit import choose_unit
from rnnlm_cli.text.pieces import Piece

RAW = "No, not now.\n" * 9
TOKENIZED = "no , not now .\n" * 9


def chosen(content, size):
    pieces = [Piece(line, True) for line in content.splitlines(keepends=True)]
    unit = choose_unit(Text(survey(pieces), size, ("utf-8",), 1, ()))
    return values_of(unit.settings)["corpus"], unit.told


@pytest.fixture
def with_package(monkeypatch, request):
    found = object() if getattr(request, "param", True) else None
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: found)


def test_a_text_that_is_split_into_tokens_has_words():
    assert chosen(TOKENIZED, 1_000)[0] == {"unit": "word"}
    many = " ".join(f"w{number}" for number in range(12_000)) + " . , .\n" * 100
    assert chosen(many, 1_000_000)[0] == {"unit": "word", "max_vocabulary": 10_000}


def test_a_raw_text_has_subwords_if_it_is_large_enough(with_package):
    assert chosen(RAW, 2_000)[0]["unit"] == "char"
    values, told = chosen(RAW, 1_100_000)
    assert values == {"unit": "subword", "subword": {"kind": "bpe", "size": 1000}}
    assert told.startswith("unit: 1,000 subwords, learned from the text")


@pytest.mark.parametrize("with_package", [False], indirect=True)
def test_without_their_package_it_has_characters_and_says_how_to_get_it(with_package):
    values, told = chosen(RAW, 1_100_000)
    assert values == {"unit": "char"}
    assert told.endswith("pip install 'rnnlm-cli[subword]', and run this again")
