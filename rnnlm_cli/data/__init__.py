"""The texts that a configuration names, as batches."""
