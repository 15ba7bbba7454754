"""Output layers: hidden states in, probabilities and loss out."""
