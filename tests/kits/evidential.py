"""Two ways to fuse the same six views: late mean, and evidence joined by Dempster's rule.

Both have one linear head a view, trained on the clean training split. The late mean averages their
probabilities. In the other a head gives evidence for each class, from it follow belief masses and
what is left as uncertainty, and views are joined by Dempster's rule, as in TMC (Han et al. 2021,
arXiv:2102.02051); its fusion weights are the views' certainties, 1 - u.
"""

import numpy as np
import torch
from pyarrow import parquet

STEPS, RATE = 300, 0.02


def training(path):
    """Values of each view in the training split, standardised by it, and labels as numbers."""
    table = parquet.read_table(path)
    table = table.filter(np.array(table["split"].to_pylist()) == "train")
    names = tuple(n for n in table.column_names if n not in {"id", "label", "split"})
    classes = tuple(sorted(set(table["label"].to_pylist())))
    labels = np.array([classes.index(c) for c in table["label"].to_pylist()])
    views = {m: np.stack(table[m].to_numpy(zero_copy_only=False)) for m in names}
    scales = {m: (x.mean(0), x.std(0) + 1e-6) for m, x in views.items()}
    return views, labels, classes, scales


def evidence_loss(evidence, labels, annealing):
    """Expected cross-entropy under the Dirichlet, and the divergence of what is wrong from even."""
    alpha = evidence + 1
    truth = torch.nn.functional.one_hot(labels, alpha.shape[1])
    total = alpha.sum(1, keepdim=True)
    fit = (truth * (torch.digamma(total) - torch.digamma(alpha))).sum(1)
    rest = torch.distributions.Dirichlet(alpha * (1 - truth) + truth)
    even = torch.distributions.Dirichlet(torch.ones_like(alpha))
    return (fit + annealing * torch.distributions.kl_divergence(rest, even)).mean()


def joined(first, second):
    """Dempster's rule for belief masses ``(n, class)`` and uncertainty ``(n, 1)``."""
    (b, u), (c, v) = first, second
    conflict = (b.sum(1) * c.sum(1) - (b * c).sum(1))[:, None]
    scale = 1 / np.maximum(1 - conflict, 1e-9)
    return scale * (b * c + b * v + c * u), scale * u * v


class Heads:
    """One linear head a view."""

    accepts_missing, output = True, "probabilities"

    def __init__(self, path, seed=0):
        torch.manual_seed(seed)
        views, labels, self.classes, self.scales = training(path)
        self.modalities = tuple(views)
        truth = torch.from_numpy(labels)
        self.heads = {m: self._fitted(self._scaled(m, x), truth) for m, x in views.items()}

    def _scaled(self, m, x):
        middle, spread = self.scales[m]
        return torch.from_numpy(((np.asarray(x) - middle) / spread).astype(np.float32))

    def _fitted(self, x, truth):
        head = torch.nn.Linear(x.shape[1], len(self.classes))
        optimizer = torch.optim.Adam(head.parameters(), RATE, weight_decay=1e-3)
        for step in range(STEPS):
            optimizer.zero_grad()
            self.loss(head(x), truth, step).backward()
            optimizer.step()
        return head

    def _logits(self, batch, m):
        with torch.no_grad():
            return self.heads[m](self._scaled(m, batch[m]))


class LateMean(Heads):
    """The mean of the probabilities of the views that are there."""

    def loss(self, logits, truth, _step):
        return torch.nn.functional.cross_entropy(logits, truth)

    def scores(self, batch, present):
        parts = [self._logits(batch, m).softmax(1).numpy() for m in self.modalities]
        there = np.stack([present[m] for m in self.modalities], 1)[..., None]
        count = there.sum(1)
        mean = (np.stack(parts, 1) * there).sum(1) / np.maximum(count, 1)
        return np.where(count, mean, 1 / len(self.classes)).astype(np.float32)


class Evidential(Heads):
    """Evidence of the views that are there, joined by Dempster's rule."""

    def loss(self, logits, truth, step):
        evidence = torch.nn.functional.softplus(logits)
        return evidence_loss(evidence, truth, min(1.0, step / STEPS))

    def _mass(self, batch, m, there):
        evidence = torch.nn.functional.softplus(self._logits(batch, m)).numpy()
        evidence = evidence * np.asarray(there)[:, None]
        total = evidence.sum(1, keepdims=True) + len(self.classes)
        return evidence / total, len(self.classes) / total

    def scores(self, batch, present):
        masses = [self._mass(batch, m, present[m]) for m in self.modalities]
        b, u = masses[0]
        for other in masses[1:]:
            b, u = joined((b, u), other)
        p = b + u / len(self.classes)
        return (p / p.sum(1, keepdims=True)).astype(np.float32)

    def weights(self, batch, present):
        certain = [1 - self._mass(batch, m, present[m])[1][:, 0] for m in self.modalities]
        return np.stack(certain, 1)


def late_mean(path="data/handwritten/data.parquet"):
    """For ``python:evidential.py:late_mean,path=…``."""
    return LateMean(path)


def evidential(path="data/handwritten/data.parquet"):
    """For ``python:evidential.py:evidential,path=…``."""
    return Evidential(path)
