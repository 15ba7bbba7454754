"""Models and training states to and from files that cannot run code."""

from rnnlm_cli.checkpoint.saved import EpochRecord, SavedModel, TrainingState, load, save

__all__ = ["EpochRecord", "SavedModel", "TrainingState", "load", "save"]
