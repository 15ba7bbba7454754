"""From bytes to ``(T, B)`` blocks of token ids, and from tokens back to readable text."""
