"""The report of an evaluation, against that of the command line."""

import gzip
import json
from pathlib import Path

import pytest

import rnnlm_cli
from rnnlm_cli import CorpusError, UsageError
from rnnlm_cli.commands.main import run

pytestmark = pytest.mark.bitwise

TEXT = "you say hello\nand i shout goodbye .\n"


@pytest.fixture
def text(lm):
    Path("text.txt").write_text(TEXT, encoding="utf-8")
    return "text.txt"


def reported(capsys, *args):
    """What the command reports."""
    capsys.readouterr()
    assert run(["eval", "perplexity", *args, "--json", "--by-frequency"]) == 0
    values = json.loads(capsys.readouterr().out)
    del values["seconds"]
    return values


def test_the_report_is_that_of_the_command_line(lm, text, capsys):
    found = lm.evaluate(text)
    expected = reported(capsys, "--checkpoint", "checkpoints/hello.pkl", "--corpus", text)
    assert json.loads(json.dumps(found.to_dict())) == expected
    assert found.perplexity == expected["perplexity"]
    assert found.oov == 1
    assert rnnlm_cli.evaluate("checkpoints/hello.pkl", text) == found


def test_a_text_in_memory_is_read_as_a_file_is(lm, text):
    expected = {**lm.evaluate(text).to_dict(), "corpus": "the text"}
    for same in (TEXT, TEXT[:-1], TEXT.splitlines(), TEXT.replace("\n", "\r\n")):
        assert lm.evaluate(text=same).to_dict() == expected
    for empty in ("", []):
        with pytest.raises(CorpusError, match="the text: the text is empty"):
            lm.evaluate(text=empty)
    with pytest.raises(CorpusError, match=r"the text: line 1, byte 4 .* a NUL byte"):
        lm.evaluate(text="you\0")


def test_several_files_are_one_text_and_paths_may_be_objects(lm, text):
    Path("a.txt").write_text("you say hello\n", encoding="utf-8")
    with gzip.open("b.txt.gz", "wt", encoding="utf-8") as file:
        file.write("and i shout goodbye .\n")
    parts = lm.evaluate([Path("a.txt"), "b.txt.gz"])
    whole = lm.evaluate(Path(text))
    assert parts.corpus == "a.txt, b.txt.gz"
    assert parts.nats == whole.nats


def test_a_text_of_the_models_config_is_named_by_its_split(lm, capsys):
    found = lm.evaluate(split="train")
    assert found.to_dict() == reported(
        capsys, "--checkpoint", "checkpoints/hello.pkl", "--split", "train"
    )


def test_several_streams_are_read_side_by_side(lm, text, capsys):
    args = ["--checkpoint", "checkpoints/hello.pkl", "--corpus", text, "--streams", "2"]
    assert lm.evaluate(text, streams=2).to_dict() == reported(capsys, *args)


def test_a_bidirectional_models_figure_is_called_what_it_is(both_sides, capsys):
    found = both_sides.evaluate(split="train")
    values = found.to_dict()
    assert found.measure.name == "pseudo-perplexity"
    assert values["pseudo_perplexity"] == found.perplexity
    assert "perplexity" not in values
    args = ["--checkpoint", "checkpoints/both.pkl", "--split", "train"]
    assert values == reported(capsys, *args)
    with pytest.raises(UsageError, match="streams 2: this model reads each line by its"):
        both_sides.evaluate(text="you say", streams=2)
