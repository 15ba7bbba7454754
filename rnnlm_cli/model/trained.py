"""A trained model in memory: a network with all that it takes to use it."""

from __future__ import annotations

from dataclasses import dataclass, field

from rnnlm_cli.config import Config
from rnnlm_cli.errors import UsageError
from rnnlm_cli.model.history import EpochRecord
from rnnlm_cli.model.rnnlm import Rnnlm
from rnnlm_cli.system.arrays import Ids
from rnnlm_cli.text.codec.base import Codec
from rnnlm_cli.text.vocabulary import Vocabulary


@dataclass
class TrainedModel:
    """A network, and what turns text into its ids and back.

    Attributes:
        config: The effective configuration; its paths are relative to the working directory.
        codec: Text to tokens, and back.
        vocabulary: Tokens by id.
        network: Ids to probabilities.
        history: A record an epoch.
    """

    config: Config
    codec: Codec
    vocabulary: Vocabulary
    network: Rnnlm
    history: list[EpochRecord] = field(default_factory=list)

    def encode(self, text: str, ends_line: bool = False) -> Ids:
        """Return the ids ``(n,)`` of a line without its newline, or of a part of one.

        Args:
            text: The line.
            ends_line: Add the token that ends a line, if there is one.
        """
        return self.codec.encode(text, self.vocabulary, ends_line)

    def require_left_to_right(self, purpose: str) -> None:
        """Refuse a model that cannot tell what comes next.

        Raises:
            UsageError: It is bidirectional.
        """
        if self.network.bidirectional:
            raise UsageError(
                f"the model is bidirectional: it reads what comes after each word too, and so "
                f"cannot {purpose}; take a model with model.direction: forward"
            )

    @property
    def knows_line_end(self) -> bool:
        """Whether a token ends lines, so that a text can begin after one."""
        return self.codec.line_end is not None and self.codec.line_end in self.vocabulary

    def line_start(self) -> int:
        """Return the id that is fed to the zero state before a line: the one that ends lines.

        Raises:
            UsageError: The model knows no end of a line.
        """
        if not self.knows_line_end:
            raise UsageError(
                "the model knows no end of a line, so that no line can begin after one; train it "
                "with corpus.end_of_line"
            )
        return self.vocabulary.index[str(self.codec.line_end)]

    @property
    def line_edge(self) -> int | None:
        """The id at both edges of a line for a model that reads each by itself, else ``None``.

        Only a bidirectional one does; its vocabulary has that token.
        """
        end = self.codec.end_of_line
        return None if end is None or not self.network.bidirectional else self.vocabulary.index[end]
