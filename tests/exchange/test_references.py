import pytest

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.exchange.references import read_references


def test_with_ids():
    assert read_references(["u1 we know\n", " \n", "u2\n"], True, "ref") == {
        "u1": ["we", "know"],
        "u2": [],
    }


def test_without_ids_the_lines_are_counted():
    assert read_references(["we know\n", "\n"], False, "ref") == {"0": ["we", "know"], "1": []}


def test_an_id_twice_is_refused():
    with pytest.raises(CorpusError, match="ref: line 3: 'u1' is given twice"):
        read_references(["u1 a", "", "u1 b"], True, "ref")
