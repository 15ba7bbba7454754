"""Rules for where a training computes: engine, device and precision."""

from __future__ import annotations

from rnnlm_cli.config.rules.rule import Rule

FOR_A_DEVICE = "for task.kind: language without model.direct.order"
ON_THE_CPU = "is {value}, but a model with {c.cpu_only} runs on the CPU only"

RULES = (
    Rule(
        lambda c: c.training.device == "cuda" and c.cpu_only is not None,
        f"training.device: cuda is {FOR_A_DEVICE}",
        "training.device",
        ON_THE_CPU,
        "use auto or cpu",
    ),
    Rule(
        lambda c: c.training.engine == "cuda" and c.cpu_only is not None,
        f"training.engine: cuda is {FOR_A_DEVICE}",
        "training.engine",
        ON_THE_CPU,
        "omit it",
    ),
    Rule(
        lambda c: c.training.device == "cuda" and c.training.engine not in ("auto", "cuda"),
        "training.device: cuda takes training.engine: cuda",
        "training.engine",
        "is {value}, which runs on the CPU, but training.device is cuda",
        "omit one of the two",
    ),
    Rule(
        lambda c: c.training.engine == "cuda" and c.training.device == "cpu",
        "training.engine: cuda is for training.device: cuda or auto",
        "training.engine",
        "is {value}, but training.device is cpu",
        "omit it, and set training.device: cuda",
    ),
    Rule(
        lambda c: (
            c.training.precision in ("tf32", "bfloat16")
            and (c.training.device == "cpu" or c.cpu_only is not None)
        ),
        "training.precision: tf32 or bfloat16 is for training.device: cuda or auto, and "
        f"{FOR_A_DEVICE}",
        "training.precision",
        "is {value}, which a CPU cannot compute with",
        "use float32; or set training.device: cuda, which runs language models",
    ),
)
