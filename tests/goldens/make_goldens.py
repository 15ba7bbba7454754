"""Write the golden values of cells and of whole models, as PyTorch computes them in float64.

Run by ``make goldens``, which installs PyTorch into an environment of its own. The files are
small and committed, so that the tests need no PyTorch.
"""

import math
from pathlib import Path

import numpy as np
import torch

T, B, D, H, V = 6, 3, 4, 5, 11
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


class Sru(torch.nn.Module):
    """Lei et al., 2018, equations 1 to 4, with a bias of every gate; by autograd."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.skips = size == H
        self.weight_ih = tensor(size, (3 if self.skips else 4) * H)
        self.bias = tensor(self.weight_ih.shape[1])
        self.weight_c = tensor(2 * H)

    def forward(self, x, h, c):
        """One step."""
        products = (x @ self.weight_ih + self.bias).split(H, dim=-1)
        v_f, v_r = self.weight_c.split(H)
        f = torch.sigmoid(products[1] + v_f * c)
        r = torch.sigmoid(products[2] + v_r * c)
        skipped = x * math.sqrt(1 + 2 * math.exp(0)) if self.skips else products[3]
        c = f * c + (1 - f) * products[0]
        return r * c + (1 - r) * skipped, c


class NormalizedLstm(torch.nn.Module):
    """Ba et al., 2016, equations 20 to 22, by ``torch.nn.LayerNorm``."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.weight_ih, self.weight_hh, self.bias = (
            tensor(size, 4 * H),
            tensor(H, 4 * H),
            tensor(4 * H),
        )
        norms = [torch.nn.LayerNorm(n, dtype=torch.float64) for n in (4 * H, 4 * H, H)]
        self.norm_x, self.norm_h, self.norm_c = norms
        self.gain_ih, self.gain_hh, self.gain_c, self.bias_c = (
            *(norm.weight for norm in norms),
            norms[2].bias,
        )
        for param in (self.gain_ih, self.gain_hh, self.gain_c, self.bias_c):
            torch.nn.init.normal_(param)

    def forward(self, x, h, c):
        """One step; the biases of both products' norms are zero, ours is their sum."""
        a = self.norm_x(x @ self.weight_ih) + self.norm_h(h @ self.weight_hh) + self.bias
        i, f, g, o = a.split(H, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(self.norm_c(c)), c


class MogrifierLstm(torch.nn.Module):
    """Melis et al., 2020, five rounds before ``torch.nn.LSTMCell``."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.cell = torch.nn.LSTMCell(size, H, dtype=torch.float64)
        self.cell.bias_hh.data.zero_()
        for k in range(1, 6):
            setattr(self, f"mix{k}", tensor(H, size) if k % 2 else tensor(size, H))

    def forward(self, x, h, c):
        """One step."""
        for k in range(1, 6):
            if k % 2:
                x = 2 * torch.sigmoid(h @ getattr(self, f"mix{k}")) * x
            else:
                h = 2 * torch.sigmoid(x @ getattr(self, f"mix{k}")) * h
        return self.cell(x, (h, c))


def tensor(*shape: int) -> torch.nn.Parameter:
    """Draw a parameter."""
    return torch.nn.Parameter(torch.randn(*shape, dtype=torch.float64) / 2)


WRITTEN = {
    "sru": (Sru, H),
    "sru-4-products": (Sru, D),
    "ln_lstm": (NormalizedLstm, D),
    "mogrifier": (MogrifierLstm, D),
}
"""Cells that PyTorch lacks, with the input size."""


def written(name: str) -> dict[str, np.ndarray]:
    """As ``golden``, for a cell that is written here."""
    torch.manual_seed(1)
    kind, size = WRITTEN[name]
    cell = kind(size)
    x = torch.randn(T, B, size, dtype=torch.float64, requires_grad=True)
    state = [torch.randn(B, H, dtype=torch.float64, requires_grad=True) for _ in "hc"]
    (h, c), ys = state, []
    for x_t in x:
        h, c = cell(x_t, h, c)
        ys.append(h)
    y, after = torch.stack(ys), (h, c)
    dy, dafter = torch.randn_like(y), [torch.randn_like(a) for a in after]
    torch.autograd.backward([y, *after], [dy, *dafter])
    values = {"x": x, "y": y, "dy": dy, "dx": x.grad}
    for k in range(2):
        grad = torch.zeros_like(state[k]) if state[k].grad is None else state[k].grad
        values |= {f"state{k}": state[k], f"dstate{k}": grad}
        values |= {f"after{k}": after[k], f"dafter{k}": dafter[k]}
    for key, param in cell.named_parameters():
        values |= {key: param, f"d{key}": param.grad}
    if isinstance(cell, MogrifierLstm):
        for ours, theirs in (
            ("weight_ih", "weight_ih"),
            ("weight_hh", "weight_hh"),
            ("bias", "bias_ih"),
        ):
            param = getattr(cell.cell, theirs)
            values |= {ours: param.T if param.ndim > 1 else param}
            values |= {f"d{ours}": param.grad.T if param.ndim > 1 else param.grad}
    return {key: value.detach().numpy() for key, value in values.items() if "." not in key}


STEPS, RATE, MAX_NORM = 10, 2.0, 0.25


def whole_model(kind: str, layers: int, tied: bool) -> dict[str, np.ndarray]:
    """A language model: loss, logits and gradients of a block, then ten steps of SGD."""
    torch.manual_seed(2)
    size = H if tied else D
    embedding = torch.nn.Embedding(V, size).double()
    rnn = CELLS[kind](size, H, layers).double()
    output = torch.nn.Linear(H, V).double()
    if tied:
        output.weight = embedding.weight
    parts = torch.nn.ModuleList([embedding, rnn, output])
    ids = torch.randint(V, (STEPS * T + 1, B))
    values = {"ids": ids} | named("", embedding, rnn, output, tied)
    state, losses = None, []
    for step in range(STEPS):
        block = slice(step * T, (step + 1) * T)
        parts.zero_grad()
        h, state = rnn(embedding(ids[block]), state)
        state = tuple(s.detach() for s in state) if kind == "lstm" else state.detach()
        logits = output(h)
        targets = ids[1:][block]
        loss = torch.nn.functional.cross_entropy(logits.reshape(-1, V), targets.reshape(-1))
        loss.backward()
        losses.append(loss.detach())
        if step == 0:
            values |= {"log_probs": torch.log_softmax(logits, dim=-1)}
            values |= named("d", embedding, rnn, output, tied)
        for k in range(layers):  # held where it is: we have one bias per gate
            getattr(rnn, f"bias_hh_l{k}").grad[: 2 * H if kind == "gru" else None] = 0
        torch.nn.utils.clip_grad_norm_(parts.parameters(), MAX_NORM)
        with torch.no_grad():
            for param in parts.parameters():
                param -= RATE * param.grad
    values |= {"losses": torch.stack(losses)} | named("after ", embedding, rnn, output, tied)
    return {key: value.detach().numpy().copy() for key, value in values.items()}


def named(
    prefix: str,
    embedding: torch.nn.Embedding,
    rnn: torch.nn.RNNBase,
    output: torch.nn.Linear,
    tied: bool,
) -> dict[str, torch.Tensor]:
    """Parameters, or with the prefix ``d`` their gradients, in this project's names and layouts.

    Where we have one bias per gate, PyTorch has two: their sum, and the gradient of the first.
    """
    value = (lambda param: param.grad) if prefix == "d" else (lambda param: param)
    found = {"embedding.weight": value(embedding.weight), "output.bias": value(output.bias)}
    if not tied:
        found["output.weight"] = value(output.weight)
    for k in range(rnn.num_layers):
        b_ih, b_hh = (value(getattr(rnn, f"bias_{part}_l{k}")) for part in ("ih", "hh"))
        found[f"layer{k}.weight_ih"] = value(getattr(rnn, f"weight_ih_l{k}")).T
        found[f"layer{k}.weight_hh"] = value(getattr(rnn, f"weight_hh_l{k}")).T
        if rnn.mode == "GRU":
            found[f"layer{k}.bias_hn"] = b_hh[2 * H :]
            b_hh = torch.cat([b_hh[: 2 * H], torch.zeros(H, dtype=b_hh.dtype)])
        found[f"layer{k}.bias"] = b_ih if prefix == "d" else b_ih + b_hh
    return {f"{prefix}{name}": tensor.clone() for name, tensor in found.items()}


class Translator(torch.nn.Module):
    """An encoder-decoder, from PyTorch's own layers: packed sequences, and a masked softmax."""

    def __init__(self, kind: str, layers: int, reverse: bool, peeky: bool, attention: bool):
        super().__init__()
        self.reverse, self.peeky, self.attention = reverse, peeky, attention
        self.read, self.write = (torch.nn.Embedding(V, D) for _ in range(2))
        self.encoder = CELLS[kind](D, H, layers)
        self.decoder = CELLS[kind](D + H * peeky, H, layers)
        self.output = torch.nn.Linear(H * (1 + peeky + attention), V)

    def forward(self, source: torch.Tensor, lengths: torch.Tensor, ids: torch.Tensor):
        """Read sources ``(S, B)``; return logits ``(T, B, V)`` and attention ``(B, T, S)``."""
        if self.reverse:
            lines = zip(source.T, lengths, strict=True)
            source = torch.stack([torch.cat([s[:n].flip(0), s[n:]]) for s, n in lines]).T
        packed = torch.nn.utils.rnn.pack_padded_sequence(
            self.read(source), lengths, enforce_sorted=False
        )
        memory, last = self.encoder(packed)
        memory, _ = torch.nn.utils.rnn.pad_packed_sequence(memory)
        top = (last[0] if isinstance(last, tuple) else last)[-1].expand(len(ids), -1, -1)
        x = self.write(ids)
        h, _ = self.decoder(torch.cat([x, top], -1) if self.peeky else x, last)
        parts, weights = [h], None
        if self.attention:
            scores = torch.einsum("tbh,sbh->bts", h, memory)
            padding = torch.arange(len(source)) >= lengths[:, None]
            weights = torch.softmax(scores.masked_fill(padding[:, None], -torch.inf), -1)
            parts.append(torch.einsum("bts,sbh->tbh", weights, memory))
        return self.output(torch.cat(parts + [top] * self.peeky, -1)), weights


def translation(kind: str, layers: int, *form: bool) -> dict[str, np.ndarray]:
    """Lines of different length side by side: loss, log-probabilities, attention, gradients."""
    torch.manual_seed(3)
    model = Translator(kind, layers, *form).double()
    with torch.no_grad():
        for param in model.parameters():
            param *= 2  # away from zero, where all cells are alike
    lengths = torch.tensor([2, 5, 4, 5])
    source, ids, targets = (torch.randint(V, (n, 4)) for n in (5, T, T))
    for k, steps in enumerate([6, 3, 5, 1]):
        targets[steps:, k] = -1
    logits, weights = model(source, lengths, ids)
    loss = torch.nn.functional.cross_entropy(
        logits.reshape(-1, V), targets.reshape(-1), ignore_index=-1
    )
    loss.backward()
    padding = torch.arange(5)[:, None] >= lengths
    values = {"source": source.masked_fill(padding, -1).T, "ids": ids, "targets": targets}
    values |= {"loss": loss, "log_probs": torch.log_softmax(logits, dim=-1)}
    if weights is not None:
        values["attention"] = weights
    for prefix in ("", "d"):
        parts = named(prefix, model.read, model.encoder, model.output, tied=True)
        values |= {
            f"{prefix}encoder.{name.removeprefix(prefix)}": value
            for name, value in parts.items()
            if "output" not in name
        }
        values |= named(prefix, model.write, model.decoder, model.output, tied=False)
    return {key: value.detach().numpy() for key, value in values.items()}


TRANSLATORS = {
    "rnn": ("rnn", 1, False, False, False),
    "gru-peeky": ("gru", 2, True, True, False),
    "lstm-attention": ("lstm", 2, False, False, True),
    "lstm-all": ("lstm", 1, True, True, True),
}
"""Cell and layers; then whether it reverses the source, is peeky, and has attention."""

MODELS = {"lstm-tied": ("lstm", 2, True), "gru": ("gru", 1, False), "rnn": ("rnn", 2, False)}

if __name__ == "__main__":
    for kind in CELLS:
        np.savez(Path(__file__).with_name(f"{kind}.npz"), **golden(kind))
        print(f"wrote {kind}.npz, PyTorch {torch.__version__}")
    for name in WRITTEN:
        np.savez(Path(__file__).with_name(f"{name}.npz"), **written(name))
        print(f"wrote {name}.npz")
    for name, sizes in MODELS.items():
        np.savez(Path(__file__).with_name(f"model-{name}.npz"), **whole_model(*sizes))
        print(f"wrote model-{name}.npz")
    for name, form in TRANSLATORS.items():
        np.savez(Path(__file__).with_name(f"translation-{name}.npz"), **translation(*form))
        print(f"wrote translation-{name}.npz")
