"""From bytes to token ids, and from tokens back to readable text."""
