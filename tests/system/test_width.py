import unicodedata

import pytest

from rnnlm_cli.system.width import display_width


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("me.txt", 6),
        ("한국어", 6),
        (unicodedata.normalize("NFD", "한국어"), 6),
        ("ｆｕｌｌ", 8),
        ("e\u0301t\u00e9", 3),
        ("a\u200bb", 2),
        ("│█▌", 3),
        ("漢字", 4),
        ("ｶﾅ", 2),  # halfwidth kana
        ("a\u200db", 2),
        ("\u1112\ud7b0", 2),  # the vowels of old Hangul join too
    ],
)
def test_the_columns_of_a_text(text, columns):
    assert display_width(text) == columns
