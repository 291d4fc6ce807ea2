"""Checks of what a model answers: shapes, finite numbers, probabilities, rows on their own."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.errors import InputError
from mmaudit.faults import Faults
from mmaudit.inference.averages import softmax
from mmaudit.models.base import Batch, ModelInfo, Present, TwoStage
from mmaudit.models.batches import length, take, take_present
from mmaudit.models.load import Loaded
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import decode, stack
from mmaudit.samples.memory import spans

TOLERANCE = 1e-4
STEPS = ((0xFFFF, 2.0**-8), (0x1FFF, 2.0**-11))  # bits that are 0, half a step: bfloat16, float16
ROUNDED = 4  # half steps that a softmax in few bits may be off by
CHECKED = 16  # samples that a model is tried on before it is asked about all
ALONE = 4  # rows that are also asked one by one
ENDS = (np.zeros, np.ones)  # masks of nothing and of everything


def check_answers(
    scores: Any, n: int, info: ModelInfo, names: Sequence[str] = ()
) -> NDArray[np.float32]:
    """A model's answers, checked and in one form.

    Args:
        scores: What `Model.scores` returned.
        n: How many samples were asked about.
        info: What the model says of itself.
        names: What the samples are called in errors, ``(n,)``; default, their place in the batch.

    Returns:
        Probabilities ``(n, class)`` (of logits, their softmax), numbers ``(n,)``, or embeddings
        ``(n, modality, d)``, float32.

    Raises:
        InputError: The shape is another one, something is not finite, or probabilities are
            negative or do not sum to 1 within 1e-4, or within `tolerance` where it is more.
    """
    answers = _array(scores, info)
    if answers.dtype.kind not in "fiub":
        raise _wrong(f"answers of type {answers.dtype}", "numbers, as float32", info)
    answers = _shaped(answers, n, info)
    bad = ~np.isfinite(answers).reshape(n, -1).all(axis=1)
    if bad.any():
        raise _wrong(
            f"an answer that is not finite, for {_which(bad, names)}",
            "look at what the model does with that sample",
            info,
        )
    if info.output == "logits":
        return softmax(answers.astype(np.float64)).astype(np.float32)
    if info.output == "probabilities":
        _probabilities(answers, info, names)
    return answers.astype(np.float32)


def tolerance(answers: NDArray[Any]) -> float:
    """How far off answers may be, by the bits of the numbers that they were computed in.

    Example:
        >>> tolerance(np.array([0.1], np.float32))
        0.0001
        >>> tolerance(np.array([0.1], np.float16)) == tolerance(np.float32([np.float16(0.1)]))
        True
    """
    bits = np.ascontiguousarray(answers, np.float32).view(np.uint32)
    steps = (step for zeros, step in STEPS if not (bits & zeros).any())
    return max(TOLERANCE, ROUNDED * next(steps, 0.0))


def check_classes(info: ModelInfo, ours: Sequence[str]) -> None:
    """Refuse a model that does not know some classes of the dataset.

    Raises:
        InputError: It does not; the classes of both are named.
    """
    theirs = info.classes or ()
    lacking = [one for one in ours if one not in theirs]
    if lacking:
        raise InputError(
            f"the model does not know the classes {_some(lacking, 5)}: the dataset's are "
            f"{_some(ours)}, the model's {_some(theirs) or '(it names none)'}",
            where=info.spec,
            fix="name the model's classes as the labels are named, of a file with ,classes=a,b in "
            "the order of its columns",
        )


def _some(names: Sequence[str], most: int = 10) -> str:
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")


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
    row_independence(loaded, batch, present)
    if coalitions:
        stages_agree(loaded, batch, present)
        inputs_kept(loaded, batch)


def row_independence(loaded: Loaded, batch: Batch, present: Present) -> None:
    """Refuse a model whose answer for a sample depends on the rest of the batch, or on chance.

    Every row is asked twice, in reverse order and in two halves, and the first ones alone; answers
    agree within 1e-4 (absolute, and relative for numbers above 1).

    Raises:
        InputError: They do not; the message says which row, and how far off it is.
    """
    n = length(batch)
    if n == 0:
        return
    together = _ask(loaded, batch, present, range(n))
    _same(together, _ask(loaded, batch, present, range(n)), "asked a second time", loaded)
    backwards = _ask(loaded, batch, present, range(n - 1, -1, -1))[::-1]
    _same(together, backwards, "in a batch in another order", loaded)
    half = (n + 1) // 2
    halves = [_ask(loaded, batch, present, range(half))]
    if half < n:
        halves.append(_ask(loaded, batch, present, range(half, n)))
    _same(together, np.concatenate(halves), "in a smaller batch", loaded)
    alone = [_ask(loaded, batch, present, [i]) for i in range(min(ALONE, n))]
    _same(together[: len(alone)], np.concatenate(alone), "alone", loaded)


def stages_agree(loaded: Loaded, batch: Batch, present: Present) -> None:
    """Refuse a model whose two stages do not give what its `scores` gives, within 1e-4.

    Raises:
        InputError: They do not; the message says which row, and how far off it is.
    """
    model = loaded.model
    if not isinstance(model, TwoStage):
        return
    whole = _ask(loaded, batch, present, range(length(batch)))
    features = {m: model.encode(m, batch[m]) for m in loaded.info.modalities}
    staged = check_answers(model.fuse(features, present), length(batch), loaded.info)
    _same(whole, staged, "by encode and fuse instead of scores", loaded)


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


def _ask(loaded: Loaded, batch: Batch, present: Present, rows: Any) -> NDArray[np.float32]:
    ask: Callable[[Batch, Present], Any] = loaded.model.scores
    index = list(rows)
    values = take(batch, index)
    there = take_present(present, index)
    before = deepcopy((values, there))
    try:
        scores = ask(values, there)
    except (ValueError, RuntimeError) as error:
        raise InputError(
            f"the model cannot answer about {len(index)} samples: {error}",
            where=Faults.of(loaded.info.spec).line(error, error.__traceback__) or loaded.info.spec,
            fix="a model that answers about batches of any size, from 1, in evaluation mode",
        ) from error
    _untouched((values, there), before, loaded)
    return check_answers(scores, len(index), loaded.info)


def _untouched(after: tuple[Batch, Present], before: tuple[Batch, Present], loaded: Loaded) -> None:
    for what, now, then in zip(("values", "mask"), after, before, strict=True):
        for modality, values in now.items():
            if not all(map(_equal, values, then[modality])):
                raise InputError(
                    f"the model changes the {what} of {modality!r} that it is given",
                    where=loaded.info.spec,
                    fix="x = x * mask instead of x *= mask: the same ones are asked about again",
                )


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray | np.generic) and a.dtype != np.object_:
        return a.tobytes() == b.tobytes()  # NaN is NaN
    return list(a) == list(b)


def _same(a: NDArray[np.float32], b: NDArray[np.float32], how: str, loaded: Loaded) -> None:
    off = np.abs(a.astype(np.float64) - b) / np.maximum(1, np.abs(a))
    worst = off.reshape(len(a), -1).max(axis=1)
    row = int(worst.argmax())
    if worst[row] > tolerance(a):
        raise InputError(
            f"the answer for sample {row} of a batch is off by {worst[row]:.2g} when it is {how}",
            where=loaded.info.spec,
            fix="call .eval() on the model: dropout and batch normalisation mix or change rows",
        )


def _array(scores: Any, info: ModelInfo) -> NDArray[Any]:
    try:
        return np.asarray(scores)
    except (ValueError, TypeError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        kind = type(scores).__name__
        raise _wrong(f"a {kind} that is no array: {reason}", "a NumPy array", info) from error


def _shaped(answers: NDArray[Any], n: int, info: ModelInfo) -> NDArray[Any]:
    if info.output == "values":
        if answers.shape not in {(n,), (n, 1)}:
            raise _wrong(f"answers of shape {answers.shape}", f"({n},) or ({n}, 1)", info)
        return answers.reshape(n)
    if info.output == "embeddings":
        if answers.ndim != 3 or answers.shape[:2] != (n, len(info.modalities)):
            raise _wrong(
                f"answers of shape {answers.shape}", f"({n}, {len(info.modalities)}, d)", info
            )
        return answers
    wanted = (n, len(info.classes or ()))
    if answers.shape != wanted:
        raise _wrong(f"answers of shape {answers.shape}", f"{wanted}, one column a class", info)
    return answers


def _probabilities(answers: NDArray[Any], info: ModelInfo, names: Sequence[str]) -> None:
    sums = answers.astype(np.float64).sum(axis=1)
    off = tolerance(answers)
    bad = (np.abs(sums - 1) > off) | (answers < -off).any(axis=1)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        logits = bool((answers < -off).any())  # advice for others would make wrong numbers of them
        raise _wrong(
            f"probabilities that sum to {sums[row]:.6g} and are at least {answers[row].min():.4g}, "
            f"for {_which(bad, names)}",
            'output = "logits", of a file ,output=logits, if they are logits'
            if logits
            else "a probability for each class and for nothing else, with a sum of 1",
            info,
        )


def _which(bad: NDArray[np.bool_], names: Sequence[str]) -> str:
    """The first of some samples, and how many more there are."""
    row, more = int(np.flatnonzero(bad)[0]), int(bad.sum()) - 1
    first = f"the sample {names[row]!r}" if names else f"sample {row} of the batch"
    return f"{first} and {more} others"


def _wrong(what: str, fix: str, info: ModelInfo) -> InputError:
    return InputError(f"the model gave {what}", where=info.spec, fix=fix)
