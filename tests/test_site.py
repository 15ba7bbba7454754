"""What makes the site: links that lead to pages, the navigation, docstrings as Markdown, the check.

``make site`` builds the site itself, in which MkDocs holds every link.
"""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs"))

from site_maker import addresses, check, navigation, source  # noqa: E402
from site_maker.markdown import as_markdown  # noqa: E402


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("README.md", "index.html"),
        ("README.ko.md", "ko/index.html"),
        ("docs/results.md", "results.html"),
        ("docs/ko/glossary.md", "ko/glossary.html"),
        ("docs/curves.svg", "curves.svg"),
        ("configs/hello.yaml", "source/configs/hello.yaml.html"),
        ("examples/cluster", "source/examples/cluster.html"),
    ],
)
def test_a_file_has_an_address(path, to):
    assert addresses.address(path) == to


def test_a_file_that_is_missing_has_none():
    with pytest.raises(LookupError, match=r"there is no docs/nothing\.md"):
        addresses.address("docs/nothing.md")


LINKED = """\
[a](results.md#an-hour), [`b`](../README.md), `configs/hello.yaml`, `configs/none.yaml`, [c](#d),
[e](https://example.org), `[f](results.md)`

```
[g](results.md) `configs/hello.yaml`
```
"""


def test_links_lead_where_they_are_told():
    shown = addresses.rewritten(LINKED, "docs/pictures.md", lambda to, anchor: f"<{to}{anchor}>")
    assert shown == LINKED.replace(
        "[a](results.md#an-hour)", "[a](<docs/results.md#an-hour>)"
    ).replace("(../README.md)", "(<README.md>)").replace(
        " `configs/hello.yaml`,", " [`configs/hello.yaml`](<configs/hello.yaml>),"
    )
    assert [*addresses.targets(LINKED, "docs/pictures.md")] == [
        "docs/results.md",
        "README.md",
        "configs/hello.yaml",
    ]


def test_a_pattern_is_the_pages_that_no_other_entry_names():
    nav = [{"A": ["b.md", "*.md"]}, {"C": ["d/*.md"]}, {"E": "e/*.md"}, {"F": "f.md"}]
    pages = ["e/y.md", "a.md", "b.md", "e/x.md"]
    assert navigation.expanded(nav, pages) == [
        {"A": ["b.md", "a.md"]},
        {"E": ["e/x.md", "e/y.md"]},
    ]


def test_a_directory_shows_its_files():
    pages = source.pages({"examples/cluster", "configs/hello.yaml", "README.md"})
    listed = pages["source/examples/cluster.md"]
    assert "source/configs/hello.yaml.md" in pages
    for name in re.findall(r"\(cluster/(.+)\.md\)", listed):
        assert (ROOT / "examples/cluster" / name).read_text("utf-8").strip() in pages[
            f"source/examples/cluster/{name}.md"
        ]
    assert not any("README" in name for name in pages)


DOCSTRING = """\
A cell::

    h' = tanh(h)

In use:

    >>> 1 + 1
    2

::

    x = 1
"""


def test_docstrings_become_markdown():
    assert as_markdown(DOCSTRING).split("\n\n") == [
        "A cell:",
        "```text\nh' = tanh(h)\n```",
        "In use:",
        "    ```pycon\n    >>> 1 + 1\n    2\n    ```",
        "\n```python\nx = 1\n```",
        "",
    ]


def test_the_check_finds_what_does_not_arrive(tmp_path):
    (tmp_path / "ko").mkdir()
    (tmp_path / "a.html").write_text(
        '<p id="x"><a href="ko/b.html#y">1</a> <a href="#x">2</a> <a href="https://e.org">3</a>'
        '<img src="data:image/png;base64,A"><code>href="none"</code>'
    )
    (tmp_path / "ko" / "b.html").write_text('<p id="y"><a href="../a.html#x"></a>')
    (tmp_path / "s.css").write_text("a { b: url('a.html'); c: url(data:x) }")
    assert [*check.faults(tmp_path)] == []
    (tmp_path / "c.html").write_text(
        '<a href="d.html"></a><a href="a.html#z"></a><a href="/a.html"></a>'
        '<script src="https://e.org/f.js"></script><link href="//e.org/f.css">'
    )
    (tmp_path / "s.css").write_text("@import 'x'; a { b: url(https://e.org/f.woff) }")
    assert [line.rpartition(": ")[0] for line in check.faults(tmp_path)] == [
        "c.html: d.html",
        "c.html: a.html#z",
        "c.html: /a.html",
        "c.html: https://e.org/f.js",
        "c.html: //e.org/f.css",
        "s.css: @import",
        "s.css: url(https://e.org/f.woff",
    ]


def terms(path, code):
    """The entries of a glossary: both names, the files and the objects in them."""
    text = (ROOT / path).read_text(encoding="utf-8")
    for entry in text.split("\n### ")[1:]:
        names = entry.partition("\n")[0].split(" · ")
        (found,) = re.findall(
            rf"^{code}: \[`(.+?)`\]\((?:\.\./)+(.+?)\), `(\w+)`\.$", entry, re.MULTILINE
        )
        assert found[0] == found[1]
        yield names, found[1], found[2], sorted(re.findall(r"\d{4}|\d+\.\d+|`[^`]+`", entry))


def test_the_glossaries_have_the_same_terms_and_name_what_is_in_the_code():
    english = [*terms("docs/glossary.md", "Code")]
    assert len(english) > 50
    korean = [(names[::-1], *rest) for names, *rest in terms("docs/ko/glossary.md", "코드")]
    assert korean == english
    for names, path, name, _ in english:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"^(?:class|def) {name}\b", text, re.MULTILINE), names
