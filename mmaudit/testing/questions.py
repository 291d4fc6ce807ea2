"""Questions: how a part is asked what its kind owes, and how it says that it fails."""

import math
import random
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


class ContractError(AssertionError):
    """A part does not keep what its kind promises.

    Attributes:
        part: Name of the part.
        question: Name of the question that it failed.
        what: What was wrong.
    """

    def __init__(self, what: str, part: str = "", question: str = "") -> None:
        head = f"{part}: {question.replace('_', ' ')}: " if question else ""
        super().__init__(f"{head}{what}")
        self.part, self.question, self.what = part, question, what


def ask(
    name: str, subject: T, questions: Sequence[Callable[[T], None]], skip: Collection[str] = ()
) -> None:
    """Ask a part every question, or those that are not skipped.

    Args:
        name: Name of the part.
        subject: What is asked.
        questions: The questions: functions that raise where the answer is no.
        skip: Names of questions that do not concern this part.

    Raises:
        ContractError: It fails a question, which is named.
        ValueError: A name in ``skip`` is no question.
    """
    names = {question.__name__ for question in questions}
    if unknown := set(skip) - names:
        raise ValueError(f"no question is called {', '.join(sorted(unknown))}: {sorted(names)}")
    for question in questions:
        if question.__name__ in skip:
            continue
        try:
            question(subject)
        except ContractError as failure:
            raise ContractError(failure.what, name, question.__name__) from None
        except Exception as error:
            error.add_note(f"when {name} was asked: {question.__name__.replace('_', ' ')}")
            raise


def require(condition: object, what: str) -> None:
    """Fail the question unless a condition holds.

    Raises:
        ContractError: It does not.
    """
    if not condition:
        raise ContractError(what)


def frozen(value: Any) -> Any:
    """A value as something that compares by its type, its shape and its bytes."""
    if isinstance(value, np.ndarray) and value.dtype != object:
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, dict):
        return "dict", tuple((k, frozen(v)) for k, v in value.items())
    if isinstance(value, list | tuple | np.ndarray):
        return type(value).__name__, tuple(frozen(v) for v in value)
    if isinstance(value, float) and math.isnan(value):
        return "nan"
    return type(value).__name__, value


def global_randomness() -> Any:
    """The state of the random numbers that a whole process shares, which no part may touch.

    Position included: the key alone changes only every 624 draws.
    """
    _, key, position, *_ = np.random.get_state()  # noqa: NPY002  it is looked at, and not drawn from
    return np.asarray(key).tolist(), position, random.getstate()
