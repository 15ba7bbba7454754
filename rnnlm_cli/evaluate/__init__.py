"""Evaluation: perplexity, scores of lines, comparison, interpolation and adaptation."""
