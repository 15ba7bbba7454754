"""Recurrent neural network language models in NumPy: train, evaluate, generate."""

__version__ = "0.1.0"
