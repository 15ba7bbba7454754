"""A command that several processes run together: who says what, and how all end."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from functools import wraps
from pathlib import Path
from typing import Any

import click

from rnnlm_cli.commands.shared.group import by_all_ranks
from rnnlm_cli.commands.shared.messages import note, silence
from rnnlm_cli.commands.shared.watch import Watch
from rnnlm_cli.errors import one_line
from rnnlm_cli.system.digest import file_sha256
from rnnlm_cli.train.parallel import Elsewhere, Group, join


@contextmanager
def ranks() -> Iterator[Group]:
    """Join the processes that ``mpiexec`` started; an error on one ends all, with one line.

    Raises:
        click.exceptions.Exit: An error was reported, here or by another rank.
    """
    from rnnlm_cli.commands.main import explain

    try:
        group = join()
    except Elsewhere as error:
        raise click.exceptions.Exit(error.exit_code) from None
    if group.size == 1:
        yield group
        return
    address = group.first(lambda: Watch.start(group.names))
    watch = Watch(address, group.rank)
    try:
        yield group
    except (Exception, KeyboardInterrupt) as error:
        if isinstance(error, click.exceptions.Exit):  # all ranks leave for the same reason
            raise
        name, ends_all = group.tells(error), not group.is_known(error)
        code = error.exit_code if isinstance(error, Elsewhere) else explain(error)[1]
        if isinstance(error, BrokenPipeError):  # the reader of the output closed it
            silence(1)
            code = 0
        elif name is not None:
            message = explain(error)[0]
            if os.environ.get("RNNLM_DEBUG") == "1":
                traceback.print_exc()
            note(f"Error: {one_line(': '.join(filter(None, [name, message])))}")
        watch.close(ends_all)
        if ends_all:
            group.abort(code)
        group.wait()
        raise click.exceptions.Exit(code) from None
    except SystemExit as error:  # a second signal
        watch.close(ends_all=True)
        group.abort(error.code if isinstance(error.code, int) else 1)
        raise
    finally:
        watch.close()


def divided(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the ranks that it was started with as ``group``; only rank 0 prints."""

    @by_all_ranks
    @wraps(command)
    def joined(*args: Any, **options: Any) -> Any:
        with ranks() as group, ExitStack() as stack:
            if not group.leads:
                nowhere = stack.enter_context(Path(os.devnull).open("w", encoding="utf-8"))
                stack.enter_context(redirect_stdout(nowhere))
                stack.enter_context(redirect_stderr(nowhere))
            return command(*args, group=group, **options)

    return joined


def check_same_models(group: Group, paths: Sequence[str]) -> None:
    """Check that all ranks have read the same models.

    Raises:
        UsageError: One has another.
    """
    if group.size > 1:
        found = {f"the model {number}": file_sha256(path) for number, path in enumerate(paths, 1)}
        group.check_same(found, "give all ranks the same files", shown=False)
