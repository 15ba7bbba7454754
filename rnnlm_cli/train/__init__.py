"""Training: the loop, and everything that stands around it."""
