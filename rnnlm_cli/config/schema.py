"""Every key of a configuration: its type, range, default and meaning.

A new optimizer or schedule is one class here and one row in its table in ``train/``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from rnnlm_cli.config.run_names import is_model_name
from rnnlm_cli.system.paths import MOST_PATH

# Text is checked in Python: msgspec's own patterns can crash the interpreter at its end
# (its issue 717).
Path = Annotated[str, Meta(min_length=1, max_length=MOST_PATH, title="path")]
Paths = Annotated[list[Path], Meta(min_length=1)]
Name = Annotated[str, Meta(min_length=1, max_length=1_000, title="word")]
Size = Annotated[int, Meta(ge=1, le=10_000_000)]
Count = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Rate = Annotated[float, Meta(ge=0, lt=1)]
Positive = Annotated[float, Meta(gt=0, le=1e30)]
NotNegative = Annotated[float, Meta(ge=0, le=1e30)]


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    """What all parts of a configuration have in common: no unknown key, no change once read."""

    def _refuse_unless(self, sound: bool, field: str) -> None:
        if not sound:
            raise ValueError(f"Invalid field `{field}`")


class CorpusConfig(Section, frozen=True):
    """The texts and how they become tokens."""

    train: Annotated[Path | Paths, Meta(description="text to train on; several are one text")]
    valid: Annotated[
        Path | Paths | Annotated[float, Meta(gt=0, lt=1)] | None,
        Meta(description="text to validate on, or that much of the training text's end"),
    ] = None
    test: Annotated[
        Path | Paths | None, Meta(description="text that `rnnlm eval perplexity` takes first")
    ] = None
    unit: Annotated[
        Literal["word", "char"],
        Meta(description="words between white space, or characters"),
    ] = "word"
    end_of_line: Annotated[
        Name | None,
        Meta(description="token put at each line's end; with `unit: char` the default is null"),
    ] = "<eos>"
    lowercase: Annotated[bool, Meta(description="make the text lower case first")] = False
    unknown: Annotated[
        Name, Meta(description="what a token outside the vocabulary becomes; always in it")
    ] = "<unk>"
    min_count: Annotated[Size, Meta(description="leave rarer tokens out of the vocabulary")] = 1
    max_vocabulary: Annotated[
        Annotated[int, Meta(ge=2)] | None,
        Meta(description="keep the most frequent ones, at most so many, the unknown one included"),
    ] = None
    max_token_bytes: Annotated[
        Annotated[int, Meta(ge=1, le=10**12)],
        Meta(description="of a word; a longer one ends with an error, before it fills the memory"),
    ] = 4_000_000
    max_expansion: Annotated[
        Annotated[float, Meta(ge=1, le=1e30)],
        Meta(
            description="times its compressed size that a `.gz` text may be; 64 MB are always "
            "allowed"
        ),
    ] = 100.0

    def __post_init__(self) -> None:
        """Refuse tokens with white space, and paths that no system has."""
        for field in ("end_of_line", "unknown"):
            token = getattr(self, field)
            self._refuse_unless(token is None or token.split() == [token], field)
        for field in ("train", "valid", "test"):
            texts = getattr(self, field)
            paths = [texts] if isinstance(texts, str) else texts
            whole = not isinstance(paths, list) or not any("\0" in path for path in paths)
            self._refuse_unless(whole, field)


class DropoutConfig(Section, frozen=True):
    """How much is dropped in training, and where."""

    embedding: Annotated[
        Rate, Meta(description="rate of whole words, each missing throughout a block")
    ] = 0.0

    input: Annotated[Rate, Meta(description="rate on what comes from the embedding")] = 0.0
    hidden: Annotated[Rate, Meta(description="rate between the layers")] = 0.0
    output: Annotated[Rate, Meta(description="rate on what goes to the output layer")] = 0.0
    weight: Annotated[
        Rate,
        Meta(description="rate on the recurrent weights, one mask a block (DropConnect)"),
    ] = 0.0
    variational: Annotated[
        bool,
        Meta(
            description="one mask a stream for all steps of a block, and `hidden` also on the "
            "recurrent h (Gal and Ghahramani, 2016)"
        ),
    ] = False


class NotesInitialization(Section, frozen=True, tag_field="kind", tag="notes"):
    """``N(0, 1)/100`` for the embedding, ``N(0, 1)/sqrt(fan in)`` elsewhere."""


class UniformInitialization(Section, frozen=True, tag_field="kind", tag="uniform"):
    """Even (Zaremba et al., 2014)."""

    scale: Annotated[Positive, Meta(description="all weights are drawn from -scale to scale")] = (
        0.05
    )


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
        Meta(
            min_length=1,
            title="ascending list of whole numbers ≥ 1 and ≤ 10,000,000",
            description="ids, by frequency, at which clusters of rarer tokens begin",
        ),
    ] = (2_000, 10_000)
    shrink: Annotated[
        Annotated[int, Meta(ge=1, le=1_000)],
        Meta(description="each cluster's vectors are so much smaller than those before"),
    ] = 4

    def __post_init__(self) -> None:
        """Refuse cutoffs that do not rise."""
        rising = all(a < b for a, b in zip(self.cutoffs, self.cutoffs[1:], strict=False))
        self._refuse_unless(rising, "cutoffs")


class SampledSoftmax(Section, frozen=True, tag_field="kind", tag="sampled"):
    """Softmax that learns from a sample of the vocabulary (Jean et al., 2015)."""

    samples: Annotated[
        Size,
        Meta(
            description="tokens drawn for a block; training's own figures are those of the sample"
        ),
    ] = 2_000


OutputConfig = FullSoftmax | AdaptiveSoftmax | SampledSoftmax


class ModelConfig(Section, frozen=True):
    """The network."""

    direction: Annotated[
        Literal["forward", "bidirectional"],
        Meta(
            description="predict from what stands before, or fill blanks from both sides; the "
            "second reads each line for itself and needs `corpus.end_of_line`"
        ),
    ] = "forward"
    cell: Annotated[Literal["rnn", "lstm", "gru"], Meta(description="the recurrent layer")] = "lstm"
    embedding_size: Annotated[Size, Meta(description="E, values of a token's vector")] = 100
    hidden_size: Annotated[Size, Meta(description="H, values of a layer's hidden state")] = 100
    layers: Annotated[
        Annotated[int, Meta(ge=1, le=100)], Meta(description="recurrent layers on each other")
    ] = 1
    tie_weights: Annotated[
        bool,
        Meta(
            description="one matrix for embedding and output layer; where E and H differ, a "
            "projection from H to E stands before it"
        ),
    ] = False
    residual: Annotated[
        bool,
        Meta(description="skip connections around the recurrent layers that keep their size"),
    ] = False
    dropout: DropoutConfig = DropoutConfig()
    activation_penalty: Annotated[
        NotNegative,
        Meta(
            description="times the mean square of what goes to the output layer, added to the "
            "loss (activation regularization, AR)"
        ),
    ] = 0.0
    slowness_penalty: Annotated[
        NotNegative,
        Meta(
            description="times the mean square of the hidden state's change from step to step, "
            "added to the loss (temporal activation regularization, TAR)"
        ),
    ] = 0.0
    output_layer: Annotated[
        OutputConfig, Meta(description="the softmax; two kinds make large vocabularies cheap")
    ] = FullSoftmax()
    initialization: Annotated[InitializationConfig, Meta(description="how weights begin")] = (
        NotesInitialization()
    )
    forget_bias: Annotated[
        Annotated[float, Meta(ge=-100, le=100)],
        Meta(description="what the biases of an LSTM's forget gates begin with"),
    ] = 0.0


DECAY = "each step also shrinks every weight by rate * weight_decay of it"


class Sgd(Section, frozen=True, tag_field="kind", tag="sgd"):
    """Plain stochastic gradient descent."""

    learning_rate: Annotated[Positive, Meta(description="step size")] = 20.0
    weight_decay: Annotated[NotNegative, Meta(description=DECAY)] = 0.0


class Momentum(Section, frozen=True, tag_field="kind", tag="momentum"):
    """Stochastic gradient descent with momentum (Polyak, 1964)."""

    learning_rate: Annotated[Positive, Meta(description="step size")] = 1.0
    momentum: Annotated[Rate, Meta(description="what is kept of the last step's velocity")] = 0.9
    weight_decay: Annotated[
        NotNegative, Meta(description="times the weight is added to its gradient")
    ] = 0.0


class NtAsgd(Section, frozen=True, tag_field="kind", tag="ntasgd"):
    """Averaged SGD, non-monotonically triggered (Merity et al., 2018)."""

    learning_rate: Annotated[Positive, Meta(description="step size")] = 20.0
    weight_decay: Annotated[NotNegative, Meta(description=DECAY)] = 0.0
    epochs_without_gain: Annotated[
        Size,
        Meta(
            description="averaging begins when validation is worse than its best before so many "
            "epochs; from then on the averaged weights are evaluated and saved"
        ),
    ] = 5


class Adam(Section, frozen=True, tag_field="kind", tag="adam"):
    """Adam (Kingma and Ba, 2015)."""

    learning_rate: Annotated[Positive, Meta(description="step size")] = 0.001
    beta1: Annotated[Rate, Meta(description="decay of the mean of gradients")] = 0.9
    beta2: Annotated[Rate, Meta(description="decay of the mean of their squares")] = 0.999
    epsilon: Annotated[Positive, Meta(description="added to the root, against zeros")] = 1e-8


class AdamW(Adam, frozen=True, tag="adamw"):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019)."""

    weight_decay: Annotated[NotNegative, Meta(description=DECAY)] = 0.01


OptimizerConfig = Sgd | Momentum | Adam | AdamW | NtAsgd


class Schedule(Section, frozen=True):
    """What the schedules have in common."""

    warmup: Annotated[
        Count, Meta(description="steps over which the rate first rises from 0, linearly")
    ] = 0


class Constant(Schedule, frozen=True, tag_field="kind", tag="constant"):
    """The learning rate stays."""


class Plateau(Schedule, frozen=True, tag_field="kind", tag="plateau"):
    """The rate is divided after an epoch without a better validation."""

    divide_by: Annotated[
        Annotated[float, Meta(gt=1, le=1e30)],
        Meta(description="what the rate is divided by when validation does not improve"),
    ] = 4.0


class Linear(Schedule, frozen=True, tag_field="kind", tag="linear"):
    """The rate is held, then falls to zero in a straight line."""

    hold: Annotated[Rate, Meta(description="part of all steps before the rate falls")] = 0.0


class Cosine(Schedule, frozen=True, tag_field="kind", tag="cosine"):
    """The rate is held, then falls to zero as half a cosine (Loshchilov and Hutter, 2017)."""

    hold: Annotated[Rate, Meta(description="part of all steps before the rate falls")] = 0.0


ScheduleConfig = Constant | Plateau | Linear | Cosine


class TrainingConfig(Section, frozen=True):
    """How the network learns."""

    epochs: Annotated[Size, Meta(description="passes over the training text")] = 4
    max_seconds: Annotated[
        Positive | None, Meta(description="stop cleanly after so many seconds of training")
    ] = None
    patience: Annotated[
        Size | None,
        Meta(description="stop after so many epochs in a row without a better validation"),
    ] = None
    on_nan: Annotated[
        Literal["stop", "rollback"],
        Meta(
            description="where training diverges (a loss, gradient or weight that is not finite, "
            "or a mean loss over 20 steps above 10 ln V): stop, or go back to the beginning of the "
            "epoch, or the last thousandth step in it, with half the learning rate"
        ),
    ] = "stop"
    batch_size: Annotated[Size, Meta(description="B, streams read side by side")] = 20
    bptt: Annotated[Size, Meta(description="T, steps of a block; gradients go back no further")] = (
        35
    )
    stateful: Annotated[
        bool, Meta(description="carry the hidden state from block to block, or begin at zero")
    ] = True
    init_from: Annotated[
        Path | None,
        Meta(
            description="checkpoint to start from (fine-tuning): its weights and its vocabulary, "
            "whatever min_count and max_vocabulary say"
        ),
    ] = None
    threads: Annotated[
        Annotated[int, Meta(ge=1, le=1024)] | None,
        Meta(
            description="threads to compute with; by default one per core; `RNNLM_THREADS` takes "
            "precedence; another number gives figures that differ by rounding"
        ),
    ] = None
    clip_norm: Annotated[
        Positive | None,
        Meta(description="scale the whole gradient down to this L2 norm; null for never"),
    ] = 0.25
    optimizer: Annotated[OptimizerConfig, Meta(description="how weights move")] = Sgd()
    schedule: Annotated[ScheduleConfig, Meta(description="how the rate changes")] = Constant()
    seed: Annotated[Count, Meta(description="of the weights' first values and of dropout")] = 1
    report_every: Annotated[Size, Meta(description="steps between two lines of the log")] = 20


class CheckpointConfig(Section, frozen=True):
    """Where the model goes."""

    path: Annotated[
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=MOST_PATH,
                title="NAME.pkl, with no NAME that ends in .last or .rollback",
            ),
        ],
        Meta(description="NAME.pkl; NAME.last.pkl and NAME.jsonl go beside it"),
    ]
    every_seconds: Annotated[
        Positive, Meta(description="seconds between two savings of the state to resume from")
    ] = 300.0

    def __post_init__(self) -> None:
        """Refuse a path that does not end as it must."""
        self._refuse_unless(is_model_name(self.path) and "\0" not in self.path, "path")


class Config(Section, frozen=True, kw_only=True):
    """A whole configuration."""

    corpus: CorpusConfig
    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()
    checkpoint: CheckpointConfig


def config_to_plain(config: Config) -> dict[str, Any]:
    """Return a configuration as dicts, lists and scalars."""
    plain: dict[str, Any] = msgspec.to_builtins(config)
    return plain


def config_from_plain(plain: Any) -> Config:
    """Check dicts, lists and scalars against the schema.

    Raises:
        msgspec.ValidationError: The first thing that does not fit.
    """
    return msgspec.convert(plain, Config)
