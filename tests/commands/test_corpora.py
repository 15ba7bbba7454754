from pathlib import Path

import pytest

from rnnlm_cli.commands.main import run
from rnnlm_cli.config import load_config
from rnnlm_cli.corpora.split import Split
from rnnlm_cli.shipped import shipped


def test_init_makes_an_empty_folder_useful(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["init"]) == 0
    assert (
        Path("corpora/hello.txt").read_text(encoding="utf-8")
        == "you say goodbye and i say hello .\n"
    )
    assert "next: rnnlm train --config configs/hello.yaml" in capsys.readouterr().err
    assert run(["train", "--config", "configs/hello.yaml", "--set", "training.epochs=1"]) == 0


def test_init_replaces_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("corpora").mkdir()
    Path("corpora/hello.txt").write_text("mine", encoding="utf-8")
    assert run(["init"]) == 2
    assert Path("corpora/hello.txt").read_text(encoding="utf-8") == "mine"
    assert not Path("configs").exists()


@pytest.mark.parametrize("name", [path.stem for path in shipped("configs")])
def test_every_config_that_ships_is_sound_and_can_be_had(tmp_path, monkeypatch, capsys, name):
    monkeypatch.chdir(tmp_path)
    assert run(["init", "new", "--config", name]) == 0
    config = load_config(f"new/configs/{name}.yaml")
    assert config.checkpoint.path == f"new/checkpoints/{name}.pkl"
    assert config.corpus.train.startswith("new/corpora/")


def test_python_docs_writes_the_text_and_its_parts(tmp_path, monkeypatch, capsys):
    parts = Split(["a b .", "c d ."], ["e ."], ["f ."])
    module = "rnnlm_cli.commands.corpus.python_docs.python_docs"
    monkeypatch.setattr(module, lambda: parts)
    out = tmp_path / "new" / "docs.txt"
    assert run(["corpus", "python-docs", "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8") == "a b .\nc d .\ne .\nf .\n"
    assert (tmp_path / "new/docs.train.txt").read_text(encoding="utf-8") == "a b .\nc d .\n"
    assert (tmp_path / "new/docs.valid.txt").read_text(encoding="utf-8") == "e .\n"
    assert "docs.train.txt: 2 sentences, 8 tokens" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["addition", "dates"])
def test_generated_lines_are_written_in_three_parts(tmp_path, capsys, name):
    out = tmp_path / "new" / "some.tsv"
    more = ["--seed", "4", "--out", str(out)]
    assert run(["corpus", name, "--lines", "100", *more]) == 0
    parts = [tmp_path / f"new/some.{part}.tsv" for part in ("train", "valid", "test")]
    lines = [path.read_text(encoding="utf-8").splitlines() for path in parts]
    assert [len(part) for part in lines] == [90, 5, 5]
    assert all(line.count("\t") == 1 for part in lines for line in part)
    assert "some.valid.tsv: 5 lines" in capsys.readouterr().err
    assert run(["corpus", name, *more]) == 2
    assert "already exist; use --overwrite" in capsys.readouterr().err
