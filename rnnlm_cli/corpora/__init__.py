"""Corpora: built from the documentation of Python, or downloaded."""
