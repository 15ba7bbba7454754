"""From a model's probabilities to new text."""
