"""Files made to be slow: the time to read each must grow only with its size.

Run by ``make fuzz``, one minute per kind of file. A file is a valid one with inserted pieces, each
repeated until the file has 100 kB: pieces of the file itself, of its format, and values in a
checkpoint or in a safetensors file's metadata. The slowest files are the parents of the next ones.
None may take more than a second per 100 kB. The slowest three may not exceed that at four times the
size either, which separates quadratic time from slow reading. Seconds are processor time.
"""

from __future__ import annotations

import argparse
import heapq
import io
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from damage import Kind, is_sound, kinds

from rnnlm_cli.checkpoint import container, plain_pickle
from rnnlm_cli.errors import RnnlmError

SIZE, LIMIT = 100_000, 1.0
"""Size in bytes, and the allowed seconds for it."""

PARENTS = 20

PIECES = [
    *'[ { ] } ( ) " , : - ? | > & * ! % # @ 1 a \\ / ~'.split(),
    *(" ", "\t", "\n", "\r", "\0", "- ", "? ", "a: ", " a:\n", "\n- ", ": ", "1:1", "a/", "../"),
    *("a/../", "1_", "0x1", "1e5", "a.", "a.b", "[a", "{a:", "&a ", "*a ", "!a ", '"\\n', "<<: "),
    *(
        "$.a`",
        " - at `",
        "N,",
        "aN: 1\n",
        "aN ",
        '"N",',
        '"aN":1,',
        "N\n",
        "-1 aN\n",
        "|||",
        " ||| ",
    ),
    *(
        "rnnlmN=",
        "rnnlmN= ",
        "ngram N=1\n",
        "\\N-grams:\n",
        "\ufeff",
        "\u3000",
        "\u0301",
        "한",
        "é",
    ),
    *(
        "'",
        "n't",
        "a.",
        "a-",
        "a@",
        "a@a.",
        "www.",
        "ab://.",
        "Mr.",
        "<a",
        "``",
        "--",
        "‿",
        "👍",
        "‍",
        "각",
    ),
    *('{"event":"step","step":N,"nats_per_token":1}\n', '{"event":"epoch","epoch":N}\n', "null,"),
]
"""Pieces of the formats; ``N`` becomes a running number, so that names differ."""


class Recipe(NamedTuple):
    """How to make a file of any size."""

    pieces: tuple[tuple[float, bytes], ...]  # position in the valid file, from 0 to 1, and piece
    field: tuple[int, int] | None  # which value of the file is changed, and how

    def content(self, name: str, kind: Kind, size: int) -> bytes:
        """Return the file."""
        if self.field is not None:
            values, write = VALUES[name](kind.sound)
            enlarge(values, *self.field, self.pieces[0][1], size)
            return write(values)
        data = kind.sound
        for place, piece in self.pieces:
            cut = int(place * len(data))
            data = data[:cut] + repeated(piece, size // len(self.pieces)) + data[cut:]
        return data


def repeated(piece: bytes, size: int) -> bytes:
    """Repeat a piece, with a running number for each ``N``."""
    times = size // len(piece) + 1
    if b"N" not in piece:
        return piece * times
    return b"".join(piece.replace(b"N", b"%d" % k) for k in range(times))[:size]


def in_checkpoint(sound: bytes) -> tuple[Any, Callable[[Any], bytes]]:
    """Return the values of a checkpoint, and a function that writes others."""

    def write(values: Any) -> bytes:
        file = io.BytesIO()
        plain_pickle.dump(values, file)
        return bytes(container.HEADER.size) + file.getvalue()

    return plain_pickle.load(io.BytesIO(sound[container.HEADER.size :])), write


def in_safetensors(sound: bytes) -> tuple[Any, Callable[[Any], bytes]]:
    """Return the metadata of a safetensors file, and a function that writes others."""
    length = int.from_bytes(sound[:8], "little")
    header = json.loads(sound[8 : 8 + length])
    texts = header["__metadata__"]
    keys = ("config", "vocabulary", "counts", "unknown", "history", "origin")
    values = {key: json.loads(texts[key]) for key in keys}

    def write(values: Any) -> bytes:
        texts.update({key: json.dumps(value) for key, value in values.items()})
        return bytes(8) + json.dumps(header).encode() + sound[8 + length :]

    return values, write


VALUES = {"forged checkpoint": in_checkpoint, "safetensors": in_safetensors}
"""Reader of the values in a file, by kind."""


def enlarge(values: Any, number: int, how: int, piece: bytes, size: int) -> None:
    """Make one of the values large."""
    places = list(fields(values))
    holder, key = places[number % len(places)]
    text = repeated(piece, size).decode("utf-8", "replace")
    short = piece.decode("utf-8", "replace")
    many = size // (len(piece) + 8)
    nested: Any = text
    for _ in range(90):
        nested = [nested]
    holder[key] = [
        text,
        [text],
        [f"{short}{k}" for k in range(many)],
        {f"{short}{k}": k for k in range(many)},
        [short * (4000 // len(short) + 1)] * (size // 4000),
        nested,
        10**600,
        [1] * (size // 2),
        [[]] * (size // 16),
    ][how % 9]


def fields(values: Any) -> Any:
    """Yield every place in nested dicts and lists: its container, and its key or index."""
    for key, value in list(values.items() if isinstance(values, dict) else enumerate(values)):
        yield values, key
        if isinstance(value, (dict, list)):
            yield from fields(value)


def new_recipe(
    kind: Kind, is_checkpoint: bool, parents: list[Recipe], rng: random.Random
) -> Recipe:
    """Return a new recipe, or a change of one of the slowest so far."""

    def piece() -> bytes:
        parts = rng.choices(PIECES, k=rng.choice([1, 1, 1, 2, 3]))
        if rng.random() < 0.2:
            start = rng.randrange(len(kind.sound))
            return kind.sound[start : start + rng.randint(1, 60)]
        return "".join(parts).encode() * rng.choice([1, 1, 1, 50])

    places = [0.0, 1.0, rng.random(), rng.random()]
    if parents and rng.random() < 0.5:
        parent = rng.choice(parents)
        changed = list(parent.pieces)
        place, old = changed[rng.randrange(len(changed))]
        new = rng.choice([piece(), old + piece(), old[: len(old) // 2 + 1]])
        changed[rng.randrange(len(changed))] = (rng.choice([place, *places]), new)
        return Recipe(tuple(changed), parent.field)
    chosen = tuple((rng.choice(places), piece()) for _ in range(rng.choice([1, 1, 2])))
    field = (
        (rng.randrange(1000), rng.randrange(9)) if is_checkpoint and rng.random() < 0.8 else None
    )
    return Recipe(chosen, field)


def seconds(name: str, kind: Kind, recipe: Recipe, path: Path, size: int) -> tuple[float, bool]:
    """Read a file; return the seconds per 100 kB, and whether the error is one allowed line."""
    path.write_bytes(kind.seal(recipe.content(name, kind, size)))
    start, sound = time.process_time(), True
    try:
        kind.read(str(path))
    except RnnlmError as error:
        sound = is_sound(error)
    except Exception as error:
        print(f"{type(error).__name__}: {error}"[:300], file=sys.stderr)
        sound = False
    took, found = time.process_time() - start, path.stat().st_size
    return took * SIZE / max(found, SIZE), sound


def search(name: str, kind: Kind, directory: str, limit_s: float) -> int:
    """Search for slow files for ``limit_s`` seconds; print the slowest; return the failures."""
    rng, path = random.Random(name), Path(directory, "slow.yaml")
    slowest: list[tuple[float, int, Recipe]] = []
    files = failures = 0
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        recipe = new_recipe(kind, name in VALUES, [r for *_, r in slowest], rng)
        took, sound = seconds(name, kind, recipe, path, SIZE)
        files += 1
        if took > LIMIT:  # a busy machine may cause this once
            took = min(took, seconds(name, kind, recipe, path, SIZE)[0])
        if took > LIMIT or not sound:
            failures += 1
            print(f"{name}: {took:.2f} s: {recipe!r:.300}", file=sys.stderr)
        heapq.heappush(slowest, (took, -files, recipe))
        if len(slowest) > PARENTS:
            heapq.heappop(slowest)
    best = heapq.nlargest(3, slowest)
    larger = [min(seconds(name, kind, r, path, 4 * SIZE)[0] for _ in range(2)) for *_, r in best]
    failures += sum(took > LIMIT for took in larger)
    print(
        f"{name:<18} {files:,} files, {failures} failures; seconds per 100 kB at most: "
        f"{best[0][0]:.2f} in files of 100 kB, {max(larger):.2f} at 400 kB",
        flush=True,
    )
    return failures


def main() -> None:
    """Read the options; search each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", help="rows of damage.py's kinds(); all by default")
    parser.add_argument("--seconds", type=float, default=60, help="for each kind")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        found = kinds(directory, types=12, size=3)
        del found["checkpoint"]  # its checksum refuses every changed file
        failures = [
            search(name, kind, directory, options.seconds)
            for name, kind in found.items()
            if not options.kinds or name in options.kinds
        ]
    sys.exit(sum(failures) > 0)


if __name__ == "__main__":
    main()
