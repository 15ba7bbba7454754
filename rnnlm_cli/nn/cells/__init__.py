"""The cells: equations of one step, forward and backward."""
