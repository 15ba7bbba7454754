"""What the kernels in C get: their structures, field by field."""

from __future__ import annotations

import ctypes

Pointer = ctypes.c_void_p
Long = ctypes.c_long


class Block(ctypes.Structure):
    """``Block`` in ``recurrence.h``."""

    _fields_ = (
        ("steps", Long),
        ("streams", Long),
        ("size", Long),
        ("gates", Pointer),
        ("from_x", Pointer),
        ("row", Pointer),
        ("inputs", Long),
        ("x", Pointer),
        ("input", Pointer),
        ("bias", Pointer),
        ("inner", Pointer),
        ("forward", Pointer),
        ("backward", Pointer),
        ("mask", Pointer),
        ("h", Pointer),
        ("c", Pointer),
        ("read", Pointer),
        ("saved", Pointer),
    )


class SruBlock(ctypes.Structure):
    """``SruBlock`` in ``sru.h``."""

    _fields_ = (
        ("streams", Long),
        ("size", Long),
        *((name, Pointer) for name in ("g", "f", "r", "s", "h", "c", "v")),
        *((name, Pointer) for name in ("dg", "df", "dr", "ds", "dv")),
        ("scale", ctypes.c_float),
    )


class Round(ctypes.Structure):
    """``Round`` in ``mogrifier.h``."""

    _fields_ = (
        ("depth", Long),
        ("columns", Long),
        *((name, Pointer) for name in ("left", "right", "left_back", "right_back")),
        *((name, Pointer) for name in ("by", "changed", "after", "gate", "narrow", "dnarrow")),
    )


class MogrifierBlock(ctypes.Structure):
    """``MogrifierBlock`` in ``mogrifier.h``."""

    _fields_ = (
        ("lstm", Pointer),
        ("rounds", Pointer),
        ("count", Long),
        ("rank", Long),
        *((name, Pointer) for name in ("mask", "start", "input_back", "dx")),
    )
