r"""Equations: ``$h_t$`` and ``$$h_t = \tanh(x_t W)$$`` become MathML.

Browsers lay MathML out by themselves, so that the site needs no program for it;
``theme/assets/math.woff2`` is the font, for a system that has none for equations.
"""

from __future__ import annotations

import re
from html import unescape

from latex2mathml.converter import convert

MARKED = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\\[(\[](?P<tex>.*?)\\[)\]]</(?P=tag)>', re.DOTALL
)
"""What the Markdown extension arithmatex makes of an equation."""


BAR = "<mo>&#x02016;</mo>"
"""A bar of a norm, which a browser would stretch to the height of all that is beside it."""


def converted(html: str) -> str:
    """Return a page with its equations in MathML."""

    def one(found: re.Match[str]) -> str:
        tex = unescape(found["tex"]).strip()
        if found["tag"] == "span":
            return mathml(tex, "inline")
        equations = "".join(mathml(each.strip(), "block") for each in tex.split(r"\qquad"))
        return f'<div class="equations">{equations}</div>'

    return MARKED.sub(one, html)


def mathml(tex: str, display: str) -> str:
    """Return one equation."""
    return convert(tex, display=display).replace(BAR, BAR.replace("<mo>", '<mo stretchy="false">'))
