"""Kernels for a CUDA device, in ``c/``, and what calls them; cells and layers do not know them."""
