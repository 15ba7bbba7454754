"""Corpora: made from what is on the machine, or fetched."""
