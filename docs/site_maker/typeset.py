"""What the HTML of a page becomes, so that it can be read on a phone and in Korean."""

from __future__ import annotations

import re

BESIDE = re.compile(r"[^\s<>]*<math [^>]*?display=\"inline\".*?</math>[^\s<>]*", re.DOTALL)
"""An equation in a sentence, with what is written to it without a space."""

PICTURE = re.compile(r'<img [^>]*?src="(?P<file>[^":]+\.svg)"[^>]*>')

CELL = re.compile(r"<td(?P<look>[^>]*)>(?P<inner>.*?)</td>", re.DOTALL)

CODE = re.compile(r"(?<=<code>)[^<]+(?=</code>)")

BEFORE_PARTICLE = re.compile(r"</code>(?:</a>)?(?=[가-힣])")

SENTENCE = 40
"""Letters from which a cell of a table needs more than a narrow column."""


def typeset(html: str) -> str:
    """Keep equations and particles together, let pictures lead to themselves and paths break."""
    html = BESIDE.sub(_together, html)
    html = PICTURE.sub(r'<a href="\g<file>">\g<0></a>', html)
    html = BEFORE_PARTICLE.sub(r"\g<0>&#8288;", html)  # a word joiner
    return CELL.sub(_cell, html)


def _together(found: re.Match[str]) -> str:
    """Keep a bracket, a comma or a Korean particle on the line of its equation."""
    alone = found[0].startswith("<math") and found[0].endswith("</math>")
    return found[0] if alone else f'<span class="together">{found[0]}</span>'


def _cell(found: re.Match[str]) -> str:
    """Let paths and long names break, and tell sentences: a phone has narrow columns."""
    inner = CODE.sub(
        lambda code: re.sub(r"(?<=\w)([/_])(?=\w)", r"\1<wbr>", code[0]), found["inner"]
    )
    long = len(re.sub(r"<[^>]+>", "", inner)) >= SENTENCE
    kind = ' class="sentence"' if long else ""
    return f"<td{found['look']}{kind}>{inner}</td>"
