"""Engines run a cell over a block: back-propagation through time, plain and fast."""
