"""Layers: parameters, and passes over a block."""
