"""A config for a user's own text, a time and this machine."""
