r"""Equations: ``$h_t$`` and ``$$h_t = \tanh(x_t W)$$`` become MathML.

Browsers lay MathML out by themselves, so that the site needs no program and no fonts for it.
"""

from __future__ import annotations

import re
from html import unescape

from latex2mathml.converter import convert

MARKED = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\\[(\[](?P<tex>.*?)\\[)\]]</(?P=tag)>', re.DOTALL
)
"""What the Markdown extension arithmatex makes of an equation."""


def converted(html: str) -> str:
    """Return a page with its equations in MathML."""

    def one(found: re.Match[str]) -> str:
        display = "block" if found["tag"] == "div" else "inline"
        return convert(unescape(found["tex"]).strip(), display=display)

    return MARKED.sub(one, html)
