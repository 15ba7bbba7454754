"""A request for texts, checked, and the forms of its answer."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from rnnlm_cli.generate.filters import RANGES, Filters
from rnnlm_cli.generate.limits import SEED, check_room, skipped_ids
from rnnlm_cli.model.likeliest import Likeliest
from rnnlm_cli.serve.choice import Choice, Delta, Shown
from rnnlm_cli.serve.errors import ApiError
from rnnlm_cli.serve.limits import LONGEST_STOP, MOST_STOPS, Limits
from rnnlm_cli.serve.prompts import given, prompts_of
from rnnlm_cli.serve.requests import CompletionRequest
from rnnlm_cli.serve.served import Served
from rnnlm_cli.serve.tasks import Writing

TOKENS = 16
"""Tokens that are drawn where a request does not say how many, as OpenAI has it."""


class Completion:
    """A request for texts, checked."""

    def __init__(self, request: CompletionRequest, served: Served, limits: Limits) -> None:
        """Check a request, and split its prompts into tokens.

        Raises:
            ApiError: Something is out of range.
            UsageError: So is a filter, or a prompt has an unknown word.
        """
        request.refuse_what_would_be_ignored()
        self.request, self.served = request, served
        self.length = TOKENS if request.max_tokens is None else request.max_tokens
        self.count = 1 if request.n is None else request.n
        check_range("max_tokens", self.length, 0, limits.max_tokens)
        check_range("logprobs", request.logprobs or 0, 0, limits.max_top)
        prompts = prompts_of(request.prompt)
        check_range("n", self.count, 1, limits.max_texts)
        if self.count * len(prompts) > limits.max_texts:
            most = limits.max_texts
            raise ApiError(400, f"n: prompts times n must be at most {most}", "n")
        self.stops = stops_of(request.stop)
        self.filters = filters_of(request, served)
        unknown = bool(request.allow_unknown)
        self.prompts = [given(served.model, one, unknown, limits.max_prompt) for one in prompts]
        if not self.stops:
            for prompt in self.prompts:
                check_room(served.model, self.filters, prompt.tokens, self.length)
        self.seed = secrets.randbelow(1_000_000) if request.seed is None else request.seed
        SEED.check("seed", self.seed)
        self.name = f"cmpl-{secrets.token_hex(12)}"
        self.created = int(time.time())

    @property
    def top(self) -> int:
        """How many of the most likely tokens are wanted beside each."""
        return self.request.logprobs or 0

    def writing(self) -> Writing:
        """Return the task for the model's thread."""
        choices: list[Choice] = []
        echo, scored = bool(self.request.echo), self.request.logprobs is not None
        for prompt in self.prompts:
            beginning = prompt.beginning(self.top if echo and scored else None)
            after = prompt.after()
            choices += (
                Choice(
                    self.served.model,
                    beginning,
                    self.seed + k,
                    self.length,
                    deepcopy(after),
                    self.stops,
                    prompt.text if echo else None,
                )
                for k in range(self.count)
            )
        return Writing(choices, self.filters, self.top)

    def values(self, choices: Sequence[dict[str, Any]], usage: Any = None) -> dict[str, Any]:
        """Return an answer, or a piece of one."""
        values = {
            "id": self.name,
            "object": "text_completion",
            "created": self.created,
            "model": self.served.name,
            "choices": choices,
        }
        return values if usage is None else values | {"usage": usage}

    def choice(self, index: int, delta: Delta) -> dict[str, Any]:
        """Return a choice, or what is new in it."""
        logprobs = None if self.request.logprobs is None else self.logprobs(delta.tokens)
        return {
            "index": index,
            "text": delta.text,
            "logprobs": logprobs,
            "finish_reason": delta.finish,
        }

    def logprobs(self, tokens: Sequence[Shown]) -> dict[str, Any]:
        """Return tokens with the natural logs of their probabilities."""
        return {
            "tokens": [one.token for one in tokens],
            "token_logprobs": [one.log_prob for one in tokens],
            "top_logprobs": [self._top(one) for one in tokens],
            "text_offset": [one.offset for one in tokens],
        }

    def usage(self, choices: Sequence[Choice]) -> dict[str, int]:
        """Return the numbers of tokens."""
        read = sum(len(prompt.tokens) for prompt in self.prompts)
        drawn = sum(choice.drawn for choice in choices)
        return {
            "prompt_tokens": read,
            "completion_tokens": drawn,
            "total_tokens": read + drawn,
        }

    def _top(self, shown: Shown) -> dict[str, float] | None:
        """Return the most likely tokens, and the token itself."""
        if shown.log_prob is None:
            return None
        names = self.served.model.vocabulary.tokens
        likeliest: Likeliest = shown.likeliest
        return {names[k]: value for k, value in likeliest} | {shown.token: shown.log_prob}


def check_range(name: str, value: int, low: int, high: int) -> None:
    """Check a number.

    Raises:
        ApiError: It is out of range.
    """
    if not low <= value <= high:
        raise ApiError(400, f"{name}: {value:,} is not from {low} to {high:,}", name)


def stops_of(stop: str | list[str] | None) -> list[str]:
    """Return the strings that end a text.

    Raises:
        ApiError: One is empty or too long, or there are too many.
    """
    stops = [stop] if isinstance(stop, str) else stop or []
    if len(stops) > MOST_STOPS:
        raise ApiError(400, f"stop: has more than {MOST_STOPS} texts", "stop")
    for one in stops:
        if not 0 < len(one) <= LONGEST_STOP:
            message = f"stop: a text must have 1 to {LONGEST_STOP} characters"
            raise ApiError(400, message, "stop")
    return stops


def filters_of(request: CompletionRequest, served: Served) -> Filters:
    """Return the filters of a request.

    Raises:
        UsageError: One is out of range, or no token is left.
    """
    asked = {name: getattr(request, name) for name in RANGES}
    own = {name: value for name, value in asked.items() if value is not None}
    return Filters(skip=tuple(skipped_ids(served.model, request.skip or [])), **own)
