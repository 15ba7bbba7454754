"""Completion by Tab: what a shell asks for, and the scripts with which it asks."""
