"""N-gram models of a text: counted and estimated here, written by ``exchange/``."""
