"""Training: the loop, its files, its log, and recovery."""
