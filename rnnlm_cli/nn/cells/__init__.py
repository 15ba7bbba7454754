"""Recurrent cells: the equations of one step, forward and backward."""

from rnnlm_cli.nn.cells.base import Cell
from rnnlm_cli.nn.cells.elman import Elman
from rnnlm_cli.nn.cells.gru import GRU
from rnnlm_cli.nn.cells.lstm import LSTM

CELLS: dict[str, Cell] = {"rnn": Elman(), "lstm": LSTM(), "gru": GRU()}
"""The cell for each ``model.cell``."""
