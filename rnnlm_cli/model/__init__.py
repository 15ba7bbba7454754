"""The network as a whole, assembled from its configuration."""

from rnnlm_cli.model.bounds import checked_log_probs
from rnnlm_cli.model.layers import recurrent_stacks
from rnnlm_cli.model.rnnlm import Rnnlm
from rnnlm_cli.nn.cells import CELLS

__all__ = ["CELLS", "Rnnlm", "checked_log_probs", "recurrent_stacks"]
