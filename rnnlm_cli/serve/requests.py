"""The bodies of requests: strict types, and no field that would be ignored."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from rnnlm_cli.serve.errors import ApiError

Prompt = str | list[str | int | list[int]]
Number = float | None
Whole = int | None

Model = Annotated[
    str | None, Meta(description="Id of a model, as GET /v1/models lists them; null if it is alone")
]
Skip = Annotated[list[str], Meta(description="Tokens that are never chosen")]
AllowUnknown = Annotated[
    bool | None, Meta(description="Read a word that the model does not know as the unknown token")
]


class StreamOptions(msgspec.Struct, forbid_unknown_fields=True):
    """Settings of a streamed answer."""

    include_usage: Annotated[
        bool | None, Meta(description="Send the number of tokens in a last piece")
    ] = None
    include_obfuscation: Annotated[bool | None, Meta(description="Without effect")] = None


class CompletionRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Texts that go on from prompts, as OpenAI's completions and with rnnlm's own filters."""

    prompt: Annotated[
        Prompt | None,
        Meta(description="A text, texts, ids, or lists of ids; an empty one begins a line"),
    ] = None
    model: Model = None
    max_tokens: Annotated[Whole, Meta(description="Tokens to draw per text; 16 by default")] = None
    temperature: Annotated[Number, Meta(description="0 takes the most likely token")] = None
    top_p: Annotated[Number, Meta(description="Only the most likely tokens up to this sum")] = None
    top_k: Annotated[Whole, Meta(description="Only the most likely tokens; 0 for all")] = None
    min_p: Annotated[
        Number, Meta(description="Only tokens with this share of the highest probability")
    ] = None
    repetition_penalty: Annotated[
        Number, Meta(description="Above 1 tokens of the text so far become less likely")
    ] = None
    no_repeat_ngram: Annotated[
        Whole, Meta(description="No n-gram of this length twice; 0 allows it")
    ] = None
    skip: Skip | None = None
    n: Annotated[Whole, Meta(description="Texts per prompt; text k has the seed + k")] = None
    seed: Annotated[Whole, Meta(description="The same seed gives the same text")] = None
    stop: Annotated[
        str | list[str] | None, Meta(description="Texts that end a text; they are not shown")
    ] = None
    echo: Annotated[bool | None, Meta(description="Show the prompt before the text")] = None
    logprobs: Annotated[
        Whole,
        Meta(
            description="Natural logs of the tokens' probabilities, the model's own, before any "
            "filter, and of this many of the most likely tokens in their place"
        ),
    ] = None
    stream: Annotated[bool | None, Meta(description="Send pieces as server-sent events")] = None
    stream_options: StreamOptions | None = None
    allow_unknown: AllowUnknown = None
    best_of: Annotated[Whole, Meta(description="Accepted if it is n")] = None
    presence_penalty: Annotated[Number, Meta(description="Accepted if it is 0")] = None
    frequency_penalty: Annotated[Number, Meta(description="Accepted if it is 0")] = None
    logit_bias: Annotated[dict[str, float] | None, Meta(description="Accepted if empty")] = None
    suffix: Annotated[str | None, Meta(description="Accepted if empty")] = None
    user: Annotated[str | None, Meta(description="Without effect")] = None

    def refuse_what_would_be_ignored(self) -> None:
        """Refuse settings of OpenAI's that mean something and are not there.

        Raises:
            ApiError: There is one.
        """
        wrong = {
            "best_of": self.best_of not in (None, 1 if self.n is None else self.n),
            "presence_penalty": bool(self.presence_penalty),
            "frequency_penalty": bool(self.frequency_penalty),
            "logit_bias": bool(self.logit_bias),
            "suffix": bool(self.suffix),
        }
        remedies = {
            "best_of": "omit it; every text is returned",
            "logit_bias": "omit it, or forbid tokens with skip",
            "suffix": "omit it, or fill blanks with /v1/fill",
        }
        for name, is_wrong in wrong.items():
            if is_wrong:
                remedy = remedies.get(name, "omit it, or use repetition_penalty")
                raise ApiError(400, f"{name}: is not supported; {remedy}", name, "unsupported")


class ScoreRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A text to score, each line by itself with its end."""

    text: Annotated[str | list[str], Meta(description="A text, or its lines")]
    model: Model = None
    top: Annotated[Whole, Meta(description="Most likely tokens to return in each place")] = None


class NextRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The most likely next tokens after a prompt."""

    prompt: Annotated[
        str | list[int], Meta(description="A text or ids; an empty one begins a line")
    ]
    model: Model = None
    top: Annotated[Whole, Meta(description="How many; 10 by default")] = None
    allow_unknown: AllowUnknown = None


class FillRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A line with blanks."""

    text: Annotated[str, Meta(description="A line with a mark in place of tokens")]
    model: Model = None
    top: Annotated[Whole, Meta(description="Tokens per blank, or lines; 5 by default")] = None
    skip: Skip | None = None
    blank: Annotated[str | None, Meta(description="The mark; ___ by default")] = None
    allow_unknown: AllowUnknown = None


class TraceRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A token of a text, at which gates and states are wanted."""

    text: Annotated[str, Meta(description="A text")]
    model: Model = None
    position: Annotated[Whole, Meta(description="Which token, from 0; the last one by default")] = (
        None
    )


def decoded(body: bytes, kind: Any) -> Any:
    """Return a request from its body.

    Raises:
        msgspec.DecodeError: It is not JSON, or not such a request.
    """
    return msgspec.json.decode(body, type=kind)
