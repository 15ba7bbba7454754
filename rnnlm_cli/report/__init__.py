"""What was found, as tables and pictures; prints nothing."""
