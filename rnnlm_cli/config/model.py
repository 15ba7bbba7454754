"""The section ``model``: the network."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from msgspec import Meta

from rnnlm_cli.config.keys import (
    InputPath,
    Mark,
    NotNegative,
    Positive,
    Rate,
    Section,
    Size,
    key,
)


class DropoutConfig(Section, frozen=True):
    """The dropout rates in training."""

    embedding: Annotated[
        Rate, key("rate on whole words; a dropped word is missing throughout a block")
    ] = 0.0

    input: Annotated[Rate, key("rate on the embedding's output")] = 0.0
    hidden: Annotated[Rate, key("rate between the layers")] = 0.0
    output: Annotated[Rate, key("rate on the output layer's input")] = 0.0
    weight: Annotated[
        Rate,
        key("rate on the recurrent weights, one mask per block (DropConnect)"),
    ] = 0.0
    variational: Annotated[
        bool,
        key(
            "one mask per stream for all steps of a block, and `hidden` also on the "
            "recurrent h (Gal and Ghahramani, 2016)"
        ),
    ] = False


class NotesInitialization(Section, frozen=True, tag_field="kind", tag="notes"):
    """``N(0, 1)/100`` for the embedding, ``N(0, 1)/sqrt(fan in)`` elsewhere."""


class UniformInitialization(Section, frozen=True, tag_field="kind", tag="uniform"):
    """Uniform (Zaremba et al., 2014)."""

    scale: Annotated[Positive, key("all weights are uniform on [-scale, scale]")] = 0.05


class PyTorchInitialization(Section, frozen=True, tag_field="kind", tag="pytorch"):
    """Uniform up to ±0.1, in the recurrent layers up to ±1/sqrt(H), as in PyTorch's example."""


class OrthogonalInitialization(Section, frozen=True, tag_field="kind", tag="orthogonal"):
    """Orthogonal recurrent weights (Saxe et al., 2014)."""


InitializationConfig = (
    NotesInitialization | UniformInitialization | PyTorchInitialization | OrthogonalInitialization
)


class FullSoftmax(Section, frozen=True, tag_field="kind", tag="full"):
    """Softmax over all tokens."""

    label_smoothing: Annotated[
        Rate,
        key(
            "share of the target that training spreads evenly over all tokens (Szegedy et al., "
            "2016); the losses that are reported are those of the text itself"
        ),
    ] = 0.0


class AdaptiveSoftmax(Section, frozen=True, tag_field="kind", tag="adaptive"):
    """Adaptive softmax (Grave et al., 2017)."""

    cutoffs: Annotated[
        tuple[Size, ...],
        Meta(min_length=1, title="ascending list of whole numbers ≥ 1 and ≤ 10,000,000"),
        key("first id of each cluster of rarer tokens; ids are by frequency", Mark.SHAPES_MODEL),
    ] = (2_000, 10_000)
    shrink: Annotated[
        Annotated[int, Meta(ge=1, le=1_000)],
        key(
            "each cluster's vectors are this many times smaller than the previous ones",
            Mark.SHAPES_MODEL,
        ),
    ] = 4

    def __post_init__(self) -> None:
        """Refuse cutoffs that are not ascending."""
        super().__post_init__()
        rising = all(a < b for a, b in zip(self.cutoffs, self.cutoffs[1:], strict=False))
        self._refuse_unless(rising, "cutoffs")


class SampledSoftmax(Section, frozen=True, tag_field="kind", tag="sampled"):
    """Softmax trained on a sample of the vocabulary (Jean et al., 2015)."""

    samples: Annotated[
        Size,
        key("tokens drawn per block; losses in training are over the sample"),
    ] = 2_000


OutputConfig = FullSoftmax | AdaptiveSoftmax | SampledSoftmax


class MogrifierConfig(Section, frozen=True):
    """The rounds of a Mogrifier LSTM (Melis et al., 2020)."""

    rounds: Annotated[
        Annotated[int, Meta(ge=1, le=100)],
        key("how often input and state change each other before a step", Mark.SHAPES_MODEL),
    ] = 5
    rank: Annotated[
        Size | None,
        key(
            "rank of the matrices of the rounds, which makes them small; null for full ones",
            Mark.SHAPES_MODEL,
        ),
    ] = None


WITH_FORGET_GATE = ("lstm", "sru", "ln_lstm", "mogrifier")
"""The names of ``cell`` whose gate that keeps memory is called ``f``, for ``forget_bias``."""


PART = r"embedding|layer[1-9][0-9]{0,2}|output"
"""The names in ``freeze``, as a pattern."""

PARTS = "embedding, layer1, layer2, ..., output"
Part = Annotated[str, Meta(title=PARTS, extra_json_schema={"pattern": f"^({PART})$"})]


class ModelConfig(Section, frozen=True):
    """The network."""

    direction: Annotated[
        Literal["forward", "bidirectional"],
        key(
            "predict the next token, or fill blanks from both sides; the second reads "
            "each line by itself and needs `corpus.end_of_line`",
            Mark.SHAPES_MODEL,
        ),
    ] = "forward"
    cell: Annotated[
        Literal["rnn", "lstm", "gru", "sru", "ln_lstm", "mogrifier"],
        key(
            "the recurrent layer: Elman's, an LSTM or a GRU; an SRU, which multiplies no state by "
            "weights and so is fast (Lei et al., 2018); an LSTM with layer normalization (Ba et "
            "al., 2016); a Mogrifier LSTM (Melis et al., 2020)",
            Mark.SHAPES_MODEL,
        ),
    ] = "lstm"
    mogrifier: MogrifierConfig = MogrifierConfig()
    embedding_size: Annotated[Size, key("E, size of a token's vector", Mark.SHAPES_MODEL)] = 100
    hidden_size: Annotated[Size, key("H, size of a layer's hidden state", Mark.SHAPES_MODEL)] = 100
    layers: Annotated[
        Annotated[int, Meta(ge=1, le=100)], key("number of recurrent layers", Mark.SHAPES_MODEL)
    ] = 1
    tie_weights: Annotated[
        bool,
        key(
            "one matrix for embedding and output layer; if E and H differ, a "
            "projection from H to E comes before the output layer",
            Mark.SHAPES_MODEL,
        ),
    ] = False
    residual: Annotated[
        bool,
        key(
            "skip connections around recurrent layers with equal input and output size",
            Mark.SHAPES_MODEL,
        ),
    ] = False
    dropout: DropoutConfig = DropoutConfig()
    activation_penalty: Annotated[
        NotNegative,
        key(
            "weight in the loss of the mean square of the output layer's input "
            "(activation regularization, AR)"
        ),
    ] = 0.0
    slowness_penalty: Annotated[
        NotNegative,
        key(
            "weight in the loss of the mean square of the hidden state's change from step "
            "to step (temporal activation regularization, TAR)"
        ),
    ] = 0.0
    output_layer: Annotated[
        OutputConfig, key("the softmax; adaptive and sampled make large vocabularies cheap")
    ] = FullSoftmax()
    initialization: Annotated[InitializationConfig, key("initial weights")] = NotesInitialization()
    forget_bias: Annotated[
        Annotated[float, Meta(ge=-100, le=100)],
        key("initial bias of the forget gates of an LSTM of any kind, or of an SRU"),
    ] = 0.0
    output_bias: Annotated[
        Literal["zero", "unigram"],
        key(
            "initial bias of the output layer: zero, or the logs of the tokens' frequencies in the "
            "training text, which the first steps then need not learn",
            Mark.OF_THE_MODEL,
        ),
    ] = "zero"
    embedding_start: Annotated[
        Literal["drawn", "ppmi"],
        key(
            "initial embedding of a new model: drawn as `initialization` says, or the main "
            "directions of which tokens of the training text occur near each other (positive "
            "pointwise mutual information and SVD), of the same deviation"
        ),
    ] = "drawn"
    embeddings: Annotated[
        InputPath | None,
        key(
            "file of word vectors that the embedding starts from: word2vec (text or binary), "
            "GloVe, or fastText's `.vec`, also compressed; read when a new training starts",
            Mark.NOT_INHERITED,
            Mark.FREE_ON_RESUME,
        ),
    ] = None
    freeze: Annotated[
        tuple[Part, ...],
        Meta(title=f"list of {PARTS}"),
        key(
            "parts that training leaves as they are; with `tie_weights` embedding and output are "
            "one part",
            Mark.NOT_INHERITED,
        ),
    ] = ()

    def __post_init__(self) -> None:
        """Refuse a name that is not that of a part."""
        super().__post_init__()
        self._refuse_unless(all(re.fullmatch(PART, part) for part in self.freeze), "freeze")


def parts_of(model: ModelConfig) -> list[str]:
    """Return the names of a network's parts, bottom first, as in ``freeze``."""
    return ["embedding", *(f"layer{k}" for k in range(1, model.layers + 1)), "output"]


def frozen_parts(model: ModelConfig) -> set[str]:
    """Return the parts that training leaves as they are.

    With tied weights embedding and output layer are one part: if one is named, both are frozen.
    """
    parts, ends = set(model.freeze), {"embedding", "output"}
    return parts | ends if model.tie_weights and parts & ends else parts
