"""Write the golden values of the networks that read lines, as PyTorch computes them in float64.

Run by ``make goldens``, after ``make_goldens.py``.
"""

from pathlib import Path

import numpy as np
import torch
from make_goldens import CELLS, D, H, T, V, named
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

L = 3
"""Labels."""


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
        packed = pack_padded_sequence(self.read(source), lengths, enforce_sorted=False)
        memory, last = self.encoder(packed)
        memory, _ = pad_packed_sequence(memory)
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
    moved_from_zero(model)
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


def moved_from_zero(model: torch.nn.Module) -> None:
    """Double all weights: near zero all cells are alike."""
    with torch.no_grad():
        for param in model.parameters():
            param *= 2


def turned(lines: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Turn round the tokens of lines ``(T, B)``, but not their ends or what comes after."""
    return torch.stack(
        [
            torch.cat([line[: n - 1].flip(0), line[n - 1 :]])
            for line, n in zip(lines.T, lengths, strict=True)
        ]
    ).T


class Classifier(torch.nn.Module):
    """A label of a line, from PyTorch's own layers and packed sequences."""

    def __init__(self, kind: str, layers: int, state: str, both: bool):
        super().__init__()
        self.state = state
        self.embedding = torch.nn.Embedding(V, D)
        self.readers = torch.nn.ModuleList(CELLS[kind](D, H, layers) for _ in range(1 + both))
        self.output = torch.nn.Linear(H * (1 + both) * (1 + (state == "ends")), L)

    def forward(self, lines: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Read lines ``(T, B)``, each with its end; return logits ``(B, L)``."""
        read = []  # of each direction: h after the first token, after all, and the mean
        for reader, ids in zip(self.readers, (lines, turned(lines, lengths)), strict=False):
            x = pack_padded_sequence(self.embedding(ids), lengths, enforce_sorted=False)
            h, _ = pad_packed_sequence(reader(x)[0])  # zero where a line has ended
            last = h[lengths - 1, torch.arange(len(lengths))]
            read.append({"first": h[0], "last": last, "mean": h.sum(0) / lengths[:, None]})
        if self.state == "ends":  # one direction ends where the other begins
            ways = (("first", "last"), ("last", "first"))
            parts = [one[way[end]] for end in (0, 1) for one, way in zip(read, ways, strict=False)]
        else:
            parts = [one[self.state] for one in read]
        return self.output(torch.cat(parts, -1))


def classification(kind: str, layers: int, state: str, both: bool) -> dict[str, np.ndarray]:
    """Lines of different length side by side: loss, log-probabilities, gradients."""
    torch.manual_seed(4)
    model = Classifier(kind, layers, state, both).double()
    moved_from_zero(model)
    lengths, labels = torch.tensor([2, 6, 1, 4]), torch.tensor([1, 0, 2, 1])
    lines = torch.randint(V, (6, 4))
    logits = model(lines, lengths)
    loss = torch.nn.functional.cross_entropy(logits, labels)
    loss.backward()
    padding = torch.arange(6)[:, None] >= lengths
    read = [lines, turned(lines, lengths)] if both else [lines]
    inputs = torch.stack([one.masked_fill(padding, -1) for one in read])
    values = {"inputs": inputs if both else inputs[0], "labels": labels[None]}
    values |= {"loss": loss, "log_probs": torch.log_softmax(logits, dim=-1)}
    for prefix in ("", "d"):
        for way, reader in zip(("forward", "backward"), model.readers, strict=False):
            parts = named(prefix, model.embedding, reader, model.output, tied=False)
            before = f"bidirectional.{way}." if both else ""
            values |= {
                f"{prefix}{before if 'layer' in name else ''}{name.removeprefix(prefix)}": value
                for name, value in parts.items()
            }
    return {key: value.detach().numpy() for key, value in values.items()}


def description(kind: str, layers: int, tied: bool) -> dict[str, np.ndarray]:
    """Lines of different length side by side, each from the state of its label."""
    torch.manual_seed(5)
    size = H if tied else D
    embedding, rnn = torch.nn.Embedding(V, size), CELLS[kind](size, H, layers)
    kinds = 2 if kind == "lstm" else 1  # h, or h and c
    start, output = torch.nn.Embedding(L, layers * kinds * H), torch.nn.Linear(H, V)
    if tied:
        output.weight = embedding.weight
    model = torch.nn.ModuleList([embedding, rnn, start, output]).double()
    moved_from_zero(model)
    labels, ids, targets = torch.tensor([2, 0, 1, 2]), *(torch.randint(V, (T, 4)) for _ in "xy")
    for k, steps in enumerate([6, 3, 5, 1]):
        targets[steps:, k] = -1
    parts = start(labels).reshape(4, layers, kinds, H).permute(2, 1, 0, 3).contiguous()
    h, _ = rnn(embedding(ids), tuple(parts) if kind == "lstm" else parts[0])
    logits = output(h)
    loss = torch.nn.functional.cross_entropy(
        logits.reshape(-1, V), targets.reshape(-1), ignore_index=-1
    )
    loss.backward()
    values = {"inputs": torch.cat([labels[None], ids]), "targets": targets}
    values |= {"loss": loss, "log_probs": torch.log_softmax(logits, dim=-1)}
    values |= {"embedding.label_state": start.weight, "dembedding.label_state": start.weight.grad}
    for prefix in ("", "d"):
        values |= named(prefix, embedding, rnn, output, tied)
    return {key: value.detach().numpy() for key, value in values.items()}


TRANSLATORS = {
    "rnn": ("rnn", 1, False, False, False),
    "gru-peeky": ("gru", 2, True, True, False),
    "lstm-attention": ("lstm", 2, False, False, True),
    "lstm-all": ("lstm", 1, True, True, True),
}
"""Cell and layers; then whether it reverses the source, is peeky, and has attention."""

CLASSIFIERS = {
    "lstm-last": ("lstm", 2, "last", False),
    "gru-mean": ("gru", 1, "mean", False),
    "rnn-ends": ("rnn", 1, "ends", False),
    "lstm-last-both": ("lstm", 2, "last", True),
    "rnn-mean-both": ("rnn", 1, "mean", True),
    "gru-ends-both": ("gru", 1, "ends", True),
}
"""Cell and layers, which states decide, and whether it reads in both directions."""

DESCRIBERS = {"lstm": ("lstm", 2, False), "gru-tied": ("gru", 1, True)}
"""Cell and layers, and whether the embedding is that of the output layer."""

TASKS = {
    "translation": (translation, TRANSLATORS),
    "classification": (classification, CLASSIFIERS),
    "description": (description, DESCRIBERS),
}

if __name__ == "__main__":
    for task, (golden, forms) in TASKS.items():
        for name, form in forms.items():
            np.savez(Path(__file__).with_name(f"{task}-{name}.npz"), **golden(*form))
            print(f"wrote {task}-{name}.npz, PyTorch {torch.__version__}")
