"""Models and training states to and from files that cannot run code."""

from rnnlm_cli.checkpoint.saved import SavedModel, load, save

__all__ = ["SavedModel", "load", "save"]
