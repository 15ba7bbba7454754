"""Adaptive softmax for large vocabularies: clusters of rare tokens use smaller vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from rnnlm_cli.errors import UsageError
from rnnlm_cli.nn.cpu.threads import product
from rnnlm_cli.nn.init import Initializer
from rnnlm_cli.nn.outputs.base import Loss, OutputLayer
from rnnlm_cli.nn.outputs.direct import DirectConnections
from rnnlm_cli.nn.outputs.plain import PlainSoftmax
from rnnlm_cli.nn.outputs.softmax import SoftmaxOutput, widened
from rnnlm_cli.nn.param import Param
from rnnlm_cli.system.arrays import IGNORED, Array, Ids, flatten_steps


class Tail:
    """A cluster of tokens: ``p = softmax((h P) W^T + b)``, conditional on this cluster.

    Attributes:
        projection: ``P (H, D)`` with ``D`` smaller than ``H``.
        output: The softmax over the cluster.
    """

    def __init__(
        self,
        hidden_size: int,
        size: int,
        tokens: int,
        init: Initializer,
        softmax: type[PlainSoftmax],
        direct: DirectConnections | None,
    ) -> None:
        self.projection = Param(init((hidden_size, size), hidden_size))
        self.output = softmax.untied(size, tokens, init, direct)

    @property
    def params(self) -> dict[str, Param]:
        """``projection``, ``weight`` and ``bias``."""
        return {"projection": self.projection, **self.output.params}

    def loss_and_gradients(self, h: Array, targets: Ids, mean_over: int) -> Loss:
        """Cross-entropy and ``dh (N, H)`` of rows ``h (N, H)`` whose targets are in the cluster."""
        hidden, size = self.projection.value.shape
        nats, counted, dprojected = self.output.loss_and_gradients(
            self.project(h, product), targets, mean_over=mean_over
        )
        dprojected = dprojected[:, :size]
        self.projection.add_product(h[:, :hidden], dprojected)
        dh = product(dprojected, self.projection.value.T)
        return Loss(nats, counted, widened(dh, h.shape[1]))

    def project(self, h: Array, times: Callable[[Array, Array], Array] = np.matmul) -> Array:
        """Return ``h P``, and behind it the last tokens that are behind ``h``, if any are."""
        hidden = len(self.projection.value)
        projected = times(h[..., :hidden], self.projection.value)
        if h.shape[-1] == hidden:
            return projected
        return np.concatenate([projected, h[..., hidden:]], axis=-1)


class AdaptiveSoftmaxOutput(OutputLayer):
    """Adaptive softmax (Grave et al., 2017): frequent tokens in the head, others in clusters.

    ::

        p(w)  = head(w)                       for a frequent token
        p(w)  = head(cluster) tail(w)         for a token in a cluster

    This is an exact distribution over all tokens, in training and in evaluation. Most targets are
    frequent, so most rows need only the head. Ids must be ordered by frequency.

    Attributes:
        head: The softmax over the frequent tokens and the clusters.
        cutoffs: The first ids of the clusters, also of those that a larger vocabulary would have.
        tails: The clusters, from more frequent to rarer tokens, with ever smaller vectors.
        direct: Direct connections to head and clusters, which share one table.
    """

    def __init__(
        self,
        hidden_size: int,
        vocabulary_size: int,
        cutoffs: Sequence[int],
        shrink: int,
        init: Initializer,
        softmax: type[PlainSoftmax] = SoftmaxOutput,
        direct: DirectConnections | None = None,
    ) -> None:
        """Create the parameters.

        Args:
            hidden_size: ``H``.
            vocabulary_size: ``V``.
            cutoffs: First ids of the clusters, ascending; those of ``V`` or more are ignored.
            shrink: The vectors of cluster ``k`` (from 1) have size ``H // shrink**k``, at least 1.
            init: Initializer of all weights.
            softmax: The class of the head's and each cluster's softmax.
            direct: With the table for direct connections.
        """
        self.direct = direct
        if direct is not None:
            self.dense = False

        def connections(types: int, number: int) -> DirectConnections | None:
            return None if direct is None else direct.sharing(types, number)

        self.cutoffs = tuple(cutoffs)
        self.edges = [*(cut for cut in cutoffs if cut < vocabulary_size), vocabulary_size]
        frequent = self.edges[0]
        clusters = list(pairwise(self.edges))
        outcomes = frequent + len(clusters)
        self.head = softmax.untied(hidden_size, outcomes, init, connections(outcomes, 0))
        self.tails = [
            Tail(
                hidden_size,
                max(1, hidden_size // shrink**k),
                stop - start,
                init,
                softmax,
                connections(stop - start, k),
            )
            for k, (start, stop) in enumerate(clusters, 1)
        ]

    @property
    def params(self) -> dict[str, Param]:
        """The parameters of the head as ``head.NAME``, of the clusters as ``tail1.NAME``, ...

        The table that they share is ``direct``.
        """
        found = {f"head.{name}": param for name, param in self.head.params.items()}
        for k, tail in enumerate(self.tails, 1):
            found |= {f"tail{k}.{name}": param for name, param in tail.params.items()}
        if self.direct is None:
            return found
        table = self.direct.table
        return {n: p for n, p in found.items() if p is not table} | {"direct": table}

    def loss_and_gradients(
        self,
        h: Array,
        targets: Ids,
        rng: np.random.Generator | None = None,
        mean_over: int | None = None,
    ) -> Loss:
        """As in ``OutputLayer``; ``rng`` is ignored."""
        rows, wanted = flatten_steps(h), targets.reshape(-1)
        head_targets = self._head_targets(wanted)
        nats, counted, dh = self.head.loss_and_gradients(rows, head_targets, mean_over=mean_over)
        over = counted if mean_over is None else mean_over
        for k, tail in enumerate(self.tails):
            members = self._members(wanted, k)
            if len(members):
                inside = wanted[members] - self.edges[k]
                part = tail.loss_and_gradients(rows[members], inside, over)
                nats += part.nats
                dh[members] += part.dh
        return Loss(nats, counted, dh.reshape(h.shape))

    def target_log_probs(self, h: Array, targets: Ids) -> Array:
        """As in ``OutputLayer``."""
        rows, wanted = flatten_steps(h), targets.reshape(-1)
        found = self.head.target_log_probs(rows, self._head_targets(wanted))
        for k, tail in enumerate(self.tails):
            members = self._members(wanted, k)
            if len(members):
                projected = tail.project(rows[members], product)
                found[members] += tail.output.target_log_probs(
                    projected, wanted[members] - self.edges[k]
                )
        return found.reshape(targets.shape)

    def log_probs(self, h: Array) -> Array:
        """As in ``OutputLayer``."""
        head = self.head.log_probs(h)
        frequent = self.edges[0]
        parts = [head[..., :frequent]]
        for k, tail in enumerate(self.tails):
            within = tail.output.log_probs(tail.project(h))
            parts.append(within + head[..., frequent + k, np.newaxis])
        return np.concatenate(parts, axis=-1)

    def begin_at(self, shares: Array) -> None:
        """As in ``OutputLayer``: a cluster has the sum of its tokens' shares in the head."""
        frequent, *clusters = np.split(shares, self.edges[:-1])
        sums = np.array([cluster.sum() for cluster in clusters])
        self.head.begin_at(np.concatenate([frequent, sums]))
        for tail, cluster, whole in zip(self.tails, clusters, sums, strict=True):
            tail.output.begin_at(cluster / whole)

    def split(self, token: int, shares: Array) -> None:
        """As in ``OutputLayer``: within the softmax of the last ids, that of the last cluster.

        New ids are the last ones. Only a token of the same softmax can share its probability with
        them exactly: one with two factors is not a share of one with another factor after every
        ``h``.

        Raises:
            UsageError: The token is in another cluster, or the new tokens would begin a cluster.
        """
        last, grown = self.edges[-1], self.edges[-1] + len(shares) - 1
        first = self.edges[-2] if self.tails else 0
        if begun := [cut for cut in self.cutoffs if last <= cut < grown]:
            raise UsageError(
                f"the vocabulary would grow from {last:,} to {grown:,} tokens, beyond "
                f"{begun[0]:,} of model.output_layer.cutoffs, so new weights would be needed"
            )
        if token < first:
            raise UsageError(
                f"new tokens belong to the last cluster of the adaptive output layer, from id "
                f"{first:,}, but the unknown token has id {token:,}, so they cannot take a share "
                "of its probability alone"
            )
        softmax = self.tails[-1].output if self.tails else self.head
        softmax.split(token - first, shares)
        self.edges[-1] = grown

    def loss_elements(self, rows: int) -> int:
        """As in ``OutputLayer``: as if every row were in the cluster that takes most for it.

        Each softmax has the memory of the one before it.
        """
        softmaxes = [self.head, *(tail.output for tail in self.tails)]
        return max(softmax.loss_elements(rows) for softmax in softmaxes)

    def _head_targets(self, targets: Ids) -> Ids:
        """Return the head's targets ``(N,)``: the token, or its cluster."""
        cluster = np.searchsorted(self.edges, targets, side="right")  # 0 for frequent tokens
        found: Ids = np.where(cluster == 0, targets, self.edges[0] + cluster - 1)
        return found

    def _members(self, targets: Ids, cluster: int) -> Ids:
        """Return the rows whose targets are in a cluster; ignored targets are in none."""
        start, stop = self.edges[cluster], self.edges[cluster + 1]
        return np.flatnonzero((targets >= start) & (targets < stop) & (targets != IGNORED))
