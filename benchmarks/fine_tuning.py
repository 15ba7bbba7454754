"""Ways to fine-tune a model on a small, different text, compared by validation perplexity.

A model of one text (Penn Treebank) is trained further on the first words of another one
(tiny-shakespeare), whose new words are added to its vocabulary: all weights at one rate; with
frozen parts; with rates that fall from layer to layer, top down, by 2.6; with the layers unfrozen
one per epoch, top first; and with both (Howard and Ruder, 2018). Each way has its best of several
rates. Takes ten minutes on one free core.

    python benchmarks/fine_tuning.py corpora/ptb.train.txt corpora/tinyshakespeare.txt
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

from rnnlm_cli.config import make_config
from rnnlm_cli.config import optimizer as schema
from rnnlm_cli.config.model import parts_of
from rnnlm_cli.model.layers import part_of
from rnnlm_cli.nn.param import Param
from rnnlm_cli.train.events import EpochDone
from rnnlm_cli.train.optimizers import Adam
from rnnlm_cli.train.optimizers.base import Optimizer
from rnnlm_cli.train.session import Session
from rnnlm_cli.train.start import Start, begin
from rnnlm_cli.train.tuning import model_to_continue

SIZES = {"embedding_size": 100, "hidden_size": 100, "layers": 2}
DROPOUT = {"input": 0.2, "hidden": 0.2, "output": 0.2}
RATES = (8e-3, 4e-3, 2e-3)
SEEDS = (1, 2)
EPOCHS = 6
FALL = 2.6
"""The rate of a layer is that of the layer above divided by this."""


class Way(NamedTuple):
    """A way to train."""

    name: str
    freeze: tuple[str, ...] = ()
    fall: float = 1.0
    gradual: bool = False


WAYS = [
    Way("all weights, one rate"),
    Way("embedding frozen", ("embedding",)),
    Way("embedding and layer 1 frozen", ("embedding", "layer1")),
    Way("recurrent layers frozen", ("layer1", "layer2")),
    Way(f"rates falling by {FALL}", fall=FALL),
    Way("unfrozen from the top", gradual=True),
    Way("falling rates, unfrozen from the top", fall=FALL, gradual=True),
]


class ByPart(Optimizer[schema.Adam]):
    """Adam with a rate for each part, whose lower parts may be frozen in the first epochs."""

    def __init__(self, params: Mapping[str, Param], config: schema.Adam) -> None:
        self.session: Session | None = None  # set once it exists
        self.way = WAYS[0]
        self._params, self._config = params, config
        self._own: dict[str, Adam] = {}

    def step(self, rate: float) -> None:
        """Step in every part that is not frozen now; freeze those to be frozen next."""
        assert self.session is not None
        parts = parts_of(self.session.config.model)[::-1]
        epoch = self.session.trainer.progress.epoch
        frozen = set(parts[epoch + 1 :]) if self.way.gradual else set(self.way.freeze)
        for depth, part in enumerate(parts):
            params = {name: p for name, p in self._params.items() if part_of(name) == part}
            if part not in frozen and any(p.gradient is not None for p in params.values()):
                own = self._own.setdefault(part, Adam(params, self._config))
                own.step(rate / self.way.fall**depth)
        self.session.model.freeze(frozen)

    def state(self) -> dict[str, Any]:
        """Nothing is resumed."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Nothing is resumed."""


def config_of(text: Path, out: Path, rate: float, seed: int) -> dict[str, Any]:
    """Return the keys that all trainings have."""
    return {
        "corpus": {"train": str(text), "valid": 0.2, "max_vocabulary": 8000},
        "training": {
            "epochs": EPOCHS,
            "optimizer": {"kind": "adam", "learning_rate": rate},
            "schedule": {"kind": "linear"},
            "clip_norm": 1.0,
            "seed": seed,
            "batch_size": 10,
        },
        "checkpoint": {"path": str(out)},
    }


def tuned(text: Path, source: Path, rate: float, seed: int) -> dict[str, Any]:
    """Return the keys of a fine-tuning, which adds words that occur twice."""
    keys = config_of(text, source.with_name("tuned.pkl"), rate, seed)
    keys["corpus"] |= {"extend_vocabulary": True, "min_count": 2, "max_vocabulary": None}
    keys["training"]["init_from"] = str(source)
    return keys


def best_valid(keys: dict[str, Any], way: Way | None = None) -> float:
    """Train; return the best validation perplexity."""
    session = begin(make_config(keys, (), model_to_continue(False)), Start.OVERWRITE)
    if way is not None:
        optimizer = ByPart(session.model.params, session.config.training.optimizer)
        optimizer.session, optimizer.way = session, way
        session.model.freeze(
            set(parts_of(session.config.model)[:-1]) if way.gradual else way.freeze
        )
        session.trainer.optimizer = optimizer
    events = list(session.events())
    records = [event.record for event in events if isinstance(event, EpochDone)]
    return min(record.valid for record in records if record.valid is not None)


def words(path: str, most: int) -> str:
    """Return the first words of a text in lower case, a line per line, without punctuation."""
    lines, count = [], 0
    for line in Path(path).read_text(encoding="utf-8").lower().splitlines():
        found = re.findall(r"[a-z'<>]+", line)
        lines.append(" ".join(found))
        count += len(found)
        if count >= most:
            break
    return "\n".join(line for line in lines if line) + "\n"


def rows(
    general: str,
    special: str,
    sizes: tuple[int, int],
    seeds: Iterable[int],
    rates: Iterable[float],
) -> None:
    """Train every way, and print a row for each."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        first, second = directory / "general.txt", directory / "special.txt"
        first.write_text(words(general, sizes[0]), encoding="utf-8")
        second.write_text(words(special, sizes[1]), encoding="utf-8")
        model = {**SIZES, "dropout": DROPOUT}
        source = directory / "source.pkl"
        valid = best_valid({**config_of(first, source, 3e-3, 1), "model": model})
        print(f"source: validation perplexity {valid:.1f}", flush=True)
        for way in WAYS:
            found = {
                rate: [best_valid(tuned(second, source, rate, seed), way) for seed in seeds]
                for rate in rates
            }
            best = min(found, key=lambda rate: fmean(found[rate]))
            each = ", ".join(f"{valid:.1f}" for valid in found[best])
            means = ", ".join(f"{rate:g}: {fmean(runs):.1f}" for rate, runs in found.items())
            print(f"| {way.name} | {fmean(found[best]):.1f} | {each} | {means} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("general", help="a text of words, to train the first model")
    parser.add_argument("special", help="another text, whose first words are for fine-tuning")
    parser.add_argument("--words", type=int, nargs=2, default=(60_000, 6_000))
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--rates", type=float, nargs="+", default=RATES)
    options = parser.parse_args()
    texts = options.general, options.special, tuple(options.words)
    rows(*texts, options.seeds, options.rates)
