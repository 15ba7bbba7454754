import threading

import pytest

from rnnlm_cli.commands.shared import waiting


def test_what_is_over_at_once_is_not_announced(capsys):
    with waiting.announced("reading a.txt"):
        pass
    assert capsys.readouterr().err == ""


def test_a_long_wait_is(monkeypatch):
    said, heard = [], threading.Event()
    monkeypatch.setattr(waiting, "NOTABLE_SECONDS", 0.001)
    monkeypatch.setattr(waiting, "note", lambda line: (said.append(line), heard.set()))
    with waiting.announced("reading a.txt"):
        assert heard.wait(60)
    assert said == ["reading a.txt ..."]


def test_an_error_comes_through_and_nothing_is_said_after_it(capsys):
    with pytest.raises(ValueError, match="inside"), waiting.announced("reading a.txt"):
        raise ValueError("inside")
    assert capsys.readouterr().err == ""
