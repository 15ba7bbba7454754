"""Which kernels are the equations of which cell again (``nn/cuda/c/``)."""

from __future__ import annotations

from rnnlm_cli.nn.cells.base import Cell
from rnnlm_cli.nn.cells.elman import Elman
from rnnlm_cli.nn.cells.gru import GRU
from rnnlm_cli.nn.cells.lstm import LSTM

KERNELS: dict[type[Cell], str] = {Elman: "rnn", LSTM: "lstm", GRU: "gru"}
"""The prefix of the two kernels of each cell that has them."""
