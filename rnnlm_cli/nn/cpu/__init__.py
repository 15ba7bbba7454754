"""CPU-specific code: threads, tiles of weights, memory."""
