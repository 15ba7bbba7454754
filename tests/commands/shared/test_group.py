"""Commands that several processes run, as ``mpiexec`` starts them."""

import click
import pytest

from rnnlm_cli.commands.main import COMMANDS, cli, run
from rnnlm_cli.commands.shared.group import LazyGroup, is_by_all_ranks

TOGETHER = {
    "train",
    "tune",
    "eval sentences",
    "eval perplexity",
    "eval rescore",
    "eval tune",
}


def commands(group, before=()):
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from commands(command, (*before, name))
        else:
            yield " ".join((*before, name)), command


def test_what_ranks_do_together_is_marked():
    assert {name for name, one in commands(cli) if is_by_all_ranks(one)} == TOGETHER
    assert isinstance(cli, LazyGroup)
    assert COMMANDS.keys() >= {name.partition(" ")[0] for name in TOGETHER}


@pytest.mark.parametrize("rank", ["PMI_RANK", "OMPI_COMM_WORLD_RANK"])
@pytest.mark.parametrize(
    "command",
    [
        ["eval", "words", "--corpus", "corpora/hello.txt"],
        ["eval", "next", "--start", "you", "--no-such-option"],
        ["eval", "compare", "a", "b"],
        ["init", "here"],
        ["generate", "--help"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_of_any_other_command_rank_1_does_nothing(hello, capsys, monkeypatch, rank, command):
    monkeypatch.setenv(rank, "1")
    before = sorted(hello.rglob("*"))
    assert run(command) == 0
    assert capsys.readouterr() == ("", "")
    assert sorted(hello.rglob("*")) == before


def test_rank_0_does_it(hello, capsys, monkeypatch):
    monkeypatch.setenv("PMI_RANK", "0")
    monkeypatch.setenv("PMI_SIZE", "2")
    assert run(["eval", "next", "--start", "you", "--top", "1"]) == 0
    assert capsys.readouterr().out.count("\n") == 1
