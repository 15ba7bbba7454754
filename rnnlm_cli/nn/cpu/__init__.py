"""The processor: threads, tiles of weights, memory."""
