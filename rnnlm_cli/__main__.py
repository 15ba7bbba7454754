"""The command ``rnnlm``, also as ``python -m rnnlm_cli``.

What it imports takes a moment, in which Ctrl-C and SIGTERM have their meaning already.
"""

import signal
import sys


def main() -> None:
    """Run a command and leave with its exit code; 130 after Ctrl-C, 143 after SIGTERM.

    A command that is terminated cleans up behind it as after any other end.
    """
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        from rnnlm_cli.commands.main import run

        code = run()
    except KeyboardInterrupt:  # while it was imported
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
