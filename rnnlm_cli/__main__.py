"""The command ``rnnlm``, also as ``python -m rnnlm_cli``.

Ctrl-C and SIGTERM are handled before the imports, which take a moment.
"""

import os
import signal
import sys


def hold_standard_streams() -> None:
    """Open the null device as standard input, output or error where that is closed.

    Otherwise a file opened later gets the free number, and what a library writes to standard error
    goes into that file. ``sys.stdout`` stays ``None``.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number


def main() -> None:
    """Run a command and exit with its code; 130 after Ctrl-C, 143 after SIGTERM.

    A command that is terminated cleans up first.
    """
    hold_standard_streams()
    if (line := os.environ.get("_RNNLM_COMPLETE")) is not None:  # a shell asks what may come next
        from rnnlm_cli.commands.shared.completion.answer import print_answer

        print_answer(line)
        return
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        from rnnlm_cli.commands.main import run

        code = run()
    except KeyboardInterrupt:  # during the import
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
