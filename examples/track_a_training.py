"""Hand what happens in a training to a tracker: Weights & Biases, without a network, or Trackio.

pip install wandb
python examples/track_a_training.py wandb configs/hello.yaml
pip install trackio
python examples/track_a_training.py trackio configs/hello.yaml

A config names no tracker and no code: the function is an argument of ``rnnlm_cli.train``, which
calls it with each event once its files are on disk. Any other tracker is one more function.
"""

from __future__ import annotations

import sys

import rnnlm_cli
from rnnlm_cli.train.events import EpochDone, Event, StepDone, ValidationDone

tracker, config = sys.argv[1:]


def figures(event: Event) -> tuple[int | None, dict[str, float]] | None:
    """Return the step of an event and its figures; ``None`` if it has none."""
    if isinstance(event, StepDone) and event.report is not None:
        report = event.report
        return report.step, {
            "train/nats_per_token": report.nats_per_token,
            "train/gradient_norm": report.gradient_norm,
            "train/learning_rate": report.learning_rate,
            "train/tokens_per_second": report.tokens_per_second,
        }
    if isinstance(event, EpochDone | ValidationDone):
        record = event.record
        found = {"perplexity/train": record.train, "perplexity/valid": record.valid}
        return record.step, {name: value for name, value in found.items() if value is not None}
    return None


if tracker == "wandb":
    import wandb

    # offline: the run is in ./wandb; `wandb sync` sends it later, if you want to
    run = wandb.init(project="rnnlm", mode="offline", config={"config": config})
    log, finish = run.log, run.finish
else:
    import trackio

    # local: the run is in ~/.cache/huggingface/trackio; `trackio show` opens it in a browser
    trackio.init(project="rnnlm", config={"config": config})
    log, finish = trackio.log, trackio.finish


def on_event(event: Event) -> None:
    """Log the figures of an event."""
    if found := figures(event):
        step, values = found
        log(values, step=step)


rnnlm_cli.train(config, on_event=on_event, overwrite=True)
finish()
