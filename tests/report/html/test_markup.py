"""Everything that is not markup is escaped."""

import doctest

import pytest

from rnnlm_cli.report.html import markup
from rnnlm_cli.report.html.markup import Markup, escaped, joined, table, tag, word


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("<script>alert('&')</script>", "&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;"),
        ('"', "&quot;"),
        ("a\x1b\x00\u202eb\n\t", "a\\x1b\\x00\\u202eb\n\t"),
        (Markup("<b>"), "<b>"),
        (0.5, "0.5"),
    ],
)
def test_a_value_is_text(value, shown):
    assert escaped(value) == shown
    assert escaped(escaped(value)) == shown


def test_an_element():
    assert doctest.testmod(markup).failed == 0
    assert tag("p", "<", [tag("i", ">"), "&"], class_="a", data_x='"<', id=None, hidden=True) == (
        '<p class="a" data-x="&quot;&lt;" hidden>&lt;<i>&gt;</i>&amp;</p>'
    )
    assert tag("meta", name="x") == '<meta name="x">'
    assert joined("<", ["<"], Markup("<")) == "&lt;&lt;<"
    assert len(word("a" * 1_000_000)) < 100
    assert word("</bdi>") == '<bdi class="token">&lt;/bdi&gt;</bdi>'


def test_a_table():
    assert table(["<a>", "n"], [("x&y", "1")], caption="<c>") == (
        '<div class="scroll"><table><caption>&lt;c&gt;</caption><thead><tr><th>&lt;a&gt;</th>'
        '<th class="number">n</th></tr></thead><tbody><tr><td>x&amp;y</td>'
        '<td class="number">1</td></tr></tbody></table></div>'
    )
