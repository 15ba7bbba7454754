"""A model that is served: its id, what it can do, its thread."""

from __future__ import annotations

from collections.abc import Iterable
from os.path import abspath
from pathlib import Path
from typing import Any

from rnnlm_cli.errors import UsageError
from rnnlm_cli.model.trace import Tracer
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.nn.cells import CELLS
from rnnlm_cli.serve.errors import ApiError
from rnnlm_cli.serve.worker import Worker


class Served:
    """A model with its id and its thread."""

    def __init__(self, name: str, created: int, model: TrainedModel, worker: Worker) -> None:
        self.name, self.created, self.model, self.worker = name, created, model, worker
        self.can = abilities(model)
        self.tracer = Tracer(model.network, model.config.model)

    def require(self, what: str) -> None:
        """Check that the model can do something.

        Raises:
            ApiError: It cannot.
        """
        if what not in self.can:
            able = ", ".join(self.can)
            message = f"the model {self.name} cannot do this; it can: {able}"
            raise ApiError(400, message, "model", "unsupported")

    @property
    def values(self) -> dict[str, Any]:
        """The model as plain values."""
        model, shape = self.model, self.model.config.model
        codec, vocabulary = model.codec, model.vocabulary
        about = {
            "unit": codec.unit,
            "separator": codec.separator,
            "cell": shape.cell,
            "layers": shape.layers,
            "hidden_size": shape.hidden_size,
            "vocabulary": len(vocabulary),
            "parameters": model.network.parameter_count,
            "line_end": codec.line_end if model.knows_line_end else None,
            "unknown": vocabulary.unknown,
            "bidirectional": model.network.bidirectional,
            "gates": list(CELLS[shape.cell].gates),
            "can": self.can,
        }
        return {
            "id": self.name,
            "object": "model",
            "created": self.created,
            "owned_by": "rnnlm",
            "rnnlm": about,
        }


def abilities(model: TrainedModel) -> list[str]:
    """Return what a model can do: names of the paths below /v1."""
    if model.network.bidirectional:
        return ["fill", "trace"]
    line = ["score"] if model.knows_line_end else []
    fill = ["fill"] if model.knows_line_end and not model.codec.parts_of_words else []
    return ["completions", *line, "next", *fill, "trace"]


def names_of(paths: Iterable[str]) -> list[str]:
    """Return a short name per file: its own, after its directories where two are alike.

    >>> names_of(["a/ptb.pkl", "b/ptb.pkl", "b/ko.pkl"])
    ['a/ptb', 'b/ptb', 'ko']

    Raises:
        UsageError: A file is named twice.
    """
    whole = [Path(abspath(path)).with_suffix("").parts for path in paths]
    if len(set(whole)) < len(whole):
        raise UsageError("a model is named twice; name each once")
    names = []
    for parts in whole:
        others = [other for other in whole if other != parts]
        size = 1
        while any(other[-size:] == parts[-size:] for other in others):
            size += 1
        names.append("/".join(parts[-size:]))
    return names
