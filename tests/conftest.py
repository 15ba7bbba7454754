"""What several tests need."""

import shutil
from pathlib import Path

import pytest

from rnnlm_cli.commands.main import run

ROOT = Path(__file__).parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"


@pytest.fixture
def shared_data():
    """The folder with PTB and tiny-shakespeare, which is not part of the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"{SHARED_DATA} is absent: PTB and tiny-shakespeare are needed")
    return SHARED_DATA


@pytest.fixture(scope="session")
def hello_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hello")
    for part in ("configs/hello.yaml", "corpora/hello.txt"):
        (folder / part).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / part, folder / part)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run(["train", "--config", "configs/hello.yaml"]) == 0
    return folder


@pytest.fixture
def hello(hello_folder, tmp_path, monkeypatch):
    """A working directory with a trained hello model, free to change."""
    shutil.copytree(hello_folder, tmp_path / "hello")
    monkeypatch.chdir(tmp_path / "hello")
    return tmp_path / "hello"
