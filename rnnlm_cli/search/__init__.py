"""The search for a config: which values of some keys train the best model."""
