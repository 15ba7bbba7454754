import pytest

from rnnlm_cli.corpora.prose import sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Return the user's home folder.", ["Return the user's home folder ."]),
        (
            "It is one thing (as you see). It's\nanother, e.g. this one!",
            ["It is one thing ( as you see ) .", "It's another , e.g. this one !"],
        ),
        ("Use :func:`open` to open ``files`` here.", ["Use open to open files here ."]),
        ("안녕 세상 여러분 모두 반가워요.", ["안녕 세상 여러분 모두 반가워요 ."]),
        ("Too short.", []),
        ("No full stop at the end of it", []),
        (">>> print(1)\n1\n\nThis stays as it is.", ["This stays as it is ."]),
        (
            "Title\n=====\n\n.. note:: left out here\n\n* An item stays a line.",
            ["An item stays a line ."],
        ),
        ("x = f(a[1], b{2}) + 3 == 4 or y.", []),
        ("There are 1,000 tokens in it.", ["There are 1,000 tokens in it ."]),
    ],
)
def test_sentences(text, expected):
    assert list(sentences(text)) == expected
