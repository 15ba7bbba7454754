"""The table of drawings: each is a function of nothing but what runs printed."""

from __future__ import annotations

from collections.abc import Callable

from course_maker.drawings import batches, gates, gradients, language, loop, models

DRAWINGS: dict[str, Callable[[], str]] = {
    "01-loop": loop.unrolled,
    "01-forgets": loop.forgets,
    "02-back": loop.back,
    "03-rows": batches.rows,
    "03-truncated": batches.truncated,
    "04-clipping": gradients.clipping,
    "05-cell": gates.lstm,
    "05-recall": gates.recall,
    "06-cell": gates.gru,
    "07-depth": models.depth,
    "08-both": models.both,
    "09-forms": models.forms,
    "10-rnnlm": language.layers,
    "12-temperature": language.temperatures,
    "12-loop": models.generation,
}
"""The function that draws ``docs/course/pictures/NAME.svg``."""
