"""How a training starts: new, replacing existing files, or resumed."""

from __future__ import annotations

from enum import Enum, auto

from rnnlm_cli.config import Config
from rnnlm_cli.data.named import input_names
from rnnlm_cli.errors import UsageError
from rnnlm_cli.nn.cpu.threads import use_threads
from rnnlm_cli.train.alike import check_alike
from rnnlm_cli.train.files import CONTINUE_OR_REPLACE, RunFiles, Seen
from rnnlm_cli.train.group import ALONE, Group
from rnnlm_cli.train.session import Session
from rnnlm_cli.train.stored import check_replaceable
from rnnlm_cli.train.tensorboard import check_tensorboard


class Start(Enum):
    """What to do with files of an earlier training."""

    NEW = auto()  # refuse if they exist
    OVERWRITE = auto()  # replace them
    RESUME = auto()  # resume from the last state; start new if there are none


def begin(
    config: Config,
    start: Start = Start.NEW,
    dry: bool = False,
    use_cache: bool = True,
    group: Group = ALONE,
) -> Session:
    """Check for existing files, and prepare the training that a configuration describes.

    It writes nothing but the cached ids of a large text.

    Args:
        config: The configuration.
        start: What to do with files of an earlier training.
        dry: Nothing will be trained: the weights of a new model take no memory, nothing is written,
            and existing files do not matter.
        use_cache: Cache the ids of a large text beside it.
        group: The ranks that train together; rank 0 has the files.

    Raises:
        UsageError: A checkpoint already exists, the state does not fit, or a text, a model or an
            optional package is missing.
        CorpusError, CheckpointError: A text or a checkpoint is invalid.
    """
    use_threads(config.training.threads or group.threads())
    before, resumes = group.first(lambda: _look(config, start, dry))
    use_cache = use_cache and not dry
    if resumes:
        session = Session.resumed(config, before, use_cache, group)
    elif config.training.init_from is not None:
        session = Session.tuned_from(config.training.init_from, config, before, use_cache, group)
    else:
        session = Session.new(config, before, use_cache, dry, group)
    check_alike(session)
    return session


def _look(config: Config, start: Start, dry: bool) -> tuple[Seen, bool]:
    """Check the files of an earlier training; return their stamps, and whether to resume from them.

    Raises:
        UsageError: They are in the way, or cannot be written.
    """
    files = RunFiles.of(config)
    files.check_writable(input_names(config))
    if files.events is not None:
        check_tensorboard()
    before, present = files.seen(), files.present()
    if start is Start.RESUME and files.last in present:
        return before, True
    if start is Start.OVERWRITE:
        check_replaceable(files.last)
        check_replaceable(files.rollback)
    elif present and not dry:
        raise _in_the_way(present[0], files, start)
    return before, False


def _in_the_way(path: str, files: RunFiles, start: Start) -> UsageError:
    if start is Start.RESUME:
        return UsageError(
            f"already exists, but there is no state to resume from ({files.last})",
            place=path,
            remedy="use {overwrite=True} to start over, or set another checkpoint.path",
        )
    return UsageError("already exists", place=path, remedy=CONTINUE_OR_REPLACE)
