"""``python -m rnnlm_cli`` is the command ``rnnlm``."""

from rnnlm_cli.commands.main import main

if __name__ == "__main__":
    main()
