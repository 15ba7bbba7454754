"""What the HTML of a page becomes, so that it can be read on a phone and in Korean."""

from __future__ import annotations

import re

BESIDE = re.compile(r"[^\s<>]*<math [^>]*?display=\"inline\".*?</math>[^\s<>]*", re.DOTALL)
"""An equation in a sentence, with what is written to it without a space."""

PICTURE = re.compile(r'<img [^>]*?src="(?P<file>[^":]+\.svg)"[^>]*>')

CELL = re.compile(r"<td\b.*?</td>", re.DOTALL)

CODE = re.compile(r"(?<=<code>)[^<]+(?=</code>)")


def typeset(html: str) -> str:
    """Keep equations and particles together, let pictures lead to themselves and paths break."""
    html = BESIDE.sub(_together, html)
    html = PICTURE.sub(r'<a href="\g<file>">\g<0></a>', html)
    return CELL.sub(lambda cell: CODE.sub(_breakable, cell[0]), html)


def _together(found: re.Match[str]) -> str:
    """Keep a bracket, a comma or a Korean particle on the line of its equation."""
    alone = found[0].startswith("<math") and found[0].endswith("</math>")
    return found[0] if alone else f'<span class="together">{found[0]}</span>'


def _breakable(code: re.Match[str]) -> str:
    """Let the path of a file, or a long name, break: a table on a phone has narrow columns."""
    return re.sub(r"(?<=\w)([/_])(?=\w)", r"\1<wbr>", code[0])
