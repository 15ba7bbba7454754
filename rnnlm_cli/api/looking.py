"""What a model learned: the figures behind the pictures of ``rnnlm plot``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from rnnlm_cli.api.arguments import Path, content_of, tokens_of
from rnnlm_cli.api.evaluation import IN_MEMORY, read_one
from rnnlm_cli.checks import Range, check_text
from rnnlm_cli.errors import UsageError, quoted
from rnnlm_cli.generate.limits import SEED
from rnnlm_cli.learned.calibration import TOKENS, Calibration, measure_calibration
from rnnlm_cli.learned.embedding import (
    METHODS,
    MOST,
    TOP,
    Neighbor,
    WordMap,
    neighbors,
    word_map,
)
from rnnlm_cli.learned.excerpt import Excerpt, read_excerpt
from rnnlm_cli.learned.gates import Gates, read_gates
from rnnlm_cli.learned.gradient_flow import STEPS, GradientFlow, gradient_flow
from rnnlm_cli.learned.memory import (
    CONTEXT,
    TARGETS,
    Memory,
    check_reads_on,
    measure_memory,
)
from rnnlm_cli.learned.neurons import Found, find_units
from rnnlm_cli.learned.surprise import Surprise, surprises
from rnnlm_cli.learned.units import Units, unit_values
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.reader import InlineText, read_pieces

ALL = 1 << 62
"""More tokens than a text has."""

EXPECTED = Range(0, whole=True)


class Looking:
    """What a model learned; a part of ``LanguageModel``."""

    model: TrainedModel
    path: str

    def surprise(self, text: str | Iterable[str], top: int = 3) -> list[Surprise]:
        """Return each token of a text with its nats, and what was expected in its place.

        Args:
            text: A string, or lines.
            top: How many expected tokens to return.

        Raises:
            UsageError: The text has no token, the model is bidirectional, or an argument is of the
                wrong type or out of range.

        >>> lm.surprise("you say goodbye")[1].expected[0].token
        'say'
        """
        EXPECTED.check("top", top)
        return surprises(self.model, self._excerpt(text), top)

    def units(self, text: str | Iterable[str]) -> Units:
        """Return what each unit remembers after each token of a text.

        Raises:
            UsageError: The text has no token, or is of the wrong type.

        >>> lm.units("you say goodbye").values.shape
        (4, 16)
        """
        return unit_values(self.model, self._excerpt(text))

    def find_units(self, text: str | Iterable[str], find: str, top: int = 3) -> Found:
        """Find the units that predict a property of a text best, by a score on its last third.

        Args:
            text: A string, or lines; some thousand tokens.
            find: ``quote``, ``line-length`` or another property of ``rnnlm plot neurons``.
            top: How many units to return.

        Raises:
            UsageError: There is no such property, or it hardly varies in this text; or an argument
                is of the wrong type or out of range.
        """
        check_text("find", find)
        TOP.check("top", top)
        return find_units(self.model, self._excerpt(text), find, top)

    def gates(self, text: str | Iterable[str]) -> Gates:
        """Return the gates over a text, and how often each is saturated.

        Raises:
            UsageError: The cells have no gate, the text has no token or is of the wrong type.

        >>> [gate.gate for gate in lm.gates("you say goodbye").gates]
        ['i', 'f', 'o']
        """
        return read_gates(self.model, self._excerpt(text), ALL)

    def gradient_flow(
        self, text: str | Iterable[str], steps: int = 50, seed: int = 1
    ) -> GradientFlow:
        """Return how far a gradient gets back through time while the model reads a text.

        Args:
            text: A string, or lines, of more tokens than ``steps``.
            steps: How many steps back.
            seed: Seed of the gradient's direction.

        Raises:
            UsageError: The model is bidirectional or reads each line by itself, the text is too
                short, or an argument is of the wrong type or out of range.

        >>> [len(layer.norms) for layer in lm.gradient_flow("you say goodbye", steps=3).layers]
        [3, 3]
        """
        STEPS.check("steps", steps)
        SEED.check("seed", seed)
        return gradient_flow(self.model, self._excerpt(text), steps, seed)

    def near(self, word: str, top: int = 10) -> list[Neighbor]:
        """Return the words that the model takes for most like one, the nearest first.

        Raises:
            UsageError: The model does not know the word, or an argument is of the wrong type or out
                of range.

        >>> len(lm.near("hello", top=2))
        2
        """
        check_text("word", word, empty=False)
        TOP.check("top", top)
        return neighbors(self.model, word, top)

    def word_map(
        self,
        words: Iterable[str] = (),
        *,
        most: int = 100,
        top: int = 10,
        method: str = "pca",
        seed: int = 1,
    ) -> WordMap:
        """Return words in two dimensions; near vectors are near.

        Args:
            words: These and the ``top`` nearest of each; if there are none, the ``most`` most
                frequent.
            most: How many without ``words``.
            top: How many neighbours of each.
            method: ``pca``, or ``tsne``, which needs scikit-learn.
            seed: Seed of t-SNE.

        Raises:
            UsageError: The model does not know a word, there are fewer than three, scikit-learn is
                not installed, or an argument is of the wrong type or out of range.
        """
        MOST.check("most", most)
        TOP.check("top", top)
        SEED.check("seed", seed)
        if method not in METHODS:
            raise UsageError(f"{quoted(method)} is none of {', '.join(METHODS)}", field="method")
        return word_map(self.model, tokens_of("words", words), most, top, method, seed)

    def memory(
        self,
        corpus: Path | Sequence[Path] | None = None,
        *,
        text: str | Iterable[str] | None = None,
        split: str | None = None,
        context: int = 200,
        targets: int = 500,
        seed: int = 1,
    ) -> Memory:
        """Measure how many tokens back still matter.

        Args:
            corpus: As for ``evaluate``, one of ``corpus``, ``text`` and ``split``.
            text: The same.
            split: The same.
            context: How many tokens are read before a target.
            targets: How many targets, evenly spaced in the text.
            seed: Seed of the shuffling.

        Raises:
            UsageError: The model is bidirectional or reads each line by itself, the text cannot be
                read, or an argument is of the wrong type or out of range.
            CorpusError: The text is shorter than the context, or not in its encoding.

        >>> text = ["you say goodbye and i say hello ."] * 20
        >>> [one.tokens for one in lm.memory(text=text, context=5, targets=20).distances]
        [1, 2, 5]
        """
        for name, limits, value in (
            ("context", CONTEXT, context),
            ("targets", TARGETS, targets),
            ("seed", SEED, seed),
        ):
            limits.check(name, value)
        check_reads_on(self.model)
        read = read_one(self.model, self.path, corpus, text, split)
        return measure_memory(self.model, read, context, targets, np.random.default_rng(seed))

    def calibration(
        self,
        corpus: Path | Sequence[Path] | None = None,
        *,
        text: str | Iterable[str] | None = None,
        split: str | None = None,
        tokens: int = 10_000,
    ) -> Calibration:
        """Compare the model's probabilities with what comes.

        Args:
            corpus: As for ``evaluate``, one of ``corpus``, ``text`` and ``split``.
            text: The same.
            split: The same.
            tokens: How many targets at most.

        Raises:
            UsageError: The text cannot be read, or an argument is of the wrong type or out of
                range.
            CorpusError: It has fewer than two tokens, or is not in its encoding.
            DivergedError: The model has diverged.

        >>> lm.calibration(text="you say goodbye and i say hello .").expected_error < 0.1
        True
        """
        TOKENS.check("tokens", tokens)
        read = read_one(self.model, self.path, corpus, text, split)
        return measure_calibration(self.model, read, tokens)

    def _excerpt(self, text: str | Iterable[str]) -> Excerpt:
        pieces = read_pieces(
            InlineText(IN_MEMORY, content_of(text)), self.model.codec.reading_limits()
        )
        return read_excerpt(self.model, pieces, ALL)
