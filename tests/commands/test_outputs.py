"""No command replaces a file unasked, and each names all that it would replace."""

import inspect
import os
import pickle
import shutil
from pathlib import Path

import click
import numpy as np
import pytest

from rnnlm_cli.commands.main import cli, run
from rnnlm_cli.config import make_config
from rnnlm_cli.corpora.split import Split
from rnnlm_cli.exchange.files import write_content
from rnnlm_cli.exchange.hub import FILES
from rnnlm_cli.system.whole_file import whole_file
from rnnlm_cli.train.start import begin

PLOT = ["--steps", "3", "--hidden-size", "4", "--cell", "rnn", "--scale", "1"]
EXPORT = ["export", "checkpoints/hello.pkl", "--format"]

LEARNED = {
    "calibration": [],
    "embedding": ["--most", "3"],
    "flow": ["you say goodbye", "--steps", "2"],
    "gates": ["you say"],
    "memory": ["--context", "2"],
    "neurons": ["you say"],
    "surprise": ["you say"],
}

TRANSLATION = {
    "task": {"kind": "translation", "attention": "dot"},
    "corpus": {"train": "pairs.tsv"},
    "model": {"embedding_size": 2, "hidden_size": 2},
    "training": {"epochs": 1, "batch_size": 1},
    "checkpoint": {"path": "turned.pkl"},
}

WRITERS = {
    "init": (["init"], ["configs/hello.yaml", "corpora/hello.txt"]),
    "corpus python-docs": (
        ["corpus", "python-docs", "--out", "notes.txt"],
        ["notes.txt", "notes.train.txt", "notes.valid.txt", "notes.test.txt"],
    ),
    "corpus addition": (
        ["corpus", "addition", "--lines", "60", "--out", "sums.tsv"],
        ["sums.train.tsv", "sums.valid.tsv", "sums.test.tsv"],
    ),
    "corpus brackets": (
        ["corpus", "brackets", "--lines", "60", "--out", "brackets.tsv"],
        ["brackets.train.tsv", "brackets.valid.tsv", "brackets.test.tsv"],
    ),
    "corpus dates": (
        ["corpus", "dates", "--lines", "60", "--out", "days.tsv"],
        ["days.train.tsv", "days.valid.tsv", "days.test.tsv"],
    ),
    "corpus fetch": (
        ["corpus", "fetch", "novel", "--url", "http://127.0.0.1:9/x", "--out", "."],
        ["novel.txt"],
    ),
    "export": (
        [*EXPORT, "hub", "--out", "hub"],
        [f"hub/{name}" for name in FILES],
    ),
    "import hub": (["import", "hub", "published", "--out", "h.pkl"], ["h.pkl"]),
    "import notes": (
        ["import", "notes", "notes.pkl", "--vocabulary", "text.txt", "--out", "n.pkl"],
        ["n.pkl"],
    ),
    "import safetensors": (
        ["import", "safetensors", "hello.safetensors", "--out", "s.pkl"],
        ["s.pkl"],
    ),
    "ngram": (
        ["ngram", "--config", "configs/hello.yaml", "--order", "2", "--out", "n.arpa"],
        ["n.arpa"],
    ),
    "report": (["report", "checkpoints/hello.pkl", "--out", "r.html"], ["r.html"]),
    "plot attention": (
        ["plot", "attention", "b", "--checkpoint", "turned.pkl", "--out", "a.svg"],
        ["a.svg"],
    ),
    "plot training": (["plot", "training", "checkpoints/hello.jsonl", "--out", "t.svg"], ["t.svg"]),
    "plot gradients": (["plot", "gradients", *PLOT, "--out", "g.png"], ["g.png"]),
    **{
        f"plot {name}": (["plot", name, *args, "--out", "l.svg"], ["l.svg"])
        for name, args in LEARNED.items()
    },
}
"""What each command that writes would write, by its name; trainings have rules of their own."""


def leaves(group=cli, path=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


@pytest.fixture(scope="module")
def inputs(hello_folder, tmp_path_factory):
    """All that the commands of the table read."""
    inputs = tmp_path_factory.mktemp("inputs") / "hello"
    shutil.copytree(hello_folder, inputs)
    rng = np.random.default_rng(1)
    shapes = [(3, 2), (2, 8), (2, 8), (8,), (2, 3), (3,)]  # of two words and the end of a line
    arrays = [rng.standard_normal(shape).astype("f4") for shape in shapes]
    (inputs / "notes.pkl").write_bytes(pickle.dumps(arrays))
    (inputs / "text.txt").write_text("<unk> a\n", encoding="utf-8")
    (inputs / "hub").mkdir()
    (inputs / "pairs.tsv").write_text("a b\tb a\nb\tb\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(inputs)
        for _ in begin(make_config(TRANSLATION)).events():
            pass
        assert run([*EXPORT, "safetensors", "--out", "hello.safetensors"]) == 0
        assert run([*EXPORT, "hub", "--out", "published"]) == 0
    return inputs


@pytest.fixture
def folder(inputs, tmp_path, monkeypatch):
    """A copy of the inputs; no network is asked, and pictures are of one kind."""
    shutil.copytree(inputs, tmp_path / "hello")
    monkeypatch.chdir(tmp_path / "hello")
    parts = Split(["a b ."], ["c ."], ["d ."])
    monkeypatch.setattr("rnnlm_cli.commands.corpus.python_docs.python_docs", lambda: parts)

    def fetched(source, target, progress, replace):
        with whole_file(target / source.name, replace) as file:
            file.write(b"fetched")
        return "0" * 64

    monkeypatch.setattr("rnnlm_cli.commands.corpus.fetch.fetch", fetched)
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(
        "matplotlib.figure.Figure.savefig", lambda figure, file, **how: file.write(b"a picture")
    )


def test_the_table_has_every_command_that_writes():
    writing = {name for name, c in leaves() if any("--overwrite" in p.opts for p in c.params)}
    assert writing == {*WRITERS, "train", "tune"}
    writes = ("whole_file(", "draw(", "write_content(", "write_imported(", " fetch(", ".save(")
    for name, command in leaves():
        module = inspect.getsource(inspect.getmodule(inspect.unwrap(command.callback)))
        named = any("--out" in parameter.opts for parameter in command.params)
        if named or any(call in module for call in writes):
            assert name in writing, name


@pytest.mark.parametrize("name", WRITERS)
def test_what_exists_is_replaced_only_on_demand(folder, capsys, name):
    args, files = WRITERS[name]
    for file in files:
        Path(file).write_bytes(b"mine")
    before = sorted(path for path in Path().rglob("*") if path.is_file())
    capsys.readouterr()
    assert run(args) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert f"{', '.join(files)}: already exist" in err
    assert "use --overwrite to replace" in err
    assert all(Path(file).read_bytes() == b"mine" for file in files)
    assert sorted(path for path in Path().rglob("*") if path.is_file()) == before
    assert run([*args, "--overwrite"]) == 0
    assert all(Path(file).read_bytes() != b"mine" for file in files)


@pytest.mark.parametrize("name", WRITERS)
def test_one_of_several_is_enough_and_none_is_written(folder, capsys, name):
    args, files = WRITERS[name]
    for file in files:
        Path(file).unlink(missing_ok=True)
    Path(files[-1]).symlink_to("nowhere")  # a link that leads nowhere has the name all the same
    assert run(args) == 2
    assert f"Error: {files[-1]}: already exists; use --overwrite" in capsys.readouterr().err
    assert not any(os.path.exists(file) for file in files)
    assert not Path("nowhere").exists()


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("overwrite", [[], ["--overwrite"]])
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["fifo", "folder"])
def test_what_is_no_file_is_refused_at_once(folder, capsys, name, overwrite, make):
    args, files = WRITERS[name]
    Path(files[-1]).unlink(missing_ok=True)
    make(files[-1])
    assert run([*args, *overwrite]) == 2
    assert f"{files[-1]}: is not a regular file; name a file" in capsys.readouterr().err


@pytest.mark.parametrize("name", WRITERS)
def test_other_names_of_what_is_replaced_are_told(folder, capsys, name):
    args, files = WRITERS[name]
    Path(files[0]).write_bytes(b"mine")
    os.link(files[0], "second")
    os.link(files[0], "third")
    assert run([*args, "--overwrite"]) == 0
    assert f"{files[0]}: has 2 other names (hard links)" in capsys.readouterr().err
    assert Path("second").read_bytes() == b"mine"


def test_training_tells_other_names_too(hello, capsys):
    os.link("checkpoints/hello.pkl", "snapshot.pkl")
    before = Path("snapshot.pkl").read_bytes()
    args = ["train", "--config", "configs/hello.yaml", "--overwrite"]
    assert run([*args, "--set", "training.epochs=1"]) == 0
    assert "checkpoints/hello.pkl: has another name (hard links)" in capsys.readouterr().err
    assert Path("snapshot.pkl").read_bytes() == before


@pytest.mark.parametrize("out", [".", "..", "new/", "/"])
def test_python_docs_needs_a_file_to_write(folder, capsys, out):
    assert run(["corpus", "python-docs", "--out", out]) == 2
    assert "; name a file" in capsys.readouterr().err


def test_files_that_came_meanwhile_stay(folder, capsys, monkeypatch):
    def late(*args):
        Path("w.npz").write_bytes(b"theirs")
        return write_content(*args)

    monkeypatch.setattr("rnnlm_cli.commands.export.write_content", late)
    assert run([*EXPORT, "npz", "--out", "w.npz"]) == 2
    assert "w.npz: already exists" in capsys.readouterr().err
    assert Path("w.npz").read_bytes() == b"theirs"


def test_a_private_checkpoint_stays_private_in_training(hello):
    for name in ("hello.pkl", "hello.last.pkl"):
        Path("checkpoints", name).chmod(0o600)
    args = ["train", "--config", "configs/hello.yaml", "--overwrite"]
    assert run([*args, "--set", "training.epochs=1"]) == 0
    found = {path.name: path.stat().st_mode & 0o777 for path in Path("checkpoints").glob("*.pkl")}
    assert found == {"hello.pkl": 0o600, "hello.last.pkl": 0o600}


def test_a_planted_link_is_not_written_through_in_training(hello):
    Path("precious.txt").write_bytes(b"precious")
    Path("checkpoints/hello.last.pkl.tmp").symlink_to("../precious.txt")
    shutil.copy("precious.txt", "checkpoints/hello.pkl.tmp")
    args = ["train", "--config", "configs/hello.yaml", "--overwrite"]
    assert run([*args, "--set", "training.epochs=1"]) == 0
    assert Path("precious.txt").read_bytes() == b"precious"
    assert Path("checkpoints/hello.pkl.tmp").read_bytes() == b"precious"
