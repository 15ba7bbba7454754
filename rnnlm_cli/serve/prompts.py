"""Prompts: texts or ids of a request, as the tokens that a model reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rnnlm_cli.generate.beginning import Beginning
from rnnlm_cli.generate.start import before_start, known_tokens
from rnnlm_cli.generate.together import START_TOKENS
from rnnlm_cli.generate.written import TextAfter
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.serve.errors import ApiError
from rnnlm_cli.serve.requests import Prompt
from rnnlm_cli.text.pieces import Piece


class Given(NamedTuple):
    """A prompt as a model reads it."""

    model: TrainedModel
    tokens: list[str]
    text: str  # as it was given, or as its ids are written

    def beginning(self, top: int | None = None) -> Beginning:
        """Return it to be read; with a number tokens are scored (see ``Beginning``)."""
        ids = self.model.vocabulary.ids_of(self.tokens).tolist()
        before = before_start(self.model, self.tokens)
        return Beginning(self.model, ids, before, top, START_TOKENS)

    def after(self) -> TextAfter:
        """Return what turns following tokens into the text that is added to this one."""
        codec = self.model.codec
        separator = codec.separator if self.text[-1:].isspace() else ""
        return TextAfter(codec, self.tokens, separator)


def prompts_of(prompt: Prompt | None) -> list[str | list[int]]:
    """Return the prompts of a request, whichever form it has.

    Raises:
        ApiError: There is none, or it mixes texts and ids.
    """
    if prompt is None:
        return [""]
    if isinstance(prompt, str):
        return [prompt]
    if not prompt:
        raise ApiError(400, 'prompt: must not be empty; use "" to begin a line', "prompt")
    kinds = {type(one) for one in prompt}
    if kinds == {int}:
        return [[one for one in prompt if isinstance(one, int)]]
    if kinds not in ({str}, {list}):
        raise ApiError(400, "prompt: mixes texts and ids; use one form", "prompt")
    return [one for one in prompt if not isinstance(one, int)]


def given(
    model: TrainedModel, prompt: str | Sequence[int], allow_unknown: bool, most: int
) -> Given:
    """Read a prompt.

    Args:
        model: A left-to-right model.
        prompt: A text or ids.
        allow_unknown: Read a word that the model does not know as the unknown token.
        most: Maximum tokens.

    Raises:
        ApiError: It is too long, or has an id that there is not.
        UsageError: The model does not know a word, or it is empty and no line can begin.
    """
    if not isinstance(prompt, str):
        check_length(len(prompt), most, "prompt")
        tokens = of_ids(model, prompt)
        before_start(model, tokens)
        return Given(model, tokens, model.codec.decode(tokens))
    read = tokens_of(model, prompt)
    check_length(len(read), most, "prompt")
    tokens = known_tokens(model, read, allow_unknown, field="prompt")
    before_start(model, tokens)
    return Given(model, tokens, prompt)


def check_length(tokens: int, most: int, field: str) -> None:
    """Refuse what is too long.

    Raises:
        ApiError: It is.
    """
    if tokens > most:
        message = f"{field}: has {tokens:,} tokens; this server reads at most {most:,}"
        raise ApiError(400, message, field, "context_length_exceeded")


def of_ids(model: TrainedModel, ids: Sequence[int]) -> list[str]:
    """Return the tokens of ids.

    Raises:
        ApiError: There is no such id.
    """
    tokens = model.vocabulary.tokens
    for k in ids:
        if not 0 <= k < len(tokens):
            most = len(tokens) - 1
            raise ApiError(400, f"prompt: {k} is not an id; they are 0 to {most:,}", "prompt")
    return [tokens[k] for k in ids]


def tokens_of(model: TrainedModel, text: str) -> list[str]:
    """Split a text that is to be continued; each newline ends a line."""
    codec = model.codec
    *lines, last = text.split("\n") if codec.end_of_line is not None else [text]
    tokens = [token for line in lines for token in codec.tokens(Piece(line.rstrip("\r"), True))]
    return tokens + (codec.start_of(last) if last else [])
