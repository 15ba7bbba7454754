"""The section ``training``: how the network learns."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from rnnlm_cli.config.keys import (
    Count,
    InputPath,
    Mark,
    NotNegative,
    Positive,
    Section,
    Size,
    key,
    marked,
)
from rnnlm_cli.config.optimizer import AverageConfig, NoAverage, OptimizerConfig, Sgd
from rnnlm_cli.config.sample import SampleConfig
from rnnlm_cli.config.schedule import Constant, ScheduleConfig
from rnnlm_cli.system.paths import MOST_PATH

Directory = Annotated[
    str, Meta(min_length=1, max_length=MOST_PATH, title="directory", extra=marked(Mark.PATH))
]


class TrainingConfig(Section, frozen=True):
    """How the network learns."""

    epochs: Annotated[Size, key("passes over the training text", Mark.FREE_ON_RESUME)] = 4
    max_steps: Annotated[
        Annotated[int, Meta(ge=1, le=2**32 - 1)] | None,
        key(
            "stop after this many steps, even within an epoch; the schedules `linear`, `cosine` "
            "and `one_cycle` end there",
            Mark.FREE_ON_RESUME,
        ),
    ] = None
    max_seconds: Annotated[
        Positive | None,
        key("stop cleanly after this many seconds of training", Mark.FREE_ON_RESUME),
    ] = None
    patience: Annotated[
        Size | None,
        key(
            "stop after this many epochs (validations, with `validate_every`) in a row without "
            "better validation",
            Mark.FREE_ON_RESUME,
        ),
    ] = None
    validate_every: Annotated[
        Size | None,
        key(
            "validate after every N steps of an epoch too, not only at its end, for texts of which "
            "an epoch takes long: each validation can save the best model and counts for "
            "`patience`, `plateau` and `ntasgd`; one less than N/2 steps before the end is omitted",
            Mark.FREE_ON_RESUME,
        ),
    ] = None
    on_nan: Annotated[
        Literal["stop", "rollback"],
        key(
            "if training diverges (a loss, gradient or weight that is not finite, "
            "or a mean loss over 20 steps above 10 ln V): stop, or go back to the beginning of the "
            "epoch, or to its last validation or step that is a multiple of 1,000, with half the "
            "learning rate",
            Mark.FREE_ON_RESUME,
        ),
    ] = "stop"
    lines: Annotated[
        Literal["stream", "independent"],
        key(
            "`stream` reads the text as one, and the state goes on from line to line; "
            "`independent` reads each line by itself, after an end of line and from the zero "
            "state, as `rnnlm eval sentences` and `rescore` do, in an order that is new in each "
            "epoch (a bidirectional model always reads lines by themselves, in a fixed order)"
        ),
    ] = "stream"
    batch_size: Annotated[
        Size, key("B, number of parallel streams; of lines of similar length if `independent`")
    ] = 20
    bptt: Annotated[
        Size,
        key(
            "T, steps per block; gradients stop at its beginning; an `independent` line that is "
            "longer is read in several equal blocks, and its state is carried"
        ),
    ] = 35
    bptt_variable: Annotated[
        bool,
        key(
            "draw the steps of each block, around T (95%) or T/2 with a standard deviation of 5, "
            "anew in each epoch; the learning rate of a block is in proportion (Merity et al., "
            "2018)"
        ),
    ] = False
    partial_shuffle: Annotated[
        bool,
        key(
            "begin each stream at another of its tokens in each epoch, and go on from its end to "
            "its beginning (Press, 2019)"
        ),
    ] = False
    past_decode: Annotated[
        NotNegative,
        key(
            "weight in the loss of how badly each input is decoded from what is predicted after "
            "it (Brahma, 2019: 0.001); the output layer then takes about three times as long"
        ),
    ] = 0.0
    stateful: Annotated[
        bool, key("carry the hidden state from block to block; else each starts at zero")
    ] = True
    init_from: Annotated[
        InputPath | None,
        key(
            "checkpoint to start from (fine-tuning): its weights, its vocabulary, and what is not "
            "written here of the section `model` and of how a text is read; `min_count` and "
            "`max_vocabulary` are only for `corpus.extend_vocabulary`",
            Mark.FREE_ON_RESUME,
        ),
    ] = None
    engine: Annotated[
        Literal["auto", "plain", "blocked", "compiled", "cuda"],
        key(
            "what runs the network: `plain` is written to be read, `blocked` is fast NumPy, "
            "`compiled` has kernels in C, `cuda` is for a device, `auto` is the fastest that is "
            "installed, or `cuda` with `device: cuda`; `RNNLM_ENGINE` "
            "takes precedence; another engine gives figures that differ by rounding",
            Mark.TOLD_ON_RESUME,
        ),
    ] = "auto"
    device: Annotated[
        Literal["cpu", "cuda", "auto"],
        key(
            "where the network is trained: `cuda` is a CUDA device, which needs the extra `cuda12` "
            "or `cuda13`; `auto` is that where there is one and the model runs there, else the "
            "CPU; a resumed training stays where it was; models and states go from one to the "
            "other",
            Mark.TOLD_ON_RESUME,
        ),
    ] = "cpu"
    precision: Annotated[
        Literal["float32", "float64", "tf32", "bfloat16"],
        key(
            "type of weights and activations; `float64` takes twice the memory and time; `tf32` "
            "and `bfloat16` are `float32` whose products round their factors to 10 and 7 bits of "
            "fraction, on a CUDA device"
        ),
    ] = "float32"
    threads: Annotated[
        Annotated[int, Meta(ge=1, le=1024)] | None,
        key(
            "number of threads; by default one per core; `RNNLM_THREADS` takes "
            "precedence; results with another number differ by rounding",
            Mark.TOLD_ON_RESUME,
        ),
    ] = None
    reduction: Annotated[
        Literal["fixed", "fastest"],
        key(
            "how gradients of several processes (`mpiexec -n N rnnlm train`) are added up: `fixed` "
            "in their order, so that a training can be repeated bit for bit, `fastest` in the "
            "order that MPI chooses; one process adds up nothing",
            Mark.FREE_ON_RESUME,
        ),
    ] = "fixed"
    average_every: Annotated[
        Size,
        key(
            "K, for slow networks: each of several processes takes K steps by itself, then their "
            "weights are averaged (local SGD; Stich, 2019); with 1 gradients are added up at each "
            "step; one process averages nothing"
        ),
    ] = 1
    clip_norm: Annotated[
        Positive | None,
        key("maximum L2 norm of the whole gradient, which is scaled down; null for none"),
    ] = 0.25
    optimizer: Annotated[OptimizerConfig, key("how weights are updated")] = Sgd()
    averaging: Annotated[
        AverageConfig,
        key("the weights that are evaluated and saved; training goes on with its own"),
    ] = NoAverage()
    schedule: Annotated[ScheduleConfig, key("how the learning rate changes")] = Constant()
    seed: Annotated[Count, key("random seed of the initial weights and of dropout")] = 1
    report_every: Annotated[Size, key("steps between lines of the log", Mark.FREE_ON_RESUME)] = 20
    sample: Annotated[SampleConfig, key("a text to generate after each epoch")] = SampleConfig()
    tensorboard: Annotated[
        Directory | None,
        key(
            "a directory for TensorBoard: the figures of the log, the samples, and histograms of "
            "the weights at each validation are written to NAME in it; needs the extra "
            "`tensorboard`",
            Mark.FREE_ON_RESUME,
        ),
    ] = None

    @property
    def dtype(self) -> str:
        """The type of the weights, as NumPy names it."""
        return "float64" if self.precision == "float64" else "float32"
