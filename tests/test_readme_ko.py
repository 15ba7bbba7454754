"""README.ko.md says what README.md says: the same blocks, commands, links and figures."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
SWITCH = {
    "README.md": "English | [한국어](README.ko.md)\n",
    "README.ko.md": "[English](README.md) | 한국어\n",
}
"""The line that leads to the other language."""


def sections(name):
    """Yield each section of a README, without the line that leads to the other language."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text.count(SWITCH[name]) == 1, f"{name} does not lead to the other language"
    return re.split(r"^## ", text.replace(SWITCH[name], ""), flags=re.MULTILINE)


PAIRS = [*zip(sections("README.md"), sections("README.ko.md"), strict=True)]


def code(text):
    """Return what stands as code in sentences and tables."""
    return Counter(re.findall(r"`([^`]+)`", BLOCK.sub("", text)))


def links(text):
    """Return where links lead; a page may have a Korean counterpart."""
    return Counter(re.findall(r"\]\(([^)]+)\)", text.replace("](docs/ko/", "](docs/")))


def figures(text):
    """Return the numbers of sentences and tables."""
    prose = re.sub(r"`[^`]+`|\]\([^)]+\)", "", BLOCK.sub("", text))
    return Counter(re.findall(r"(?<![A-Za-z\d.,])\d+(?:[.,]\d+)*", prose))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0].partition("\n")[0])
def test_a_section_has_the_same_in_both_languages(pair):
    english, korean = pair
    assert BLOCK.findall(korean) == BLOCK.findall(english)
    assert re.findall("^> .*$", korean, re.M) == re.findall("^> .*$", english, re.M)
    assert [row.count("|") for row in re.findall(r"^\|.*$", korean, re.M)] == [
        row.count("|") for row in re.findall(r"^\|.*$", english, re.M)
    ]
    assert code(korean) == code(english)
    assert links(korean) == links(english)
    missing, added = figures(english) - figures(korean), figures(korean) - figures(english)
    assert not missing
    assert all(len(number) == 1 for number in added), "only what English spells out may be added"


def test_sentences_end_politely():
    """One style throughout: 합니다, and not 한다."""
    korean = BLOCK.sub("", (ROOT / "README.ko.md").read_text(encoding="utf-8"))
    assert re.findall(r"\S*(?<!니)다[.,:](?= |\n)", korean) == []


def test_the_comparison_sees_what_drifts():
    assert figures("79.4, `a 5`, AVX2, 1.54nat, 13,528 [x](a/9.md)") == Counter(
        ["79.4", "1.54", "13,528"]
    )
    assert code("`a` ```b") == Counter(["a"])
    assert links("[x](docs/ko/a.md) [y](docs/b.md)") == Counter(["docs/a.md", "docs/b.md"])
