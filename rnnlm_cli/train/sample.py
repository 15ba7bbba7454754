"""A text that the model writes after an epoch, so that one sees what it has learned."""

from __future__ import annotations

from rnnlm_cli.config import Config
from rnnlm_cli.data.texts import TrainingTexts
from rnnlm_cli.errors import DivergedError, UsageError
from rnnlm_cli.generate.filters import Filters
from rnnlm_cli.generate.start import look_up_start
from rnnlm_cli.generate.written import WrittenText
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.network import Network
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.train.events import Sampled


class Sampler:
    """Writes the texts of ``training.sample``.

    The random generator of a text is seeded by ``training.seed`` plus the epoch. So training draws
    the same numbers with and without samples, a resumed training writes the same texts, and
    ``rnnlm generate`` with the seed in the log writes them again from the same weights.
    """

    def __init__(self, config: Config, texts: TrainingTexts, network: Network) -> None:
        """Look up the start of the texts.

        Args:
            config: The configuration.
            texts: The training's texts.
            network: The network in training; a text is written with its weights at that time.

        Raises:
            UsageError: The model does not know a token of the start, or cannot begin a line.
        """
        self._config = config.training.sample
        self._model: TrainedModel
        self._start: list[str] = []
        if self._config.length > 0:
            assert isinstance(network, Rnnlm)  # config/ refuses samples for other tasks
            self._model = TrainedModel(config, texts.codec, texts.vocabulary, network)
            self._start = self._known_start()

    def is_due(self, epoch: int) -> bool:
        """Whether a text is written after an epoch, counted from 1."""
        return self._config.length > 0 and epoch % self._config.every == 0

    def draw(self, epoch: int) -> Sampled | None:
        """Write the text of an epoch; ``None`` if the model has no valid probabilities.

        Training goes on without the text, as it would without samples.
        """
        seed = self._model.config.training.seed + epoch
        filters = Filters(temperature=self._config.temperature).in_order()
        try:
            text = WrittenText(self._model, self._start, seed)
            pieces = list(text.go_on(self._config.length, filters))
        except DivergedError:
            return None
        return Sampled(epoch, "".join(pieces), seed)

    def _known_start(self) -> list[str]:
        try:
            return look_up_start(self._model, self._config.start)
        except UsageError as error:
            raise UsageError(
                str(error.args[0]),
                place="training.sample.start",
                remedy="set it to a text of known tokens",
            ) from None
