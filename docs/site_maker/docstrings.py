"""The extension of Griffe, which reads the package for the reference, that rewrites docstrings."""

from __future__ import annotations

from typing import Any

import griffe

from site_maker.markdown import as_markdown


class Docstrings(griffe.Extension):
    """Rewrites each docstring as it is read."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Rewrite the docstring of a module, class, function or attribute."""
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value).rstrip()
