"""Compare an sdist and a wheel with the checkout: no file is missing, added or changed.

Usage, in the root of the checkout: ``python .ci/contents.py SDIST WHEEL``.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

GENERATED = re.compile(
    r"PKG-INFO|setup\.cfg|[^/]+\.egg-info/.*|[^/]+\.dist-info/.*|rnnlm_cli/nn/engines/_kernels\.so"
)
"""Files that the build writes itself; it appends a section to the sdist's ``setup.cfg``."""

SHIPPED = re.compile(r"configs/.+\.(yaml|json)|corpora/.+\.txt")
"""Files that the package contains in ``rnnlm_cli/shipped``."""


def checkout() -> dict[str, bytes]:
    """Return every file that git tracks or would add, except links."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
    paths = [Path(name) for name in names if name]
    return {p.as_posix(): p.read_bytes() for p in paths if p.is_file() and not p.is_symlink()}


def of_sdist(path: str) -> Iterator[tuple[str, bytes]]:
    """Yield each file of an sdist, without the name of its one directory."""
    with tarfile.open(path) as archive:
        for member in archive:
            if (opened := archive.extractfile(member)) is not None:
                yield member.name.partition("/")[2], opened.read()


def of_wheel(path: str) -> Iterator[tuple[str, bytes]]:
    """Yield each file of a wheel."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            yield name, archive.read(name)


def differences(found: dict[str, bytes], expected: dict[str, bytes]) -> Iterator[str]:
    """Yield what is missing, added or changed, except generated files."""
    for name in sorted({*found, *expected}):
        if GENERATED.fullmatch(name) or found.get(name) == expected.get(name):
            continue
        how = "missing" if name not in found else "added" if name not in expected else "changed"
        yield f"{how}: {name}"


def main(sdist: str, wheel: str) -> None:
    """Exit with the differences, if there are any."""
    tree = checkout()
    shipped = {f"rnnlm_cli/shipped/{n}": data for n, data in tree.items() if SHIPPED.fullmatch(n)}
    package = {n: data for n, data in tree.items() if n.startswith("rnnlm_cli/")} | shipped
    wrong = [f"sdist: {line}" for line in differences(dict(of_sdist(sdist)), tree | shipped)]
    wrong += [f"wheel: {line}" for line in differences(dict(of_wheel(wheel)), package)]
    if wrong or not shipped:
        sys.exit("\n".join(wrong) or "nothing ships")


if __name__ == "__main__":
    main(*sys.argv[1:])
