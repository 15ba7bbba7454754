"""The texts that a configuration names."""

import pytest

from rnnlm_cli.config import config_from_plain
from rnnlm_cli.data.named import is_training_text


@pytest.mark.parametrize(
    ("train", "names", "told"),
    [
        ("a/x.txt", ["b.txt", "a/../a/x.txt"], True),
        ("a/x.txt", ["link.txt"], True),
        ("a/x.txt", ["a"], True),
        ("a/x.txt", ["a/y*"], False),
        (["b.txt", "a"], ["a/"], True),
        ("a", ["a/z/../y.txt"], True),
        ("a", ["link.txt"], True),
        ("a", ["b.txt", "-"], False),
        ("-", ["-"], False),
        ("a/*.txt", ["a"], True),
        ("a/x*.txt", ["a/y*.txt"], False),
        ("a/x*.txt", ["a/*"], True),
        ("gone", ["a"], False),
    ],
)
def test_a_training_text_is_known_whatever_it_is_called(tmp_path, monkeypatch, train, names, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a/z").mkdir(parents=True)
    for name in ("a/x.txt", "a/y.txt", "b.txt"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    (tmp_path / "link.txt").symlink_to("a/x.txt")
    config = config_from_plain({"corpus": {"train": train}, "checkpoint": {"path": "m.pkl"}})
    assert is_training_text(config, names) == told
