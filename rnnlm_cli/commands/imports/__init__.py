"""``rnnlm import``: other programs' weights."""
