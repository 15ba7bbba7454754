"""Output layers: from hidden states to probabilities and a loss."""
