"""Training a remedy: every setting, for every seed, as lanes of one network; the best one stays."""

import time
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import torch

from mmaudit import parts
from mmaudit.errors import UsageError
from mmaudit.remedies.base import KIND, Remedy, RemedyPart, unfit
from mmaudit.remedies.context import Draws, LaneContext, TrainingSetup
from mmaudit.remedies.data import FusionData, Standard
from mmaudit.remedies.fitted import FittedFusion, HeldOut, TrainingFacts
from mmaudit.remedies.lanes import (
    DECAY,
    RATE,
    SMOOTHING,
    Lane,
    TensorRows,
    Trained,
    one_thread,
    rows_of,
    train,
)
from mmaudit.remedies.layers import Parameters
from mmaudit.remedies.method import Method
from mmaudit.remedies.validation import HoldOut, split

USUAL_DECAY = 0.1  # of weights, where a grid does not say it

Bases = MutableMapping[tuple[str, int], FittedFusion]


def points(remedy: Remedy, setup: TrainingSetup) -> list[Mapping[str, float]]:
    """The settings that a method is tried with: each point of its grid with every setting of all.

    An option that a point does not have, and another one has, is 0 there.
    """
    every = product(setup.settings, remedy.grid)
    idle = {name: 0.0 for point in remedy.grid for name in point}
    return [
        {**idle, DECAY: USUAL_DECAY, **point, RATE: rate, SMOOTHING: smoothing}
        for (rate, smoothing), point in every
    ]


def fit(
    name: str,
    data: FusionData,
    seed: int,
    setup: TrainingSetup | None = None,
    bases: Bases | None = None,
) -> FittedFusion:
    """Train one remedy with one seed; as `fit_seeds`."""
    return fit_seeds(name, data, (seed,), setup, bases)[0]


def fit_seeds(
    name: str,
    data: FusionData,
    seeds: Sequence[int],
    setup: TrainingSetup | None = None,
    bases: Bases | None = None,
) -> list[FittedFusion]:
    """Train one remedy, once a seed: every setting is tried, the best on held-out rows stays.

    A seed comes out the same alone as beside others.

    Args:
        name: Name of the remedy.
        data: Training rows; no other row has a say.
        seeds: The seeds.
        setup: What is the same for every method of a comparison.
        bases: Trainings that several remedies read, by name and seed; those that lack are added.

    Raises:
        UsageError: There is no such remedy, or it cannot be trained on such data.
        InputError: Too few rows have some modality.
        MissingError: The package that trains is not installed.
    """
    part: Any = parts.load(KIND, name)
    why = unfit(part.REMEDY, data.task, data.steps)
    if why:
        raise UsageError(f"{name} cannot be trained on this: {why}", fix="another remedy")
    one = _Training(
        name=name,
        part=part,
        method=part.METHOD(),
        data=data,
        setup=(setup or TrainingSetup()).for_rows(len(data)),
        scales=data.scales(),
        number=data.number,
    )
    bases = {} if bases is None else bases
    if all((name, s) in bases for s in seeds):
        return [bases[name, s] for s in seeds]
    lacking = [s for s in seeds if one.method.BASE and (one.method.BASE, s) not in bases]
    if lacking:
        new = fit_seeds(one.method.BASE, data, lacking, one.setup, bases)
        bases.update({(one.method.BASE, s): f for s, f in zip(lacking, new, strict=True)})
    own = [bases[one.method.BASE, s] for s in seeds] if one.method.BASE else None
    started = time.process_time()
    with one_thread():
        if own is not None and not one.method.TRAINS:
            fitted = [one.after(base) for base in own]
        else:
            fitted = one.trained(seeds, own)
    each = (time.process_time() - started) / len(seeds)
    before = [0.0] * len(seeds) if own is None else [base.seconds for base in own]
    return [replace(f, seconds=each + s) for f, s in zip(fitted, before, strict=True)]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Training:
    """One remedy on some data."""

    name: str
    part: RemedyPart
    method: Method
    data: FusionData
    setup: TrainingSetup
    scales: Mapping[str, Standard]
    number: tuple[float, float]

    def trained(
        self, seeds: Sequence[int], bases: Sequence[FittedFusion] | None
    ) -> list[FittedFusion]:
        """Try all settings of all seeds, and take the best of each."""
        rows = rows_of(self.data, self.scales, self.number)
        grid = points(self.part.REMEDY, self.setup)
        splits = [split(self.data, seed, self.setup.validation) for seed in seeds]
        lanes = [
            Lane(seed, point, *pair)
            for seed, cut in zip(seeds, splits, strict=True)
            for point in grid
            for pair in cut.pairs
        ]
        tried = self._train(rows, lanes, bases)
        folds = len(splits[0].pairs)
        scores = tried.score.reshape(len(seeds), len(grid), folds).mean(-1)
        best = scores.argmin(1).tolist()
        firsts = [(s * len(grid) + k) * folds for s, k in enumerate(best)]
        held_out = [self._held_out(tried, rows, lanes, slice(i, i + folds)) for i in firsts]
        final, places = tried, firsts
        if splits[0].refits:
            final = self._train(rows, [self._whole(lanes[i]) for i in firsts], bases)
            places = list(range(len(seeds)))
        out = [
            self._fitted(final, place, lanes[i], held, splits[0], float(scores[s, best[s]]))
            for s, (place, i, held) in enumerate(zip(places, firsts, held_out, strict=True))
        ]
        return out if bases is None else list(map(_with_base, out, bases))

    def _train(
        self, rows: TensorRows, lanes: Sequence[Lane], bases: Sequence[FittedFusion] | None
    ) -> Trained:
        """Train lanes beside one another."""
        base = None
        if bases is not None:
            own = {fitted.facts.seed: fitted.parameters for fitted in bases}
            base = {
                name: torch.cat([own[lane.seed][name] for lane in lanes])
                for name in bases[0].parameters
            }
        return train(self.method, self.data, rows, lanes, self.setup, base)

    def _whole(self, lane: Lane) -> Lane:
        """The same setting, trained on all rows to the end."""
        return replace(lane, trained=np.arange(len(self.data)), held_out=np.arange(0))

    def _held_out(
        self, tried: Trained, rows: TensorRows, lanes: Sequence[Lane], folds: slice
    ) -> HeldOut:
        return HeldOut(
            {name: p[folds].clone() for name, p in tried.parameters.items()},
            _some(tried.context, folds),
            rows.whole([lane.held_out for lane in lanes[folds]]),
        )

    def _fitted(
        self, final: Trained, place: int, lane: Lane, held: HeldOut, cut: HoldOut, score: float
    ) -> FittedFusion:
        """The network of one seed, with what is fitted after it."""
        at = slice(place, place + 1)
        parameters = {name: p[at].clone() for name, p in final.parameters.items()}
        parameters |= self._more(held)
        updates = self.setup.steps if cut.refits else int(final.at[place])
        tried = len(points(self.part.REMEDY, self.setup)) * len(cut.pairs) + cut.refits
        return FittedFusion(
            name=self.name,
            method=self.method,
            parameters=parameters,
            context=_some(final.context, at),
            scales=self.scales,
            sources={m: self.data.source(m) for m in self.data.modalities},
            classes=self.data.classes,
            number=self.number,
            facts=TrainingFacts(
                seed=lane.seed,
                point=dict(lane.point),
                updates=updates,
                bound=not cut.refits and updates == self.setup.steps,
                score=score,
                parameters=_count(parameters),
                passes=tried * self.setup.steps * self.method.PASSES,
            ),
            held_out=held,
        )

    def after(self, base: FittedFusion) -> FittedFusion:
        """What is fitted to a training that is another remedy's, and trains nothing itself."""
        if base.held_out is None:
            raise ValueError("a base that was opened from a file has no held-out rows")
        parameters = base.parameters | self._more(base.held_out)
        facts = replace(base.facts, parameters=_count(parameters))
        return replace(base, name=self.name, method=self.method, parameters=parameters, facts=facts)

    def _more(self, held: HeldOut) -> Parameters:
        """What the method fits on held-out rows; the mean over folds where there are several."""
        more = self.method.after(held.parameters, held.context, held.rows)
        return {name: p.detach().mean(0, keepdim=True) for name, p in more.items()}


def _some(c: LaneContext, lanes: slice) -> LaneContext:
    """The context of some of the lanes, without what was noted in training."""
    return replace(
        c,
        options={name: values[lanes] for name, values in c.options.items()},
        draws=Draws(c.draws.seeds, c.draws.lane[lanes]),
        memory={},
        base=None,
    )


def _with_base(fitted: FittedFusion, base: FittedFusion) -> FittedFusion:
    """The same, whose passes include those of the training that it read."""
    facts = replace(fitted.facts, passes=fitted.facts.passes + base.facts.passes)
    return replace(fitted, facts=facts)


def _count(parameters: Parameters) -> int:
    return sum(int(p[0].numel()) for p in parameters.values())
