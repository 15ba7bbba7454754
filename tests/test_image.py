"""The Dockerfile: its rules, as far as a text shows them; ``.ci/image`` lints and builds it."""

import json
import os
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def instructions():
    """Each instruction of the Dockerfile, its continued lines joined, with its arguments."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name, " ".join(rest.split())


ALL = list(instructions())
FINAL = ALL[max(i for i, (name, _) in enumerate(ALL) if name == "FROM") :]


def test_the_base_is_small_and_pinned_and_supported():
    bases = {rest.partition(" AS ")[0] for name, rest in ALL if name == "FROM"}
    (base,) = bases  # the environment of the first stage works in the second
    version = re.fullmatch(r"python:3\.(\d+)-slim-[a-z]+", base)[1]
    setup = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    assert f"Programming Language :: Python :: 3.{version}\n" in setup


def test_the_program_is_what_runs_and_not_as_root():
    last = dict(FINAL)  # of several the last one counts
    assert json.loads(last["ENTRYPOINT"]) == ["rnnlm"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", last["USER"])
    assert [name for name, _ in FINAL].index("USER") > [name for name, _ in FINAL].index("RUN")
    assert last["STOPSIGNAL"] == "SIGINT"


def test_the_final_stage_has_the_package_alone():
    assert [rest for name, rest in FINAL if name in ("COPY", "ADD")] == [
        "--from=build /opt/rnnlm /opt/rnnlm"
    ]
    for name, rest in ALL:
        if name == "RUN":
            assert rest.count("pip install") == rest.count("--no-cache-dir")
            assert "apt-get" not in rest


def sent():
    """What a build sees: the last line of .dockerignore that matches a path decides."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    patterns = [line for line in lines if line and not line.startswith("#")]

    def is_sent(path):
        ignored = False
        parts = path.split("/")
        for pattern in patterns:
            bare = pattern.removeprefix("!").removeprefix("**/")
            tried = (
                parts if "**/" in pattern else ["/".join(parts[:n]) for n in range(len(parts) + 1)]
            )
            if any(fnmatch(part, bare) for part in tried if part):
                ignored = not pattern.startswith("!")
        return not ignored

    return is_sent


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("setup.cfg", True),
        ("README.md", True),  # of which setup.cfg makes the description
        ("rnnlm_cli/nn/cells/lstm.py", True),
        ("rnnlm_cli/nn/__pycache__/a.pyc", False),
        ("configs/hello.yaml", True),
        ("corpora/hello.txt", True),
        ("corpora/ptb.train.txt", False),
        ("checkpoints/ptb.pkl", False),
        (".git/config", False),
        (".venv/bin/python", False),
        ("tests/test_image.py", False),
    ],
)
def test_a_build_sees_what_it_needs_and_no_more(path, seen):
    assert sent()(path) == seen


def test_a_build_sees_all_of_the_package():
    is_sent = sent()
    for directory, _, names in os.walk(ROOT / "rnnlm_cli"):
        for name in names:
            path = (Path(directory) / name).relative_to(ROOT).as_posix()
            assert is_sent(path) == ("__pycache__" not in path), path
