"""Models and training states in files that cannot run code."""

from rnnlm_cli.checkpoint.model_file import Checkpoint, TrainingState, load, save

__all__ = ["Checkpoint", "TrainingState", "load", "save"]
