"""Cells, engines, layers and output layers in NumPy, without text, files or configuration.

Shapes are time-major: ``T`` time steps in a block, ``B`` parallel streams, ``V`` vocabulary,
``E`` embedding size, ``H`` hidden size, ``D`` the size of a layer's input.
"""
