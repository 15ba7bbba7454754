"""Layers: parameters and what they do to a block."""
