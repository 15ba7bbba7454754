"""The whole page: headings, contents, and the sections with their commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from rnnlm_cli.errors import RnnlmError
from rnnlm_cli.report.html.call import Call, Shown
from rnnlm_cli.report.html.look import Look
from rnnlm_cli.report.html.markup import Markup, joined, tag
from rnnlm_cli.report.html.sections import SECTIONS
from rnnlm_cli.report.html.style import style

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""A page that loads nothing and runs nothing, whatever is in it."""


@dataclass
class Document:
    """A page that grows by sections.

    Attributes:
        title: Of the page.
        spelled: Returns a command as a user types it.
        said: Returns an error as a user reads it.
        poll: Called with the heading of each section, before it is made.
        left_out: Headings of the sections that could not be made, by the reason.
    """

    title: str
    spelled: Callable[[Call], str]
    said: Callable[[RnnlmError], str]
    poll: Callable[[str], object] = lambda heading: None
    left_out: dict[str, list[str]] = field(default_factory=dict)
    _parts: list[Markup] = field(default_factory=list)
    _contents: list[tuple[str, str]] = field(default_factory=list)

    def add(self, heading: str, make: Callable[[], Shown]) -> None:
        """Add a section; where it cannot be made, its reason is one line."""
        self.poll(heading)
        place = f"s{len(self._contents)}"
        self._contents.append((place, heading))
        self._parts.append(tag("h2", heading, id=place))
        self._parts.append(self._made(heading, make))

    def add_model(self, name: str, look: Look) -> None:
        """Add all sections of a model."""
        place = f"s{len(self._contents)}"
        self._contents.append((place, name))
        self._parts.append(tag("h2", name, id=place))
        for heading, make in SECTIONS.items():
            self.poll(f"{name}: {heading}")
            self._parts.append(tag("h3", heading))
            self._parts.append(self._made(f"{name}: {heading}", partial(make, look)))

    def page(self, about: str) -> str:
        """Return the page.

        Args:
            about: A line below its title.
        """
        links = (tag("li", tag("a", said, href=f"#{place}")) for place, said in self._contents)
        head = tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="color-scheme", content="light dark"),
            tag("title", self.title),
            tag("style", Markup(style())),
        )
        nav = tag("nav", tag("ul", links), aria_label="Contents")
        top = tag("header", tag("h1", self.title), tag("p", about, class_="faint"), nav)
        body = tag("body", top, tag("main", self._parts))
        return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"

    def _made(self, heading: str, make: Callable[[], Shown]) -> Markup:
        try:
            body, calls = make()
        except RnnlmError as error:
            self.left_out.setdefault(self.said(error), []).append(heading)
            return tag("p", f"Left out: {self.said(error)}.", class_="faint")
        return joined(body, self._commands(calls))

    def _commands(self, calls: Sequence[Call]) -> Iterator[Markup]:
        for call in calls:
            words = self.spelled(call).split(" ")  # a line breaks between two, not at a hyphen
            spaced = (part for word in words for part in (" ", tag("span", word)))
            yield tag("p", tag("code", list(spaced)[1:]), class_="command")
