"""Models and training states in files that cannot run code."""

from rnnlm_cli.checkpoint.model_file import Checkpoint, Stored, TrainingState, load, load_any, save

__all__ = ["Checkpoint", "Stored", "TrainingState", "load", "load_any", "save"]
