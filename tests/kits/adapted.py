"""Late fusion whose weights follow the damage of a modality, stay, or follow it the wrong way.

A modality is a vector: its first entries speak for the classes, the rest is a gauge of noise whose
spread shows how much was done to it. A branch answers with logits of one length, so that damage
turns them and makes them neither louder nor quieter, or with logits that grow with the noise.
"""

import numpy as np
import pyarrow as pa

import planted
import vector_files
from mmaudit.audits.adaptivity.answers import ask
from mmaudit.audits.adaptivity.damage.damage import Done
from mmaudit.audits.adaptivity.effects import LOUDNESS, leading
from mmaudit.audits.adaptivity.facts import answer_columns, policy_columns
from mmaudit.audits.adaptivity.pool import pooled
from mmaudit.audits.adaptivity.summary import _adaptivity
from mmaudit.audits.adaptivity.unit import trust_columns
from mmaudit.audits.adaptivity.verdicts import judged

CLASSES = tuple("abcdef")
GAUGE = 24
SLOPES = {"follows": -2.0, "fixed": 0.0, "wrong": 2.0}


class Fuser:
    """Late fusion of logits; ``trust`` says how its weights go with the damage."""

    output, accepts_missing = "logits", True

    def __init__(self, trust="fixed", modalities=("a", "b"), *, loud=False, classes=CLASSES):
        self.slope, self.loud, self.modalities = SLOPES[trust], loud, tuple(modalities)
        self.asked, self.classes = 0, tuple(classes)

    def scores(self, batch, present):
        self.asked += len(batch[self.modalities[0]])
        w = self._weights(batch, present)
        z = np.stack([self.logits(np.asarray(batch[m])) for m in self.modalities], 1)
        return (w[..., None] * z).sum(1).astype(np.float32)

    def logits(self, x):
        z = np.asarray(x, np.float64)[:, : len(self.classes)]
        z = z - z.mean(1, keepdims=True)
        return z if self.loud else 3 * z / np.sqrt((z * z).sum(1, keepdims=True) + 1e-9)

    def _weights(self, batch, present):
        spread = [np.asarray(batch[m])[:, -GAUGE:].std(1) for m in self.modalities]
        there = np.stack([present[m] for m in self.modalities], 1)
        w = np.exp(self.slope * np.stack(spread, 1)) * there
        return w / np.maximum(w.sum(1, keepdims=True), 1e-9)


class Weighted(Fuser):
    """The same, and says its weights."""

    def weights(self, batch, present):
        return self._weights(batch, present)


class Evident(Fuser):
    """The same, and says the evidence of each modality: exponentials of its logits.

    It is less where the gauge shows noise, so that what is left as uncertainty grows with damage.
    """

    def evidence(self, batch, present):
        z = {m: self.logits(np.asarray(batch[m])) for m in self.modalities}
        spread = {m: np.asarray(batch[m])[:, -GAUGE:].std(1, keepdims=True) for m in z}
        return {m: np.exp(np.minimum(z[m], 3) + self.slope * spread[m]) for m in z}


def write(
    folder,
    n=300,
    *,
    seed=0,
    modalities=("a", "b"),
    order=None,
    group=0,
    absent=0.0,
    bad=0,
    train=0,
):
    """A dataset that the fusers are right about more often than not; the path of its manifest.

    ``train`` of the samples are of the split ``train``, the rest of ``test``.
    """
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, len(CLASSES), n)
    rows = {"id": [f"s{i:04d}" for i in range(n)], "label": [CLASSES[k] for k in labels]}
    rows["side"] = ["left" if k % 2 else "right" for k in range(n)]
    if train:
        rows["split"] = ["train"] * train + ["test"] * (n - train)
    if group:
        rows["site"] = [f"site{i // group}" for i in range(n)]
    for m in modalities:
        signal = 2.0 * np.eye(len(CLASSES))[labels] + rng.normal(size=(n, len(CLASSES)))
        values = np.concatenate([signal, rng.normal(size=(n, GAUGE))], 1).astype(np.float32)
        if bad and m == modalities[0]:  # naturally noisy, of some samples
            values[::bad] += 2 * rng.normal(size=values[::bad].shape).astype(np.float32)
        gone = rng.random(n) < absent
        rows[m] = [None if g else v.tolist() for v, g in zip(values, gone, strict=True)]
    if order is not None:
        rows = {name: [column[i] for i in order] for name, column in rows.items()}
    source = 'slices = ["side"]' + ('\ngroup = "site"' if group else "")
    source += '\nsplit = "split"' if train else ""
    target = vector_files.CLASS_OF_LABEL
    return vector_files.write(folder, rows, *modalities, source=source, target=target)


SPREADS = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0)  # of the noise of each severity, as vector/gaussian_noise
SIDES = ("clean", "damaged")


def table(model, n, seed, *, group=1, swap=False):
    """The table of one unit, without files: samples of the fuser, clean and damaged.

    Args:
        model: The fuser.
        n: How many samples.
        seed: Of all of it.
        group: Samples of a group, which are damaged alike.
        swap: Whether values are swapped with those of other samples in place of noise.
    """
    rng = np.random.default_rng(seed)
    labels, k = rng.integers(0, len(model.classes), n), len(model.classes)
    columns = {"id": pa.array([f"s{seed}_{i}" for i in range(n)])}
    if group > 1:
        columns["group"] = pa.array([f"g{seed}_{i // group}" for i in range(n)])
    clean, worse, done = {}, {}, {}
    for m in model.modalities:
        signal = 2.0 * np.eye(k)[labels] + rng.normal(size=(n, k))
        clean[m] = np.concatenate([signal, rng.normal(size=(n, GAUGE))], 1)
        severity = rng.integers(0, 6, n)
        if group > 1:  # samples of a group are alike, and were damaged alike
            severity = np.repeat(severity[::group], group)[:n]
        noise = np.asarray(SPREADS)[severity][:, None] * rng.normal(size=clean[m].shape)
        worse[m] = clean[m] + noise * clean[m].std(0)
        if swap:  # by the value of another sample: as loud as any, and exchangeable with it
            moved = rng.random(n) < severity / 5
            worse[m] = np.where(moved[:, None], clean[m][rng.permutation(n)], clean[m])
        done[m] = Done(severity.astype(np.int8), np.full(n, ""), np.zeros(n))
        columns[f"severity_{m}"] = pa.array(severity.astype(np.int8))
        columns[f"corruption_{m}"] = pa.array(np.where(severity, "vector/gaussian_noise", ""))
    for side, values in zip(SIDES, (clean, worse), strict=True):
        asking = planted.asking(model, planted.samples(values, labels), n)
        answers = ask(asking, "class", 0, 0, labels)
        columns |= trust_columns(answers, model.modalities, side)
        columns |= answer_columns(answers, model.modalities, labels, side)
    columns |= policy_columns(answers, model.modalities, labels, done)
    return pa.table(columns)


def verdicts(model, n, seed, **how):
    """The verdict about each modality, by the code of the audit."""
    pool = pooled([table(model, n, seed, **how)], seed)
    lead = leading(pool, model.modalities)
    by_way = {way: dict(_adaptivity(pool, way, model.modalities)) for way in (lead, LOUDNESS)}
    return judged(by_way, lead, 0.1)
