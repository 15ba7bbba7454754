"""A coverage-guided fuzzer for the readers of strangers' files, from checkpoints to logs.

Run by ``make fuzz``, some minutes per reader. Atheris (libFuzzer for Python) changes small valid
files so that new lines of code are reached. Each file must be read, or refused with one printable
line; any other exception, a read of more than ten seconds or more than a gigabyte of memory ends
the fuzzing with the file that caused it. Checkpoints get a header that fits their content, since
otherwise the checksum would refuse them all. ``slowness.py`` measures how time grows with the size
of a file.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["rnnlm_cli"]):
    pass  # the modules to be watched

from damage import is_sound, kinds

from rnnlm_cli.errors import RnnlmError


def fuzz(name: str, seconds: int) -> None:
    """Give one reader changed files for ``seconds`` seconds; does not return."""
    if Path("/dev/shm").is_dir():
        tempfile.tempdir = "/dev/shm"  # in memory: every file is written, flushed and read once
    directory = tempfile.mkdtemp(prefix="fuzz")
    kind = kinds(directory, types=12, size=3)[name]
    seeds = Path(directory, "seeds")
    seeds.mkdir()
    (seeds / "sound").write_bytes(kind.sound)
    path = Path(directory, "changed")

    def read(content: bytes) -> None:
        path.write_bytes(kind.seal(content))
        try:
            kind.read(str(path))
        except RnnlmError as error:
            if not is_sound(error):
                raise

    limits = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=1000", "-max_len=20000"]
    limits.append(f"-artifact_prefix={directory}/")  # where a failing file is kept
    atheris.Setup([sys.argv[0], *limits, "-seed=1", "-print_final_stats=1", str(seeds)], read)
    atheris.Fuzz()


def main() -> None:
    """Read the options; fuzz."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", help="a row of damage.py's kinds()")
    parser.add_argument("--seconds", type=int, default=600)
    options = parser.parse_args()
    fuzz(options.kind, options.seconds)


if __name__ == "__main__":
    main()
