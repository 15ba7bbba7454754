"""Generating text from a model's probabilities."""
