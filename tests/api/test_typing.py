"""The types of the public interface, as mypy sees them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import rnnlm_cli

USES = """
from collections.abc import Iterator

import rnnlm_cli

lm: rnnlm_cli.LanguageModel = rnnlm_cli.load("m.pkl", threads=2)
lm = rnnlm_cli.train({"corpus": {"train": "a.txt"}}, overrides={"training.epochs": 2})
one: str = lm.generate("you", temperature=0.5, skip=["<unk>"])
several: list[str] = lm.generate("you", samples=3)
pieces: Iterator[str] = lm.stream("you")
report: rnnlm_cli.Evaluation = lm.evaluate("a.txt")
report = rnnlm_cli.evaluate("m.pkl", text="you say")
bits: float = report.bits_per_character
state: rnnlm_cli.State = lm.state()
score, state = state.read("you")
number: float = score
gate = lm.trace("you").layers[0].gates["f"][0, 1]
filled: str = lm.fill("you ___").text
lm.generate("you", temprature=0.5)  # error: call-overload
lm.stream("you", samples=3)  # error: call-arg
lm.generate("you", samples=3).upper()  # error: attr-defined
rnnlm_cli.train(3)  # error: arg-type
rnnlm_cli.load("m.pkl", threads="two")  # error: arg-type
rnnlm_cli.nothing  # error: attr-defined
"""


@pytest.mark.slow
def test_right_uses_have_a_type_and_wrong_ones_an_error(tmp_path):
    pytest.importorskip("mypy")
    (tmp_path / "uses.py").write_text(USES, encoding="utf-8")
    expected = [
        (number, line.partition("# error: ")[2])
        for number, line in enumerate(USES.splitlines(), 1)
        if "# error: " in line
    ]
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "uses.py"]
    command += ["--config-file", "", "--cache-dir", str(tmp_path / "cache")]
    command += ["--no-site-packages"]  # it would read all of NumPy's types, for no use here
    command += ["--follow-imports", "silent", "--hide-error-context", "--no-pretty"]
    environment = {**os.environ, "MYPYPATH": str(Path(rnnlm_cli.__file__).parents[1])}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    lines = [line for line in done.stdout.splitlines() if ": error: " in line]
    found = {(int(line.split(":")[1]), line.rpartition("[")[2].rstrip("]")) for line in lines}
    assert sorted(found) == expected, done.stdout
