"""Saving and loading the root mean squares of a model's gradients, beside the model."""

from __future__ import annotations

import msgspec

from rnnlm_cli import __version__
from rnnlm_cli.checkpoint import container, plain_pickle
from rnnlm_cli.checks import Count
from rnnlm_cli.errors import CheckpointError, UsageError
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.gradient_rms import GradientRms, checked_values, weights_digest


class _About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file says of its arrays."""

    segment: Count
    blocks: Count
    weights: str


def save_rms(path: str, rms: GradientRms) -> None:
    """Write root mean squares to a new file.

    Raises:
        UsageError: The file already exists.
        OSError: It cannot be written.
    """
    about = _About(rms.segment, rms.blocks, rms.weights)
    values = {
        "rnnlm": __version__,
        "gradient_rms": msgspec.to_builtins(about),
        "params": rms.on_host(),
    }
    container.write(path, lambda file: plain_pickle.dump(values, file), replace=False)


def load_rms(path: str, network: Rnnlm, segment: int) -> GradientRms:
    """Read the root mean squares of a network's gradients.

    Args:
        path: The file.
        network: The network.
        segment: The steps of the blocks that they must be of.

    Raises:
        UsageError: There is no such file, or it is of other weights or of another segment.
        CheckpointError: It holds no root mean squares, or is damaged or inconsistent.
    """
    with container.reading(path) as content:
        try:
            values = plain_pickle.load(content.file)
            about = msgspec.convert(values["gradient_rms"], _About)
            arrays = values["params"]
        except (CheckpointError, msgspec.ValidationError, LookupError, TypeError) as error:
            raise CheckpointError(f"{path}: not a file of gradients: {error!r}") from None
    if about.weights != weights_digest(network):
        raise UsageError(
            "holds gradients of other weights",
            place=path,
            remedy="name another file, which is written if it does not exist",
        )
    if about.segment != segment:
        raise UsageError(
            f"holds gradients of segments of {about.segment} tokens, not of {segment}",
            place=path,
            remedy=f"use {{segment}} {about.segment}, or name another file",
        )
    try:
        own = checked_values(network, arrays)
    except (LookupError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path}: not a file of gradients: {error!r}") from None
    return GradientRms(own, about.segment, about.blocks, about.weights)
