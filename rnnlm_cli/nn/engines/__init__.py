"""What runs the cells over a block: back-propagation through time, plain and fast."""
