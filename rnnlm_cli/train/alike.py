"""Before the first step: whether all ranks are about to train the same model on the same text."""

from __future__ import annotations

import hashlib

import numpy as np

from rnnlm_cli import __version__
from rnnlm_cli.config import Mark, config_to_plain, keys_marked
from rnnlm_cli.config.differences import flattened
from rnnlm_cli.errors import UsageError
from rnnlm_cli.train.compatibility import digests
from rnnlm_cli.train.session import Session

OWN = (Mark.PATH, Mark.TEXT)
"""Keys that each machine may have its own values of: what they name is compared."""


def check_alike(session: Session) -> None:
    """Check that the ranks of a training have the same programs, config, texts and weights.

    Raises:
        UsageError: One differs from rank 0, or there are more ranks than streams.
    """
    group, config = session.group, session.config
    if group.size == 1:
        return
    streams = config.training.batch_size
    if streams < group.size:
        error = UsageError(
            f"training.batch_size: {streams} streams cannot be divided among {group.size} ranks; "
            f"set it to at least {group.size}, or start at most {streams} ranks"
        )
        raise group.of_all(error)
    versions = {"the version of rnnlm": __version__, "the version of NumPy": np.__version__}
    group.check_same(versions, "install the same versions everywhere")
    own = {*keys_marked(*OWN), "training.threads"}
    keys = {key: v for key, v in flattened(config_to_plain(config)).items() if key not in own}
    group.check_same(keys, "give all ranks the same config")
    engine = {"the engine": session.model.engine.name}
    group.check_same(engine, "set training.engine to one that all have")
    texts = {f"the text corpus.{name}": found for name, found in digests(session.texts).items()}
    tokens = "\n".join(session.texts.vocabulary.tokens).encode("utf-8", "surrogatepass")
    texts["the vocabulary"] = hashlib.sha256(tokens).hexdigest()
    group.check_same(texts, "give all ranks the same text", shown=False)
    weights = {"the model that it starts from": session.trainer.digest}
    group.check_same(weights, "give all ranks the same files", shown=False)
