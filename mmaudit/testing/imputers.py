"""What every imputer owes."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mmaudit import parts
from mmaudit.arrays import Bools
from mmaudit.errors import UsageError
from mmaudit.imputers.base import KIND, Fitted, Imputer, Incomplete, TrainingSet
from mmaudit.kinds.base import kind_names
from mmaudit.seeds import digests
from mmaudit.testing.clean_values import clean_values
from mmaudit.testing.questions import ask, frozen, global_randomness, require

TRAINED_ON, FILLED = 48, 12  # samples that it is fitted on, and that it fills in
USUAL = ("vector", "table", "series")  # kinds of the modalities, unless another one is refused
POISON = 1e30


@dataclass(frozen=True)
class ImputerSubject:
    """An imputer, and the samples that it is tried on.

    Attributes:
        name: Name of the part.
        part: The imputer.
        training: Training samples, some of which lack a modality.
        values: Other samples, ``n`` values of each modality.
        present: Which of them are there, ``(n,)`` for each modality: every pattern turns up.
    """

    name: str
    part: Imputer
    training: TrainingSet
    values: Mapping[str, Sequence[Any]]
    present: Mapping[str, Bools]

    @cached_property
    def count(self) -> int:
        """The number after the colon; small, so that few samples are enough."""
        return min(self.part.COUNT, 4)

    @property
    def rows(self) -> int:
        """How many samples it fills in."""
        return len(next(iter(self.present.values())))

    def fitted(self) -> Fitted:
        """It, fitted anew."""
        return self.part.fit(self.training, self.count)

    def incomplete(self, rows: Sequence[int]) -> Incomplete:
        """Some of the samples."""
        words = digests(3, "testing", [str(i) for i in rows])
        return Incomplete(
            {m: [values[i] for i in rows] for m, values in self.values.items()},
            {m: there[np.array(rows, np.int64)] for m, there in self.present.items()},
            words,
        )

    def fills(self, fitted: Fitted, rows: Sequence[int]) -> dict[str, list[list[Any]]]:
        """What it fills in for each sample of each modality: its values, none where it is there."""
        some = self.incomplete(rows)
        out: dict[str, list[list[Any]]] = {}
        for m, there in some.present.items():
            columns = fitted.fill(some, m)
            absent = iter(zip(*columns, strict=True))
            out[m] = [[] if has else list(next(absent)) for has in there]
        return out


def check_imputer(
    name: str,
    *,
    training: TrainingSet | None = None,
    values: Mapping[str, Sequence[Any]] | None = None,
    skip: Collection[str] = (),
) -> None:
    """Ask an imputer what every imputer owes.

    Does it say what it is, and its source? Is it the same when it is fitted again, and is a sample
    filled in the same way alone, in another order and after others? Are what it is handed and
    global randomness left alone, and what is absent not looked at, in training and after? Is what
    it fills in of the shape and type of the kind, finite, and as many values as it says? Is each
    kind either filled in or refused with what to try?

    Args:
        name: Name of the imputer, as ``ridge``.
        training: Training samples, at least 8; by default 48 of vectors, rows of a table and
            series, of which a quarter lacks each.
        values: At least 8 other samples of the same modalities, complete.
        skip: Names of questions that do not concern it.

    Raises:
        ContractError: It fails a question, which is named.

    Example:
        >>> check_imputer("knn")
    """
    ask(name, subject(name, training, values), QUESTIONS, skip)


def subject(
    name: str,
    training: TrainingSet | None = None,
    values: Mapping[str, Sequence[Any]] | None = None,
) -> ImputerSubject:
    """An imputer by name, with the samples that it is tried on."""
    part: Imputer = parts.load(KIND, name)
    fit_on = training or _training({kind: kind for kind in USUAL})
    others = values or {
        m: clean_values(kind, TRAINED_ON + FILLED)[TRAINED_ON:] for m, kind in fit_on.kinds.items()
    }
    n, names = len(next(iter(others.values()))), list(fit_on.kinds)
    present = {m: np.arange(n) >> i & 1 == 1 for i, m in enumerate(names)}
    return ImputerSubject(name, part, fit_on, others, present)


def _training(kinds: Mapping[str, str]) -> TrainingSet:
    """Training samples of some kinds, a quarter of which lack each modality."""
    rows = np.arange(TRAINED_ON)
    present = {m: (rows + i) % 4 > 0 for i, m in enumerate(kinds)}
    values = {m: clean_values(kind, TRAINED_ON) for m, kind in kinds.items()}
    return TrainingSet(
        kinds,
        {
            m: [v if has else None for v, has in zip(values[m], present[m], strict=True)]
            for m in kinds
        },
        present,
    )


def it_says_what_it_is_and_where_it_comes_from(of: ImputerSubject) -> None:
    """A summary and a source; a usual count where it fills in several values."""
    require(parts.summary(KIND, of.name), "its module has no docstring")
    require(of.part.SOURCE.strip(), "it has no source")
    require(of.part.COUNT >= 0, "its usual count is below 0")
    require(of.part.COUNT or not of.part.SEVERAL, "it fills in several values, and has no count")


def it_is_the_same_when_it_is_fitted_again(of: ImputerSubject) -> None:
    """Nothing is drawn, and nothing is held from one fit to the next."""
    every = range(of.rows)
    first, second = (frozen(of.fills(of.fitted(), every)) for _ in range(2))
    require(first == second, "the same samples give another fit")


def a_sample_is_filled_by_itself(of: ImputerSubject) -> None:
    """Not by the others of its batch, their order, or what was filled before."""
    fitted, every = of.fitted(), list(range(of.rows))
    whole = of.fills(fitted, every)
    backwards = of.fills(fitted, every[::-1])
    for m, filled in whole.items():
        require(frozen(filled) == frozen(backwards[m][::-1]), f"the order changes {m!r}")
        alone = [of.fills(of.fitted(), [i])[m][0] for i in every]
        require(frozen(filled) == frozen(alone), f"other samples of the batch change {m!r}")


def what_is_absent_is_not_looked_at(of: ImputerSubject) -> None:
    """Neither of the samples that are filled in, nor of those that it is fitted on."""
    every, clean = range(of.rows), frozen(of.fills(of.fitted(), range(of.rows)))
    values = {m: _poisoned(column, of.present[m]) for m, column in of.values.items()}
    there, own = of.training.present, of.training.values
    training = TrainingSet(
        of.training.kinds, {m: _poisoned(own[m], there[m]) for m in own}, of.training.present
    )
    for poisoned in (
        ImputerSubject(of.name, of.part, of.training, values, of.present),
        ImputerSubject(of.name, of.part, training, of.values, of.present),
    ):
        same = frozen(poisoned.fills(poisoned.fitted(), every)) == clean
        require(same, "a value that is absent changes what is filled in")


def input_and_global_randomness_are_left_alone(of: ImputerSubject) -> None:
    """What is present stays what it was, and nothing is drawn."""
    randomness = global_randomness()
    before = frozen([dict(of.values), dict(of.training.values)])
    of.fills(of.fitted(), range(of.rows))
    after = frozen([dict(of.values), dict(of.training.values)])
    require(before == after, "the values that it was handed were changed")
    require(global_randomness() == randomness, "global randomness was drawn from")


def what_it_fills_in_is_a_value_of_the_kind(of: ImputerSubject) -> None:
    """Of the shape and type of the others, finite, and as many values as it says."""
    most = of.count if of.part.SEVERAL else 1
    for m, rows in of.fills(of.fitted(), range(of.rows)).items():
        for filled, there in zip(rows, of.present[m], strict=True):
            wanted = 0 if there else most
            require(len(filled) == wanted, f"{len(filled)} values of {m!r}, not {wanted}")
            for value in filled:
                _check_value(value, of.values[m][0], m)


def each_kind_is_filled_or_refused(of: ImputerSubject) -> None:
    """A kind that it cannot fill in is refused when it is fitted, with what to try."""
    for kind in kind_names():
        try:
            of.part.fit(_training({"one": kind, "other": USUAL[0]}), of.count)
        except UsageError as refusal:
            require(refusal.fix, f"{kind} is refused without what to try")


def _check_value(value: Any, like: Any, modality: str) -> None:
    require(isinstance(value, type(like)), f"{modality!r} is filled with a {type(value).__name__}")
    if not isinstance(value, np.ndarray):
        return
    require(value.dtype == like.dtype, f"{modality!r} is filled with {value.dtype}")
    require(value.shape == like.shape, f"{modality!r} is filled with the shape {value.shape}")
    cells = value.ravel().tolist()
    numbers = [c for c in cells if isinstance(c, float)]
    require(np.isfinite(numbers).all(), f"{modality!r} is filled with what is not finite")
    if value.dtype == object:
        kinds = [isinstance(c, str) for c in cells] == [isinstance(c, str) for c in like]
        require(kinds, f"categories and numbers of {modality!r} are not where they were")


def _poisoned(values: Sequence[Any], there: Bools) -> list[Any]:
    """Values, in place of those that are absent others that no sample has."""
    return [v if has else _poison(v, values) for v, has in zip(values, there, strict=True)]


def _poison(value: Any, values: Sequence[Any]) -> Any:
    like = value if value is not None else next(v for v in values if v is not None)
    if isinstance(like, np.ndarray) and like.dtype == object:
        row = like.copy()
        row[:] = [POISON if isinstance(cell, float) else "poison" for cell in like]
        return row
    return np.full_like(like, POISON) if isinstance(like, np.ndarray) else "poison"


QUESTIONS: tuple[Callable[[ImputerSubject], None], ...] = (
    it_says_what_it_is_and_where_it_comes_from,
    it_is_the_same_when_it_is_fitted_again,
    a_sample_is_filled_by_itself,
    what_is_absent_is_not_looked_at,
    input_and_global_randomness_are_left_alone,
    what_it_fills_in_is_a_value_of_the_kind,
    each_kind_is_filled_or_refused,
)
