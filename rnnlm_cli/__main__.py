"""The command ``rnnlm``, also as ``python -m rnnlm_cli``.

What it imports takes a moment, in which Ctrl-C and SIGTERM have their meaning already.
"""

import os
import signal
import sys


def hold_standard_streams() -> None:
    """Open what is closed of standard input, output and error, to nothing.

    Otherwise a file that is opened later gets its number, and whatever is written to standard
    error by a library goes into that file. ``sys.stdout`` stays ``None``.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # which gets the lowest free number


def main() -> None:
    """Run a command and leave with its exit code; 130 after Ctrl-C, 143 after SIGTERM.

    A command that is terminated cleans up behind it as after any other end.
    """
    hold_standard_streams()
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        from rnnlm_cli.commands.main import run

        code = run()
    except KeyboardInterrupt:  # while it was imported
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
