"""The loop of training: many networks of one method beside one another."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch

from mmaudit.arrays import Ints
from mmaudit.remedies.context import Draws, LaneBatch, LaneContext, TrainingSetup
from mmaudit.remedies.data import FusionData, Standard
from mmaudit.remedies.layers import Lanes, Parameters, initial
from mmaudit.remedies.method import Method
from mmaudit.remedies.optimiser import AdamW
from mmaudit.seeds import words

RATE, SMOOTHING, DECAY = "rate", "smoothing", "decay"


@dataclass(frozen=True, slots=True, eq=False)
class Lane:
    """One network.

    Attributes:
        seed: Its seed.
        point: Its setting: `RATE`, `SMOOTHING`, `DECAY` and the method's own options.
        trained: Rows that it is trained on; as many in every lane.
        held_out: Rows that judge it; none where it is trained to the end.
    """

    seed: int
    point: Mapping[str, float]
    trained: Ints
    held_out: Ints


@dataclass(frozen=True, slots=True, eq=False)
class TensorRows:
    """Standardised training rows as tensors, without lanes.

    Attributes:
        values: Features of each modality, ``(n, d)``.
        present: Which are there, ``(n,)``.
        labels: Class, or standardised number, ``(n,)``.
    """

    values: Mapping[str, Lanes]
    present: Mapping[str, Lanes]
    labels: Lanes

    def batch(self, rows: Lanes, places: Lanes) -> LaneBatch:
        """Rows of each lane, ``(lane, n)``, whose places among the lane's own are said beside."""
        return LaneBatch(
            {m: _of_rows(x, rows) for m, x in self.values.items()},
            {m: _of_rows(there, rows) for m, there in self.present.items()},
            _of_rows(self.labels, rows),
            places,
        )

    def whole(self, rows: Sequence[Ints]) -> LaneBatch:
        """All of some rows of each lane."""
        at = torch.from_numpy(np.stack(rows))
        return self.batch(at, torch.arange(at.shape[1]).expand_as(at))


def _of_rows(x: Lanes, rows: Lanes) -> Lanes:
    """``x[rows]``, whole rows at a time: a third of its time."""
    return x.index_select(0, rows.flatten()).unflatten(0, rows.shape)


def rows_of(
    data: FusionData, scales: Mapping[str, Standard], number: tuple[float, float]
) -> TensorRows:
    """Standardise training rows.

    Args:
        data: The rows.
        scales: How each modality is standardised.
        number: Mean and deviation of the target, where it is a number.
    """
    labels = (
        torch.from_numpy(data.labels.astype(np.int64))
        if data.task == "class"
        else torch.from_numpy(((data.labels - number[0]) / number[1]).astype(np.float32))
    )
    return TensorRows(
        {m: torch.from_numpy(scales[m](x, data.present[m])) for m, x in data.features.items()},
        {m: torch.from_numpy(there.copy()) for m, there in data.present.items()},
        labels,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """What came of all lanes.

    Attributes:
        parameters: The best of each lane by its held-out rows; the last without any.
        context: What the method noted.
        score: Of each lane on its held-out rows, lower is better, ``(lane,)``.
        at: Updates after which it was the best, ``(lane,)``.
    """

    parameters: Parameters
    context: LaneContext
    score: Lanes
    at: Lanes


def train(
    method: Method,
    data: FusionData,
    rows: TensorRows,
    lanes: Sequence[Lane],
    setup: TrainingSetup,
    base: Parameters | None,
) -> Trained:
    """Train networks of one method.

    Args:
        method: The method.
        data: What the rows are of.
        rows: All rows.
        lanes: The networks.
        setup: What is the same for every method.
        base: Parameters of the training that the method reads, in the same lanes.
    """
    c = _context(data, lanes, setup, base)
    p = initial(method.shapes(c), [lane.seed for lane in lanes])
    for parameter in p.values():
        parameter.requires_grad_()
    adam = AdamW(p, c.option(RATE), c.option(DECAY), setup.steps)
    best = _Best(p, len(lanes))
    own = torch.from_numpy(np.stack([lane.trained for lane in lanes]))
    held_out = rows.whole([lane.held_out for lane in lanes]) if len(lanes[0].held_out) else None
    for c.step in range(setup.steps):
        places = _places(c, own.shape[1])
        batch = rows.batch(own.gather(1, places), places)
        adam.update(method.gradients(p, c, batch), c.step, method.factors(p, c))
        with torch.no_grad():
            method.step_done(p, c)
            done = c.step + 1
            if held_out is not None and (done % setup.look == 0 or done == setup.steps):
                best.look(p, score(method, p, c, held_out), done)
    last = {name: parameter.detach().clone() for name, parameter in p.items()}
    return Trained(best.parameters if held_out is not None else last, c, best.score, best.at)


def score(method: Method, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
    """How wrong each lane is, ``(lane,)``: share of errors, of equals by loss; or mean square."""
    h = method.encoded(p, c, batch)
    return c.wrong(method.fuse(p, c, h, batch.present), batch.labels).mean(1)


def _context(
    data: FusionData, lanes: Sequence[Lane], setup: TrainingSetup, base: Parameters | None
) -> LaneContext:
    seeds = list(dict.fromkeys(lane.seed for lane in lanes))
    options = {n: torch.tensor([float(lane.point[n]) for lane in lanes]) for n in lanes[0].point}
    return LaneContext(
        modalities=data.modalities,
        widths={m: x.shape[1] for m, x in data.features.items()},
        steps=data.steps,
        outputs=data.outputs,
        task=data.task,
        setup=setup,
        options=options,
        draws=Draws(seeds, torch.tensor([seeds.index(lane.seed) for lane in lanes])),
        rows=len(lanes[0].trained),
        base=base,
    )


def _places(c: LaneContext, rows: int) -> Lanes:
    """Which of its own rows each lane takes in this update, ``(lane, batch)``: all in turn."""
    size = min(c.setup.batch, rows)
    updates = rows // size  # of an epoch; what is over comes in another epoch's order
    epoch, at = divmod(c.step, updates)
    orders = c.memory.get("orders")
    if orders is None or at == 0:
        drawn = [words(s, "remedies/batches", str(epoch)).permutation(rows) for s in c.draws.seeds]
        orders = torch.from_numpy(np.stack(drawn))[c.draws.lane]
        c.memory["orders"] = orders
    return orders[:, at * size : (at + 1) * size]


class _Best:
    """The best parameters of each lane so far."""

    def __init__(self, p: Parameters, lanes: int) -> None:
        self.parameters = {name: parameter.detach().clone() for name, parameter in p.items()}
        self.score = torch.full((lanes,), torch.inf)
        self.at = torch.zeros(lanes, dtype=torch.int64)

    def look(self, p: Parameters, score: Lanes, at: int) -> None:
        """Take the parameters of the lanes that are better than ever."""
        better = score < self.score
        self.score = torch.where(better, score, self.score)
        self.at[better] = at
        for name, parameter in p.items():
            self.parameters[name][better] = parameter.detach()[better]


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread: its small products lose more by sharing than they gain."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
