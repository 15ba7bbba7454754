"""The table of engines."""

from __future__ import annotations

import os

from rnnlm_cli.errors import UsageError
from rnnlm_cli.nn.device import why_none
from rnnlm_cli.nn.engines.base import Engine
from rnnlm_cli.nn.engines.blocked import Blocked
from rnnlm_cli.nn.engines.compiled import Compiled
from rnnlm_cli.nn.engines.cuda import Cuda
from rnnlm_cli.nn.engines.kernels import kernels
from rnnlm_cli.nn.engines.plain import Plain

ENGINES: dict[str, Engine] = {
    "plain": Plain(),
    "blocked": Blocked(),
    "compiled": Compiled(kernels()),
    "cuda": Cuda(),
}
"""The engine for each ``training.engine`` except ``auto``."""

AUTO = "auto"
"""The choice is the program's."""

FASTEST = "compiled" if kernels() else "blocked"
"""The engine that ``auto`` takes: the fastest that this installation has on this processor."""

ENVIRONMENT = "RNNLM_ENGINE"
"""The environment variable that names an engine; it takes precedence."""


class _Chosen:
    """The device for networks whose training does not say one."""

    device = "cpu"


def use_device(device: str) -> None:
    """Let this process compute on a device what is not a training: ``cpu``, ``cuda`` or ``auto``.

    Raises:
        UsageError: There is no such device.
    """
    if device == "cuda" and (missing := why_none()) is not None:
        raise UsageError(f"no CUDA device; {missing}", field="device", remedy="choose cpu or auto")
    _Chosen.device = device


def choose_engine(
    asked: str = AUTO, recorded: str = "", device: str | None = None, cpu_only: bool = False
) -> str:
    """Return the name of the engine to use.

    Args:
        asked: A row of ``ENGINES``, or ``auto``. ``RNNLM_ENGINE`` takes precedence over it.
        recorded: The engine that ``auto`` took before, for a resumed training; empty for none.
        device: As ``training.device``; ``None`` for that of ``use_device``.
        cpu_only: The network does not run on a device, so that the device ``auto`` is the CPU.

    Raises:
        ValueError: ``RNNLM_ENGINE`` does not name an engine, or one that is not installed.
        UsageError: The engine that was asked for is not installed.
    """
    said = os.environ.get(ENVIRONMENT, "")
    if said and said != AUTO and said not in ENGINES:
        raise ValueError(
            f"{ENVIRONMENT}: {said[:40]!r} is not an engine; choose {AUTO}, {', '.join(ENGINES)}, "
            "or unset it"
        )
    name = said or asked
    if name == AUTO and takes_device(device or _Chosen.device, recorded, cpu_only):
        name = Cuda.name
    if name == AUTO:
        stays = recorded in ENGINES and recorded != Cuda.name and is_installed(recorded)
        return recorded if stays else FASTEST
    if is_installed(name):
        return name
    if name == Cuda.name:
        what, remedy = f"no CUDA device; {why_none()}", "choose the device cpu or auto"
    else:
        what = "this installation has no compiled kernels for this processor"
        remedy = f"choose {AUTO}, or install the package where there is a C compiler"
    if said:
        raise ValueError(f"{ENVIRONMENT}: {what}; {remedy}")
    key = "training.device" if name == Cuda.name else "training.engine"
    raise UsageError(f"{key}: {what}", remedy=remedy)


def takes_device(device: str, recorded: str, cpu_only: bool) -> bool:
    """Whether ``auto`` is the engine of a device; a resumed training stays where it was."""
    if device == "auto":
        return not cpu_only and recorded in ("", Cuda.name) and is_installed(Cuda.name)
    return device == "cuda"


def is_installed(engine: str) -> bool:
    """Whether this installation has what an engine needs."""
    if engine == Cuda.name:
        return why_none() is None
    return engine != Compiled.name or kernels() is not None
