"""The layers: NumPy alone. This room knows no text, no file and no configuration.

Shapes are time-major: ``T`` time steps in a block, ``B`` parallel streams, ``V`` vocabulary,
``E`` embedding size, ``H`` hidden size, ``D`` whatever a layer is fed with.
"""
