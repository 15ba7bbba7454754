"""Rules for where a training computes: engine, device and precision."""

from __future__ import annotations

from rnnlm_cli.config.rules.rule import Rule

RULES = (
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
        lambda c: c.training.precision == "tf32" and c.training.device == "cpu",
        "training.precision: tf32 is for training.device: cuda or auto",
        "training.precision",
        "is {value}, which a CPU cannot compute with",
        "set training.device: cuda, or use float32",
    ),
    Rule(
        lambda c: c.training.device != "cpu" and c.model.direct.order is not None,
        "training.device is cpu for a model with model.direct.order",
        "training.device",
        "is {value}, but direct connections (model.direct.order) run on the CPU",
        "omit one of the two",
    ),
)
