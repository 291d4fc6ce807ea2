"""Models whose use of two modalities is known, and games of theirs without files."""

from unittest.mock import patch

import numpy as np

from loading import load
from mmaudit.audits.contributions.answer_facts import Truth
from mmaudit.audits.contributions.flags import answer_flags, game_flags
from mmaudit.audits.contributions.game import Rules, play
from mmaudit.audits.contributions.metrics import Number
from mmaudit.audits.contributions.overlap import overlap_flags
from mmaudit.audits.contributions.sample_rows import unit_table
from mmaudit.audits.contributions.scope import Scope
from mmaudit.audits.contributions.summary import _game
from mmaudit.inference.ask import ModelAsking
from mmaudit.samples.decode import Samples
from mmaudit.samples.parts import EVERYTHING


class Votes:
    """Answers by the sum of what each modality's vector says for class 1; in two stages.

    ``together`` turns the votes ``(n, modality)`` (0 where absent) into a log-odds ``(n,)``.
    """

    output, accepts_missing = "probabilities", True
    classes = ("no", "yes")

    def __init__(self, modalities, together):
        self.modalities, self.together, self.calls = tuple(modalities), together, []

    def encode(self, modality, values):
        self.calls.append(modality)
        return np.asarray(values, np.float32).reshape(len(values), -1)[:, :1]

    def fuse(self, features, present):
        self.calls.append("fuse")
        votes = [features[m][:, 0] * present[m] for m in self.modalities]
        p = 1 / (1 + np.exp(-self.together(np.stack(votes, axis=1))))
        return np.stack([1 - p, p], axis=1).astype(np.float32)

    def scores(self, batch, present):
        return self.fuse({m: self.encode(m, batch[m]) for m in self.modalities}, present)


class OneStage:
    """The same answers without the two stages."""

    output, accepts_missing = "probabilities", True

    def __init__(self, inner):
        self.inner, self.modalities, self.classes = inner, inner.modalities, inner.classes
        self.calls = 0

    def scores(self, batch, present):
        self.calls += 1
        return self.inner.scores(batch, present)


def total(votes):
    return votes.sum(axis=1)


def samples(values, labels, present=None):
    """Decoded samples from arrays ``(n,)`` or ``(n, d)`` by modality."""
    n = len(labels)
    there = {m: np.ones(n, bool) for m in values} | (present or {})
    rows = {m: np.asarray(v, np.float32).reshape(n, -1) for m, v in values.items()}
    return Samples(
        ids=[f"s{i:05d}" for i in range(n)],
        labels=np.asarray(labels),
        groups=None,
        slices={},
        values={
            m: [v if t else None for v, t in zip(rows[m], there[m], strict=True)] for m in rows
        },
        present=there,
        skipped=(),
    )


def asking(model, given, batch_size=64):
    loaded = load(model)
    return ModelAsking(
        models=(loaded.model,),
        loaded=loaded,
        samples=given,
        kinds=dict.fromkeys(loaded.info.modalities, "vector"),
        batch_size=batch_size,
    )


def table_of(model, given, worths=("p_true", "correct"), sampled=0, batch_size=64):
    """The table of one unit under the policy ``model``."""
    asked = asking(model, given, batch_size)
    played = play(
        asked,
        Truth(kind="class", labels=given.labels),
        Rules(worths=worths, sampled=sampled, seed=0),
    )
    return unit_table(
        {"model": played}, {"model": {}}, given, given.labels, asked.present,
        asked.loaded.info.modalities, table=True,
    )  # fmt: skip


def flags_of(table, modalities, worths=("p_true", "correct"), seed=0, replicates=200):
    """Raised flags, as ``flag:modality``, by the first worth."""
    n = table.num_rows // len(worths)
    asked = Scope(
        values=worths, policies=("model",), modalities=tuple(modalities), task="class",
        seed=seed, replicates=replicates,
    )  # fmt: skip

    def read(_columns=None, group=0):
        yield table.slice(group * n, n)

    cut = [EVERYTHING]
    with patch.object(Number, "settled", lambda number: number):  # only what flags hang on is made
        game, answers = _game(asked, read, 0, cut, answers=True)["all"]
    flags = [*game_flags(game, worths[0], "model"), *answer_flags(answers, "model", n)]
    flags += overlap_flags([*read()], modalities, "model")
    return {f"{f.flag}:{f.modality}".rstrip(":") for f in flags if f.raised}
