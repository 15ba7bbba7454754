"""Results as tables, pictures and plain values; prints nothing."""
