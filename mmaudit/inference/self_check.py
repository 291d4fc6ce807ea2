"""The self-check: a model is tried on a few samples before it is asked about all of them."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.errors import InputError
from mmaudit.faults import Faults
from mmaudit.formats import many
from mmaudit.inference import culprit
from mmaudit.inference.check import check_answers
from mmaudit.inference.precision import tolerance
from mmaudit.inference.ranges import called
from mmaudit.models.base import Batch, Present, TwoStage
from mmaudit.models.batches import length, take, take_present
from mmaudit.models.load import Loaded
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import decode, stack
from mmaudit.samples.memory import spans

CHECKED = 16  # samples that a model is tried on before it is asked about all
ALONE = 4  # rows that are also asked one by one
ENDS = (np.zeros, np.ones)  # masks of nothing and of everything


def self_check(
    loaded: Loaded,
    dataset: Dataset,
    kinds: Mapping[str, str],
    memory: int,
    *,
    coalitions: bool = False,
) -> None:
    """Ask about a few samples in several ways before all are asked about.

    Args:
        loaded: The model, with its absence policy around it.
        dataset: The samples that it will be asked about.
        kinds: Kind of each of its modalities, in the model's order.
        memory: Bytes that decoded samples may take; fewer are tried where they are heavy.
        coalitions: Whether it will be handed the same values again and again, with other masks.

    Raises:
        InputError: Its answers depend on other rows or on chance; or its stages do not agree, or
            it changes what it is given, where that matters.
    """
    few = next(spans(dataset, np.arange(min(CHECKED, len(dataset))), memory))
    samples = decode(dataset, dataset.read(few))
    if not samples.ids:
        return
    batch = {m: stack(samples.values[m], kind) for m, kind in kinds.items()}
    present = {m: np.asarray(samples.present[m]) for m in kinds}
    row_independence(loaded, batch, present, samples.ids)
    if coalitions:
        stages_agree(loaded, batch, present, samples.ids)
        inputs_kept(loaded, batch)


def row_independence(
    loaded: Loaded, batch: Batch, present: Present, names: Sequence[str] = ()
) -> None:
    """Refuse a model whose answer for a sample depends on the rest of the batch, or on chance.

    Every row is asked twice, in reverse order and in two halves, and the first ones alone; answers
    agree within 1e-4 (absolute, and relative for numbers above 1).

    Args:
        loaded: The model.
        batch: Values of some samples.
        present: Which of them are there.
        names: What the samples are called in errors, ``(n,)``; default, their place in the batch.

    Raises:
        InputError: They do not; the message says for which sample, and how far off it is.
    """
    n = length(batch)
    if n == 0:
        return

    def ask(rows: Sequence[int]) -> NDArray[np.float32]:
        return _ask(loaded, batch, present, rows, names)

    together = ask(range(n))
    _same(together, ask(range(n)), "asked a second time", loaded, names)
    backwards = ask(range(n - 1, -1, -1))[::-1]
    _same(together, backwards, "in a batch in another order", loaded, names)
    half = (n + 1) // 2
    halves = [ask(range(half))] + ([ask(range(half, n))] if half < n else [])
    _same(together, np.concatenate(halves), "in a smaller batch", loaded, names)
    alone = [ask([i]) for i in range(min(ALONE, n))]
    _same(together[: len(alone)], np.concatenate(alone), "alone", loaded, names)


def stages_agree(loaded: Loaded, batch: Batch, present: Present, names: Sequence[str] = ()) -> None:
    """Refuse a model whose two stages do not give what its `scores` gives, within 1e-4.

    Raises:
        InputError: They do not; the message says for which sample, and how far off it is.
    """
    model = loaded.model
    if not isinstance(model, TwoStage):
        return
    whole = _ask(loaded, batch, present, range(length(batch)), names)
    features = {m: _encoded(model, m, batch[m], names) for m in loaded.info.modalities}
    staged = check_answers(model.fuse(features, present), length(batch), loaded.info, names)
    _same(whole, staged, "by encode and fuse instead of scores", loaded, names)


def inputs_kept(loaded: Loaded, batch: Batch) -> None:
    """Refuse a model that changes what it is given, be it to mask what is not present.

    The same values, or features of a model in two stages, are handed over for every coalition.
    Where everything is there nothing stands in for features, so that it is they that are changed.

    Raises:
        InputError: It does.
    """
    n = length(batch)
    nothing, everything = ({m: f(n, np.bool_) for m in loaded.info.modalities} for f in ENDS)
    model = loaded.model
    if not isinstance(model, TwoStage):
        _ask(loaded, batch, nothing, range(n))
        return
    features = {m: model.encode(m, batch[m]) for m in loaded.info.modalities}
    for present in (nothing, everything):
        before = deepcopy((features, present))
        model.fuse(features, present)
        _untouched((features, present), before, loaded)


def _encoded(model: TwoStage, modality: str, values: Any, names: Sequence[str]) -> Any:
    with culprit.named(names, lambda row: model.encode(modality, values[row : row + 1])):
        return model.encode(modality, values)


def _ask(
    loaded: Loaded,
    batch: Batch,
    present: Present,
    rows: Sequence[int],
    names: Sequence[str] = (),
) -> NDArray[np.float32]:
    ask: Callable[[Batch, Present], Any] = loaded.model.scores
    index, ids = list(rows), [names[i] for i in rows] if names else []
    values = take(batch, index)
    there = take_present(present, index)
    before = deepcopy((values, there))
    try:
        with culprit.named(ids, lambda i: ask(take(values, [i]), take_present(there, [i]))):
            scores = ask(values, there)
    except (ValueError, RuntimeError) as error:
        why = " ".join([str(error), *getattr(error, "__notes__", ())])
        raise InputError(
            f"the model cannot answer about {many(len(index), 'sample')}: {why}",
            where=Faults.of(loaded.info.spec).line(error, error.__traceback__) or loaded.info.spec,
            fix="a model that answers about batches of any size, from 1, in evaluation mode",
        ) from error
    _untouched((values, there), before, loaded)
    return check_answers(scores, len(index), loaded.info, ids)


def _untouched(after: tuple[Batch, Present], before: tuple[Batch, Present], loaded: Loaded) -> None:
    for what, now, then in zip(("values", "mask"), after, before, strict=True):
        for modality, values in now.items():
            if not all(map(_equal, values, then[modality])):
                raise InputError(
                    f"the model changes the {what} of {modality!r} that it is given",
                    where=loaded.info.spec,
                    fix="x = x * mask instead of x *= mask: the same ones are asked about again",
                )


def _bytes(values: Any) -> memoryview:
    """The bytes of an array, not copied where they lie in one piece."""
    return np.ascontiguousarray(values).reshape(-1).view(np.uint8).data


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray | np.generic) and a.dtype != np.object_:
        return a.shape == b.shape and _bytes(a) == _bytes(b)  # NaN is NaN
    return list(a) == list(b)


def _same(
    a: NDArray[np.float32],
    b: NDArray[np.float32],
    how: str,
    loaded: Loaded,
    names: Sequence[str] = (),
) -> None:
    off = np.abs(a.astype(np.float64) - b) / np.maximum(1, np.abs(a))
    worst = off.reshape(len(a), -1).max(axis=1)
    row = int(worst.argmax())
    if worst[row] > tolerance(a):
        raise InputError(
            f"the answer for {called(row, names)} is off by {worst[row]:.2g} when it is {how}",
            where=loaded.info.spec,
            fix="call .eval() on the model: dropout and batch normalisation mix or change rows",
        )
