"""How well a model translates: exact matches, and scores that count shared n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import NamedTuple

from rnnlm_cli.data.pairs import Pairs
from rnnlm_cli.generate.translation import Translator
from rnnlm_cli.system.optional import extra


class Scores(NamedTuple):
    """Scores of translations, from 0 to 100.

    Attributes:
        chrf: chrF2 (Popovic, 2015): the F-score of n-grams of characters.
        bleu: BLEU (Papineni et al., 2002): the precision of n-grams of words, of all lines
            together, times a penalty for brevity.
        signature: How they were computed, in sacrebleu's words (Post, 2018).
    """

    chrf: float
    bleu: float
    signature: str


class Wrong(NamedTuple):
    """A translation that is not the same as its reference."""

    source: str
    translation: str
    reference: str


class Quality(NamedTuple):
    """How well a text was translated.

    Attributes:
        lines: The number of lines.
        exact: How many translations are the same as their references.
        nats: Cross-entropy of the references, each token predicted from those before it.
        tokens: Their tokens, ends of lines among them.
        wrong: Those that are not the same.
        scores: By sacrebleu; ``None`` if it is not installed.
    """

    lines: int
    exact: int
    nats: float
    tokens: int
    wrong: list[Wrong]
    scores: Scores | None


def measure_translation(
    translator: Translator,
    pairs: Pairs,
    nats: float,
    width: int | None = None,
    penalty: float = 1.0,
) -> Quality:
    """Translate the sources of a text, and compare what is written with its targets.

    A reference is compared as the model would write it: in its normal form and, if it is made of
    words, with one space between them.

    Args:
        translator: The model.
        pairs: The text.
        nats: Cross-entropy of the text's targets.
        width: Of a beam search; ``None`` takes the most likely token at each step.
        penalty: See ``beam_search``.
    """
    sources = pairs.rows.left
    if width is None:
        found = [one for _, one in translator.translations(sources)]
    else:
        found = [translator.best(source, width, penalty)[0] for source in sources]
    texts = [translator.text(one) for one in found]
    references = [translator.as_written(text) for text in pairs.rows.right]
    rows = zip(sources, texts, references, strict=True)
    wrong = [Wrong(*row) for row in rows if row[1] != row[2]]
    compared = scores(texts, references) if has_scores() else None
    lines = len(sources)
    return Quality(lines, lines - len(wrong), nats, int(pairs.lengths.sum()), wrong, compared)


def scores(found: Sequence[str], references: Sequence[str]) -> Scores:
    """Compare translations with their references, by sacrebleu.

    Args:
        found: The translations.
        references: One for each.

    Raises:
        UsageError: sacrebleu is not installed.
    """
    metrics = extra("sacrebleu.metrics", "translation")
    chrf, bleu = metrics.CHRF(), metrics.BLEU()
    texts, against = list(found), [list(references)]
    return Scores(
        chrf.corpus_score(texts, against).score,
        bleu.corpus_score(texts, against).score,
        f"{chrf.get_signature()} {bleu.get_signature()}",
    )


def has_scores() -> bool:
    """Whether sacrebleu is installed."""
    return find_spec("sacrebleu") is not None
