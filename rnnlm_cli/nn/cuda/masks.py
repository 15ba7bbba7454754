"""Dropout masks, drawn on the device: the very numbers that NumPy draws on the CPU.

Drawing on the host would take longer than the rest of a step, and so would copying the masks. The
device draws from the same generator, PCG64, at the same place, and the host's generator goes on as
if it had drawn itself (``c/dropout.cu``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from rnnlm_cli.nn.cuda.launch import each
from rnnlm_cli.system.arrays import Array

MULTIPLIER = 2549297995355413924 << 64 | 4865540595714422341
"""Of PCG64."""

BITS = 128
WORD = 2**64 - 1

DRAWS = 16
"""Per thread (``c/dropout.cu``)."""


class Streams(NamedTuple):
    """Which streams of a block the values are for; those of the others are skipped."""

    width: int  # values of the own streams per step
    stride: int  # values of all streams per step
    first: int  # values of the streams before the own ones


def draw_mask(
    rng: np.random.Generator,
    rate: float,
    shape: tuple[int, ...],
    like: Array,
    streams: Streams | None = None,
) -> Array:
    """Return the mask that ``dropout_mask`` in ``nn/layers/dropout.py`` returns, on the device.

    Args:
        rng: Draws it; of the kind PCG64.
        rate: The dropout rate.
        shape: Of the mask.
        like: An array on the device, of the mask's type.
        streams: Whose values; without it, all.
    """
    mask = np.empty_like(like, order="C", shape=shape)
    bits = rng.bit_generator
    state = bits.state
    now, increment = state["state"]["state"], state["state"]["inc"]
    has_half, half = state["has_uint32"], state["uinteger"]
    width, stride, first = streams or (1, 0, 0)
    draws = mask.size if streams is None else mask.size // width * stride
    arguments = [np.uint64(part) for one in (now, increment) for part in (one >> 64, one & WORD)]
    sizes = width, stride, first, mask.size
    how = has_half, np.uint64(half), rate, 1.0 / (1.0 - rate), *sizes
    each("dropout_mask", -(-mask.size // DRAWS), like, mask, *arguments, *how)
    bits.state = after(state, draws)
    return mask


def after(state: Mapping[str, Any], draws: int) -> Mapping[str, Any]:
    """Return the state of PCG64 after a number of draws of float32, of 32 bits each."""
    if draws == 0:
        return state
    inner, new = state["state"], draws - state["has_uint32"]
    now = advanced(inner["state"], inner["inc"], math.ceil(new / 2))
    # NumPy keeps the upper half of its last number also when that is drawn
    last = output(now) >> 32 if new else state["uinteger"]
    return {
        **state,
        "state": {"state": now, "inc": inner["inc"]},
        "has_uint32": new % 2,
        "uinteger": last,
    }


def advanced(state: int, increment: int, steps: int) -> int:
    """Return a generator's state after some steps, in a logarithm of them (Brown, 1994)."""
    modulus: int = 2**BITS
    factor, shift, own_factor = 1, 0, MULTIPLIER
    while steps:
        if steps % 2:
            factor = factor * own_factor % modulus
            shift = (shift * own_factor + increment) % modulus
        increment = (own_factor + 1) * increment % modulus
        own_factor = own_factor * own_factor % modulus
        steps //= 2
    return (factor * state + shift) % modulus


def output(state: int) -> int:
    """Return the number of 64 bits that belongs to a state."""
    mixed, turn = (state >> 64) ^ (state & WORD), state >> 122
    return (mixed >> turn | mixed << (-turn % 64)) & WORD
