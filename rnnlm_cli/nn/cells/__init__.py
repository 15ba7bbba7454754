"""Recurrent cells: the equations of one step, forward and backward."""

from rnnlm_cli.nn.cells.base import Cell
from rnnlm_cli.nn.cells.elman import Elman
from rnnlm_cli.nn.cells.gru import GRU
from rnnlm_cli.nn.cells.ln_lstm import LayerNormLSTM
from rnnlm_cli.nn.cells.lstm import LSTM
from rnnlm_cli.nn.cells.mogrifier import Mogrifier
from rnnlm_cli.nn.cells.sru import SRU

CELLS: dict[str, Cell] = {
    "rnn": Elman(),
    "lstm": LSTM(),
    "gru": GRU(),
    "sru": SRU(),
    "ln_lstm": LayerNormLSTM(),
    "mogrifier": Mogrifier(),
}
"""The cell for each ``model.cell``."""
