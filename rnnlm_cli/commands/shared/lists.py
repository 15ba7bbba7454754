"""Lists of hypotheses and lattices, read and scored as options say."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import click

from rnnlm_cli.commands.shared.options import FILE
from rnnlm_cli.commands.shared.texts import noted_pieces, reading_limits
from rnnlm_cli.data.lattice import Lattice
from rnnlm_cli.evaluate.dealing import Deal, alone
from rnnlm_cli.evaluate.lattices import LatticeDecoder, Path, Search
from rnnlm_cli.evaluate.rescoring import score_hypotheses, state_after
from rnnlm_cli.exchange.nbest import joined_lines, read_nbest
from rnnlm_cli.exchange.nbest_formats import DEFAULT, FORMATS, LN10, Hypothesis, Rescored
from rnnlm_cli.exchange.slf import read_slf
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.nn.state import State
from rnnlm_cli.text.reader import display_name

SLF = "slf"
"""The format of lattices, beside those of lists."""

MOST_WEIGHT = 1000
"""Recognizers and translators give a language model weights from 0.1 to 30."""

Command = Callable[..., Any]


def format_option(command: Command) -> Command:
    """Add ``--format``."""
    lines = "; ".join(f"{name}: {form.line}" for name, form in FORMATS.items())
    return click.option(
        "--format",
        "form",
        type=click.Choice([*FORMATS, SLF]),
        show_default=DEFAULT,
        help=f"{lines}; {SLF}: HTK's lattices, each a file.",
    )(command)


def context_option(command: Command) -> Command:
    """Add ``--context``."""
    return click.option(
        "--context",
        type=FILE,
        metavar="FILE",
        help="Earlier utterances, one per line: read before each hypothesis.  [default: none]",
    )(command)


class Reader:
    """Reads files for a model, in one encoding."""

    def __init__(self, model: TrainedModel, encoding: str | None) -> None:
        """Take the model, whose codec has the limits of a text."""
        self._model, self._limits = model, reading_limits(model, encoding)

    def lines(self, path: str) -> Iterator[str]:
        """Yield the lines of a file."""
        pieces = noted_pieces([path], self._limits, self._model)
        return joined_lines(pieces, display_name(path))

    def state(self, context: str | None) -> State | None:
        """Return the state after the lines of a file, if one is named."""
        return None if context is None else state_after(self._model, self.lines(context))

    def lattice(self, path: str) -> Lattice:
        """Read a lattice."""
        return read_slf(self.lines(path), display_name(path))

    def scored(
        self, path: str, form: str | None, state: State | None, deal: Deal = alone
    ) -> Iterator[tuple[Hypothesis, float]]:
        """Yield the hypotheses of lists with their log10 probabilities, scored as ``deal`` says."""
        hypotheses = read_nbest(self.lines(path), form, display_name(path))
        for own, log_prob in score_hypotheses(
            self._model, hypotheses, lambda hypothesis: hypothesis.text, state, deal
        ):
            yield own, log_prob / LN10


def decoded(
    reader: Reader, decoder: LatticeDecoder, paths: Sequence[str], deal: Deal
) -> Iterator[tuple[Lattice, list[Path]]]:
    """Yield lattices with their best paths, found as ``deal`` says."""

    def searched(lattices: list[Lattice]) -> list[tuple[Lattice, list[Path]]]:
        return [(lattice, decoder.paths(lattice)) for lattice in lattices]

    for found in deal(searched, ([reader.lattice(path)] for path in paths)):
        yield from found


def as_rescored(lattice: Lattice, path: Path, search: Search) -> Rescored:
    """Return a path of a lattice as a hypothesis of a list, in log10.

    Its fixed part is the acoustic score. The scale of the language model is in both others, and a
    word penalty in none.
    """
    scale = lattice.language_scale if search.language_scale is None else search.language_scale
    penalty = lattice.word_penalty if search.word_penalty is None else search.word_penalty
    text, old = " ".join(path.words), scale * path.language / LN10
    own = Hypothesis(0, lattice.name, lattice.name, text, path.acoustic / LN10, old)
    new = scale * path.log_prob / LN10
    return Rescored(own, new, search.weight, penalty / LN10)


def natural(log10: float | None) -> float | None:
    """Return a natural log."""
    return None if log10 is None else log10 * math.log(10)
