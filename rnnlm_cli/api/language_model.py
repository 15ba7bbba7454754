"""A trained model as an object."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rnnlm_cli import checkpoint
from rnnlm_cli.api.arguments import Path, path_of
from rnnlm_cli.api.evaluation import Evaluation, evaluate_model, names_training_text, read_one
from rnnlm_cli.api.looking import Looking
from rnnlm_cli.api.machine import choose_device, choose_threads
from rnnlm_cli.api.mixing import MixedModel, loaded, mix
from rnnlm_cli.api.reading import Reading
from rnnlm_cli.api.writing import Writing
from rnnlm_cli.errors import UsageError
from rnnlm_cli.model.trained import TrainedModel


class LanguageModel(Reading, Looking, Writing):
    """A trained model.

    One that is bidirectional fills blanks, and is evaluated and traced; the other methods need a
    model that reads from left to right. Several threads may use one model.

    Attributes:
        model: Network, codec, vocabulary, configuration and history.
        path: Where it was read from; empty for one in memory.
    """

    def __init__(self, model: TrainedModel, path: str = "") -> None:
        self.model = model
        self.path = path

    def __repr__(self) -> str:
        config, size = self.model.config.model, len(self.model.vocabulary)
        layers = "1 layer" if config.layers == 1 else f"{config.layers} layers"
        both = "bidirectional " if self.model.network.bidirectional else ""
        return (
            f"<LanguageModel {self.path or 'in memory'}: {both}{config.cell}, {layers} of "
            f"{config.hidden_size}, {size:,} tokens, "
            f"{self.model.network.parameter_count:,} parameters>"
        )

    def __contains__(self, token: object) -> bool:
        if not isinstance(token, str):
            return False
        return any(form in self.model.vocabulary for form in self.model.codec.forms(token))

    @property
    def tokens(self) -> list[str]:
        """All tokens by id."""
        return list(self.model.vocabulary.tokens)

    def evaluate(
        self,
        corpus: Path | Sequence[Path] | None = None,
        *,
        text: str | Iterable[str] | None = None,
        split: str | None = None,
        field: str | None = None,
        streams: int = 1,
        encoding: str | None = None,
    ) -> Evaluation:
        """Measure the model on a text: perplexity and all that ``rnnlm eval perplexity`` reports.

        The text is one stream: its first token is given, and each other one is predicted from all
        before it. A model that is bidirectional or was trained on single lines
        (``training.lines: independent``) reads each line by itself.

        Args:
            corpus: A text file, a directory or a pattern, or several that are one text.
            text: A text in memory, or lines.
            split: Or ``"train"``, ``"valid"`` or ``"test"``: that text of the model's config.
            field: The field that is the text, where ``corpus`` is a file of records; the default is
                that of the model's config.
            streams: Read this many parts of the text side by side: faster; 1 is exact.
            encoding: The encoding of the files, or ``"auto"``. The default is UTF-8, or the
                config's for one of its texts.

        Raises:
            UsageError: Not exactly one text is given, or it cannot be read; an argument is of the
                wrong type or out of range.
            CorpusError: The text is empty, too short or not in its encoding.
            DivergedError: The model has diverged.

        >>> report = lm.evaluate(text="you say goodbye and i say hello .")
        >>> report.tokens, report.oov, round(report.perplexity, 1)
        (8, 0, 1.0)
        """
        read = read_one(self.model, self.path, corpus, text, split, encoding, field)
        trained_on = names_training_text(self.model, corpus, split)
        return evaluate_model(self.model, self.path, read, streams, trained_on)

    def mixed_with(
        self,
        others: Sequence[Path | LanguageModel] = (),
        *,
        ngram: Path | None = None,
        weights: Sequence[float] | None = None,
    ) -> MixedModel:
        """Mix the model with others of the same tokens, and with an n-gram model.

        The probability of each token is the weighted mean of those of all models.

        Args:
            others: More networks: files, or models. Their vocabularies have the same tokens, in any
                order.
            ngram: An ARPA file, such as ``rnnlm_cli.ngram`` writes.
            weights: Of this model, of the others, and of the n-gram model; they are divided by
                their sum. By default they are those that suit the validation text of this model's
                config best.

        Raises:
            UsageError: A file is missing, models cannot be mixed, or weights are missing or wrong.
            CheckpointError, CorpusError: A file is not valid.

        >>> lm.mixed_with([lm], weights=[0.5, 0.5]).generate("you", length=2, seed=1)
        'you say goodbye'
        """
        models = [
            (other.path or "the other model", other.model)
            if isinstance(other, LanguageModel)
            else loaded(other)
            for other in others
        ]
        if not models and ngram is None:
            raise UsageError("must not be empty; give a model, or ngram", field="others")
        return mix(self.model, self.path, models, ngram, weights)


def load(path: Path, *, threads: int | None = None, device: str | None = None) -> LanguageModel:
    """Read a trained model; no code in the file is run.

    Args:
        path: The checkpoint, ``NAME.pkl``.
        threads: How many threads this process computes with from now on, whatever the model; the
            environment variable ``RNNLM_THREADS`` takes precedence. ``None`` changes nothing; at
            first they are as many as there are cores.
        device: Where models that are read from now on compute: ``cpu``, as at first, ``cuda``, or
            ``auto``, a CUDA device if there is one and the model runs there. ``None`` changes
            nothing.

    Raises:
        UsageError: There is no such file, ``threads`` is out of range, or there is no such device.
        CheckpointError: It is not a valid checkpoint.
    """
    name = path_of("path", path)
    choose_threads(threads)
    choose_device(device)
    return LanguageModel(checkpoint.load(name).model, name)


def evaluate(
    checkpoint: Path,
    corpus: Path | Sequence[Path] | None = None,
    *,
    text: str | Iterable[str] | None = None,
    split: str | None = None,
    field: str | None = None,
    streams: int = 1,
    encoding: str | None = None,
) -> Evaluation:
    """Read a trained model and measure it: ``load(checkpoint).evaluate(...)``."""
    model = load(checkpoint)
    return model.evaluate(
        corpus, text=text, split=split, field=field, streams=streams, encoding=encoding
    )
