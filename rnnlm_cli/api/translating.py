"""A model that translates lines, as an object."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rnnlm_cli.api.arguments import Path, lines_of
from rnnlm_cli.api.tasks import TaskModel
from rnnlm_cli.checks import check_text
from rnnlm_cli.config.task import Translation
from rnnlm_cli.data.pairs import PAIRS
from rnnlm_cli.data.rows import check_line
from rnnlm_cli.evaluate.perplexity import summed_nats
from rnnlm_cli.generate import translation
from rnnlm_cli.generate.beam import PENALTY, WIDTH
from rnnlm_cli.generate.quality import Quality, measure_translation
from rnnlm_cli.generate.translation import LINES_AT_ONCE
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.tasks.translation import pair_blocks


@dataclass(frozen=True)
class Translated:
    """A line with its translation.

    Attributes:
        source: The line.
        text: Its translation.
        source_tokens: The tokens of the line.
        tokens: Those that were written, with the end of the line if it was reached.
        logprobs: Natural log of the probability of each.
        attention: ``(T, S)``, how much each of ``tokens`` looks at each of ``source_tokens``, each
            row of sum 1; ``None`` without attention.
    """

    source: str
    text: str
    source_tokens: list[str]
    tokens: list[str]
    logprobs: list[float]
    attention: Array | None


class Translator(TaskModel):
    """A model of ``task.kind: translation``: it turns lines into others."""

    task = Translation

    def translate(
        self, text: str, *, beam: int | None = None, length_penalty: float = 1.0
    ) -> Translated:
        """Return the best translation of a line.

        Args:
            text: The line.
            beam: Width of a beam search; ``None`` takes the most likely token at each step.
            length_penalty: With ``beam``: candidates are ranked by log-probability over
                ``length ** length_penalty``.

        Raises:
            UsageError: It is not text, empty, or has a newline or a tab; or a number is out of
                range.
            DivergedError: The model has diverged.
        """
        check_text("text", text)
        check_line(text)
        if beam is None:
            return self.translate_lines([text])[0]
        _check_search(beam, length_penalty)
        return self._translated(text, self._translator.best(text, beam, length_penalty)[0])

    def translate_lines(self, text: str | Iterable[str]) -> list[Translated]:
        """Return the translations of all lines of a text, or of several lines.

        They are found by the most likely token at each step; that of a blank line is empty.

        Raises:
            UsageError: It is not text.
            DivergedError: The model has diverged.
        """
        found = self._translator.translations(lines_of(text))
        return [self._translated(line, one) for line, one in found]

    def evaluate(
        self,
        corpus: Path | Sequence[Path] | None = None,
        *,
        split: str | None = None,
        encoding: str | None = None,
        beam: int | None = None,
        length_penalty: float = 1.0,
    ) -> Quality:
        """Return how well the model translates lines of source, tab and target.

        Args:
            corpus: A text file, or several that are one text.
            split: Or ``"train"``, ``"valid"`` or ``"test"``: that text of the model's config.
            encoding: The encoding of the files, as for ``LanguageModel.evaluate``.
            beam: As for ``translate``.
            length_penalty: As for ``translate``.

        Raises:
            UsageError: Not exactly one text is named, it cannot be read, or a number is out of
                range.
            CorpusError: A line is not source, tab and target.
            DivergedError: The model has diverged.
        """
        if beam is not None:
            _check_search(beam, length_penalty)
        pairs = self._lines(PAIRS, corpus, split, encoding)
        nats, _ = summed_nats(self.model.network, pair_blocks(pairs, LINES_AT_ONCE))
        return measure_translation(self._translator, pairs, nats, beam, length_penalty)

    @property
    def _translator(self) -> translation.Translator:
        return translation.Translator(self.model)

    def _translated(self, line: str, found: translation.Translation) -> Translated:
        translator = self._translator
        attention = translator.attention(found) if translator.has_attention else None
        written = translator.text(found)
        return Translated(line, written, found.source, found.tokens, found.log_probs, attention)


def _check_search(beam: int, length_penalty: float) -> None:
    WIDTH.check("beam", beam)
    PENALTY.check("length_penalty", length_penalty)
