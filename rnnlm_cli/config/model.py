"""The section ``model``: the network."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from rnnlm_cli.config.keys import Mark, NotNegative, Positive, Rate, Section, Size, key


class DropoutConfig(Section, frozen=True):
    """How much is dropped in training, and where."""

    embedding: Annotated[Rate, key("rate of whole words, each missing throughout a block")] = 0.0

    input: Annotated[Rate, key("rate on what comes from the embedding")] = 0.0
    hidden: Annotated[Rate, key("rate between the layers")] = 0.0
    output: Annotated[Rate, key("rate on what goes to the output layer")] = 0.0
    weight: Annotated[
        Rate,
        key("rate on the recurrent weights, one mask a block (DropConnect)"),
    ] = 0.0
    variational: Annotated[
        bool,
        key(
            "one mask a stream for all steps of a block, and `hidden` also on the "
            "recurrent h (Gal and Ghahramani, 2016)"
        ),
    ] = False


class NotesInitialization(Section, frozen=True, tag_field="kind", tag="notes"):
    """``N(0, 1)/100`` for the embedding, ``N(0, 1)/sqrt(fan in)`` elsewhere."""


class UniformInitialization(Section, frozen=True, tag_field="kind", tag="uniform"):
    """Even (Zaremba et al., 2014)."""

    scale: Annotated[Positive, key("all weights are drawn from -scale to scale")] = 0.05


class PyTorchInitialization(Section, frozen=True, tag_field="kind", tag="pytorch"):
    """Even over 0.1, and over 1/sqrt(H) in the recurrent layers, as PyTorch's own example."""


class OrthogonalInitialization(Section, frozen=True, tag_field="kind", tag="orthogonal"):
    """Orthogonal recurrent weights (Saxe et al., 2014)."""


InitializationConfig = (
    NotesInitialization | UniformInitialization | PyTorchInitialization | OrthogonalInitialization
)


class FullSoftmax(Section, frozen=True, tag_field="kind", tag="full"):
    """Softmax over all tokens."""


class AdaptiveSoftmax(Section, frozen=True, tag_field="kind", tag="adaptive"):
    """Adaptive softmax (Grave et al., 2017)."""

    cutoffs: Annotated[
        tuple[Size, ...],
        Meta(min_length=1, title="ascending list of whole numbers ≥ 1 and ≤ 10,000,000"),
        key("ids, by frequency, at which clusters of rarer tokens begin", Mark.SHAPES_MODEL),
    ] = (2_000, 10_000)
    shrink: Annotated[
        Annotated[int, Meta(ge=1, le=1_000)],
        key(
            "each cluster's vectors are this many times smaller than those before",
            Mark.SHAPES_MODEL,
        ),
    ] = 4

    def __post_init__(self) -> None:
        """Refuse cutoffs that do not rise."""
        super().__post_init__()
        rising = all(a < b for a, b in zip(self.cutoffs, self.cutoffs[1:], strict=False))
        self._refuse_unless(rising, "cutoffs")


class SampledSoftmax(Section, frozen=True, tag_field="kind", tag="sampled"):
    """Softmax that learns from a sample of the vocabulary (Jean et al., 2015)."""

    samples: Annotated[
        Size,
        key("tokens drawn for a block; training's own figures are those of the sample"),
    ] = 2_000


OutputConfig = FullSoftmax | AdaptiveSoftmax | SampledSoftmax


WITH_FORGET_GATE = ("lstm",)
"""The names of ``cell`` whose gate that keeps memory is called ``f``, for ``forget_bias``."""


class ModelConfig(Section, frozen=True):
    """The network."""

    direction: Annotated[
        Literal["forward", "bidirectional"],
        key(
            "predict from what stands before, or fill blanks from both sides; the "
            "second reads each line for itself and needs `corpus.end_of_line`",
            Mark.SHAPES_MODEL,
        ),
    ] = "forward"
    cell: Annotated[
        Literal["rnn", "lstm", "gru"], key("the recurrent layer", Mark.SHAPES_MODEL)
    ] = "lstm"
    embedding_size: Annotated[Size, key("E, values of a token's vector", Mark.SHAPES_MODEL)] = 100
    hidden_size: Annotated[Size, key("H, values of a layer's hidden state", Mark.SHAPES_MODEL)] = (
        100
    )
    layers: Annotated[
        Annotated[int, Meta(ge=1, le=100)], key("recurrent layers on each other", Mark.SHAPES_MODEL)
    ] = 1
    tie_weights: Annotated[
        bool,
        key(
            "one matrix for embedding and output layer; where E and H differ, a "
            "projection from H to E stands before it",
            Mark.SHAPES_MODEL,
        ),
    ] = False
    residual: Annotated[
        bool,
        key("skip connections around the recurrent layers that keep their size", Mark.SHAPES_MODEL),
    ] = False
    dropout: DropoutConfig = DropoutConfig()
    activation_penalty: Annotated[
        NotNegative,
        key(
            "times the mean square of what goes to the output layer, added to the "
            "loss (activation regularization, AR)"
        ),
    ] = 0.0
    slowness_penalty: Annotated[
        NotNegative,
        key(
            "times the mean square of the hidden state's change from step to step, "
            "added to the loss (temporal activation regularization, TAR)"
        ),
    ] = 0.0
    output_layer: Annotated[
        OutputConfig, key("the softmax; two kinds make large vocabularies cheap")
    ] = FullSoftmax()
    initialization: Annotated[InitializationConfig, key("how weights begin")] = (
        NotesInitialization()
    )
    forget_bias: Annotated[
        Annotated[float, Meta(ge=-100, le=100)],
        key("what the biases of an LSTM's forget gates begin with"),
    ] = 0.0
