"""Write the golden values of RNN, LSTM and GRU, as PyTorch computes them in float64.

Run by ``make goldens``, which installs PyTorch into an environment of its own. The files are
small and committed, so that the tests need no PyTorch.
"""

from pathlib import Path

import numpy as np
import torch

T, B, D, H = 6, 3, 4, 5
CELLS = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


def golden(kind: str) -> dict[str, np.ndarray]:
    """One forward and backward pass of a cell, in this project's names and layouts."""
    torch.manual_seed(1)
    cell = CELLS[kind](D, H).double()
    x = torch.randn(T, B, D, dtype=torch.float64, requires_grad=True)
    state = [torch.randn(1, B, H, dtype=torch.float64, requires_grad=True)]
    if kind == "lstm":
        state.append(torch.randn(1, B, H, dtype=torch.float64, requires_grad=True))
    y, after = cell(x, tuple(state) if kind == "lstm" else state[0])
    after = after if kind == "lstm" else (after,)
    dy = torch.randn_like(y)
    dafter = [torch.randn_like(a) for a in after]
    torch.autograd.backward([y, *after], [dy, *dafter])

    values = {"x": x, "y": y, "dy": dy, "dx": x.grad}
    for k in range(len(state)):
        values |= {f"state{k}": state[k][0], f"dstate{k}": state[k].grad[0]}
        values |= {f"after{k}": after[k][0], f"dafter{k}": dafter[k][0]}
    for name in ("weight_ih", "weight_hh"):
        param = getattr(cell, f"{name}_l0")
        values |= {name: param.T, f"d{name}": param.grad.T}
    values |= biases(cell, kind)
    return {key: value.detach().numpy() for key, value in values.items()}


def biases(cell: torch.nn.RNNBase, kind: str) -> dict[str, torch.Tensor]:
    """PyTorch adds two biases a gate where we have one; only the GRU's inner one stays apart."""
    b_ih, b_hh = cell.bias_ih_l0, cell.bias_hh_l0
    if kind != "gru":
        return {"bias": b_ih + b_hh, "dbias": b_ih.grad}
    inner = torch.cat([b_hh[: 2 * H], torch.zeros(H, dtype=b_hh.dtype)])
    return {
        "bias": b_ih + inner,
        "dbias": b_ih.grad,
        "bias_hn": b_hh[2 * H :],
        "dbias_hn": b_hh.grad[2 * H :],
    }


if __name__ == "__main__":
    for kind in CELLS:
        np.savez(Path(__file__).with_name(f"{kind}.npz"), **golden(kind))
        print(f"wrote {kind}.npz, PyTorch {torch.__version__}")
