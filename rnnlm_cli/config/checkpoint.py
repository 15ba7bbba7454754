"""The section ``checkpoint``: where to save the model."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from rnnlm_cli.config.keys import Mark, Positive, Section, key, marked
from rnnlm_cli.config.run_names import LAST, LOG, MODEL, MODEL_NAMES, MODEL_PATTERN, is_model_name
from rnnlm_cli.system.paths import MOST_PATH

ModelPath = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MOST_PATH,
        title=MODEL_NAMES,
        extra=marked(Mark.PATH),
        extra_json_schema={"pattern": MODEL_PATTERN},
    ),
]


class CheckpointConfig(Section, frozen=True):
    """Where to save the model."""

    path: Annotated[
        ModelPath,
        key(f"NAME{MODEL}; NAME{LAST} and NAME{LOG} are saved next to it", Mark.FREE_ON_RESUME),
    ]
    every_seconds: Annotated[
        Positive,
        key("seconds between saves of the state to resume from", Mark.FREE_ON_RESUME),
    ] = 300.0

    def __post_init__(self) -> None:
        """Refuse a path that is not a model's name."""
        super().__post_init__()
        self._refuse_unless(is_model_name(self.path), "path")
