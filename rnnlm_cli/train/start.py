"""How a training begins: anew, over what is there, or from where it was."""

from __future__ import annotations

from enum import Enum, auto

from rnnlm_cli.config import Config
from rnnlm_cli.data.texts import input_paths
from rnnlm_cli.errors import UsageError
from rnnlm_cli.nn.cpu.threads import use_threads
from rnnlm_cli.train.files import CONTINUE_OR_REPLACE, RunFiles
from rnnlm_cli.train.session import Session
from rnnlm_cli.train.stored import check_replaceable


class Start(Enum):
    """How to begin where a training may have been before."""

    NEW = auto()  # refuse where there is something
    OVERWRITE = auto()  # replace what there is
    RESUME = auto()  # go on from the last state; begin where there is nothing


def begin(
    config: Config, start: Start = Start.NEW, dry: bool = False, use_cache: bool = True
) -> Session:
    """Check that nothing is in the way, and make the training that a configuration asks for.

    No more is written than the ids of a large text.

    Args:
        config: What to train on what.
        start: How to begin where a training has been before.
        dry: Nothing will be trained: the weights of a new model take no memory, nothing is written,
            and what is there does not matter.
        use_cache: Keep the ids of a large text beside it.

    Raises:
        UsageError: A checkpoint is in the way, the state does not fit, or a text or a model
            is missing.
        CorpusError, CheckpointError: A text or a checkpoint is not sound.
    """
    use_threads(config.training.threads)
    files = RunFiles.of(config)
    files.check_writable(input_paths(config))
    before, present = files.seen(), files.present()
    use_cache = use_cache and not dry
    if start is Start.RESUME and files.last in present:
        return Session.resumed(config, before, use_cache)
    if start is Start.OVERWRITE:
        check_replaceable(files.last)
        check_replaceable(files.rollback)
    elif present and not dry:
        raise _in_the_way(present[0], files, start)
    if config.training.init_from is not None:
        return Session.tuned_from(config.training.init_from, config, before, use_cache)
    return Session.new(config, before, use_cache, dry)


def _in_the_way(path: str, files: RunFiles, start: Start) -> UsageError:
    if start is Start.RESUME:
        return UsageError(
            f"already exists, but there is no state to resume from ({files.last})",
            place=path,
            remedy="use {overwrite=True} to start over, or set another checkpoint.path",
        )
    return UsageError("already exists", place=path, remedy=CONTINUE_OR_REPLACE)
