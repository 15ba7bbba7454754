"""Pictures, and the figures they are made of."""
