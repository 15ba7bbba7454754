"""What MkDocs calls while it builds the site (``hooks`` in ``mkdocs.yml``)."""

from __future__ import annotations

import posixpath
import re
import sys
from html import escape
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page
from pymdownx.slugs import slugify

sys.path.insert(0, str(Path(__file__).parents[1]))

from site_maker import mathml, navigation, notebooks, reference, source
from site_maker.addresses import FOLDERS, ROOT, TOP, address, language_of, rewritten, targets

SITE = "site:/"
"""How an address from the top of the site begins, until the page that has it is written."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Let headings have the anchors that they have on a forge; make no page of errors."""
    toc = config.mdx_configs.setdefault("toc", {})
    toc["slugify"] = slugify(case="lower", percent_encode=False)
    config.theme.static_templates.clear()  # they need an address of the whole site
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add what lies outside of the directory of the pages, and what is made."""
    language = config.extra["language"]
    mark = ROOT / "rnnlm_cli/serve/page/icon.svg"
    add(files, config, "mark.svg", abs_src_path=str(mark))
    begin = FOLDERS[language][1]
    for path, to in TOP.items():
        if language_of(path) == language:
            uri = re.sub(r"\.html$", ".md", to.removeprefix(begin))
            add(files, config, uri, abs_src_path=str(ROOT / path))
    if language == "en":
        for uri, content in reference.pages().items():
            add(files, config, uri, content=content)
        for uri, content in source.pages(led_to()).items():
            add(files, config, uri, InclusionLevel.NOT_IN_NAV, content=content)
    for name, content in notebooks.written(language).items():
        add(files, config, f"notebooks/{name}", content=content)
    config.nav = navigation.expanded(config.nav, shown(files))
    return files


def shown(files: Files) -> list[str]:
    """Return the pages that belong in the navigation."""
    pages = files.documentation_pages(inclusion=InclusionLevel.is_in_nav)
    return [page.src_uri for page in pages]


def add(
    files: Files,
    config: MkDocsConfig,
    uri: str,
    inclusion: InclusionLevel = InclusionLevel.INCLUDED,
    **content: str,
) -> None:
    """Add a file that is not in the directory of the pages."""
    files.append(File.generated(config, uri, inclusion=inclusion, **content))


def led_to() -> set[str]:
    """Return every file of the project that a page of any language leads to."""
    pages = [*TOP, *(p.relative_to(ROOT).as_posix() for p in (ROOT / "docs").rglob("*.md"))]
    return {to for path in pages for to in targets((ROOT / path).read_text("utf-8"), path)}


def path_of(page: Page, language: str) -> str:
    """Return the file of the project from which a page is made, or an empty text."""
    to = FOLDERS[language][1] + page.file.dest_uri
    top = {address: path for path, address in TOP.items()}
    return top.get(to) or (
        "" if page.file.generated_by else FOLDERS[language][0] + page.file.src_uri
    )


def on_page_markdown(text: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead to pages of the site where a page leads to files of the project."""
    language = config.extra["language"]
    path = path_of(page, language)
    if page.file.src_uri in ("index.md", "glossary.md"):
        page.meta["hide"] = ["navigation"]  # each is the only page of its tab
    if not path:
        return text
    here = posixpath.dirname(page.file.src_uri)

    def lead(target: str, anchor: str) -> str:
        to = address(target)
        begin = FOLDERS[language][1]
        if not to.startswith(begin) or (begin == "" and to.startswith("ko/")):
            return f"{SITE}{to}{anchor}"
        uri = re.sub(r"\.html$", ".md", to.removeprefix(begin))
        return posixpath.relpath(uri, here or ".") + anchor

    text = PIPED.sub(unescaped, rewritten(text, path, lead))
    return with_notebook(text, page, config, files)


def with_notebook(text: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead from below the title of a chapter to its notebook, if it has one."""
    name = f"{Path(page.file.src_uri).stem}.ipynb"
    if files.get_file_from_path(f"notebooks/{name}") is None:
        return text
    title, _, rest = text.partition("\n")
    link = f'[{config.extra["notebook"]}](../notebooks/{name}){{ download="{name}" }}'
    return f"{title}\n\n{link}\n{rest}"


PIPED = re.compile(r"`([^`\n]*\\\|[^`\n]*)`")
"""Code with an escaped bar, as a forge wants it in a table; MkDocs would show the backslash."""


def unescaped(found: re.Match[str]) -> str:
    """Return such code with its bars, as HTML."""
    return f"<code>{escape(found[1]).replace(chr(92) + '|', '&#124;')}</code>"


def on_page_content(html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Write equations as MathML, which browsers lay out by themselves."""
    return mathml.converted(html)


def on_page_context(context: dict[str, Any], *, page: Page, config: MkDocsConfig, nav: Any) -> Any:
    """Lead to the same page in the other language, or to its first page."""
    language = config.extra["language"]
    path = path_of(page, language)
    config.extra["alternate"] = [
        {"lang": other, "name": name, "link": SITE + counterpart(path, language, other)}
        for other, name in config.extra["languages"].items()
    ]
    return context


def counterpart(path: str, language: str, other: str) -> str:
    """Return the address of a page in another language, or of that language's first page."""
    name = path.removeprefix(FOLDERS[language][0])
    for found in (path if language == other else "", FOLDERS[other][0] + name):
        if name != path and found and (ROOT / found).is_file():
            return address(found)
    return FOLDERS[other][1] + "index.html"


def on_post_page(output: str, *, page: Page, config: MkDocsConfig) -> str:
    """Make addresses from the top of the site relative to the page.

    The pages' ``link rel=alternate`` are dropped: the theme's program asks for a map of the site
    behind each, which a site on a disk cannot have.
    """
    to = FOLDERS[config.extra["language"]][1] + page.file.dest_uri
    up = posixpath.relpath(".", posixpath.dirname(to) or ".")
    output = re.sub(r' *<link rel="alternate" .*?>\n', "", output)
    return output.replace(f'"{SITE}', f'"{up}/')
