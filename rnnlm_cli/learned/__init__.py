"""What a model has learned, as plain figures: for pictures, tables and Python."""
