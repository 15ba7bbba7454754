"""Pretrained word vectors: of a file, those of a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rnnlm_cli.errors import UsageError
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.text.opened import MOST_EXPANSION, open_bytes
from rnnlm_cli.text.vector_file import VectorFile


class WordVectors(NamedTuple):
    """The vectors of a vocabulary's tokens.

    Attributes:
        values: ``(V, E)``; zero where a token has none.
        exact: ``(V,)``, whether the file has the token.
        lowered: ``(V,)``, whether it only has the token in lower case, whose vector is used.
    """

    values: Array
    exact: npt.NDArray[np.bool_]
    lowered: npt.NDArray[np.bool_]


def read_vectors(
    path: str,
    tokens: Sequence[str],
    size: int,
    dtype: npt.DTypeLike = np.float32,
    most_expansion: float = MOST_EXPANSION,
) -> WordVectors:
    """Read the vectors of a vocabulary, from a file of any of the four forms.

    A token gets the vector of the same word, or else that of the word in lower case. Of equal
    words the first one counts.

    Args:
        path: The file; decompressed if its ending says so.
        tokens: The vocabulary, ``V`` tokens.
        size: ``E``.
        dtype: Of the result.
        most_expansion: Maximum of decompressed over compressed size.

    Raises:
        UsageError: The file cannot be opened, or its vectors are of another size.
        CorpusError: It is damaged, or not a file of vectors; names the line or the byte.
    """
    try:
        with open_bytes(path, most_expansion) as file:
            return _vectors_of(VectorFile(path, file, size), tokens, dtype)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError) as error:
        raise UsageError(
            str(error.strerror),
            place=path,
            remedy="name a file of word vectors in model.embeddings",
        ) from None
    except ValueError as error:  # a path with a NUL byte
        raise UsageError(f"{path!r}: {error}; name a file of word vectors") from None


def _vectors_of(file: VectorFile, tokens: Sequence[str], dtype: npt.DTypeLike) -> WordVectors:
    exactly = {token.encode(): k for k, token in enumerate(tokens)}
    lowered: dict[bytes, list[int]] = {}
    for number, token in enumerate(tokens):
        if token != token.lower():
            lowered.setdefault(token.lower().encode(), []).append(number)
    found = WordVectors(
        np.zeros((len(tokens), file.size), dtype),
        np.zeros(len(tokens), np.bool_),
        np.zeros(len(tokens), np.bool_),
    )
    for place, word, data in file.entries():
        k = exactly.get(word)
        others = [other for other in lowered.get(word, ()) if not found.lowered[other]]
        if (k is None or found.exact[k]) and not others:
            continue
        vector = file.numbers(place, word, data)
        if k is not None and not found.exact[k]:
            found.values[k], found.exact[k] = vector, True
        for other in others:
            found.lowered[other] = True
            if not found.exact[other]:
                found.values[other] = vector
    return found._replace(lowered=found.lowered & ~found.exact)
