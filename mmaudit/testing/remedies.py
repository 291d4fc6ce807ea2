"""What every remedy owes."""

from collections.abc import Collection
from importlib import import_module


def check_remedy(name: str, *, skip: Collection[str] = ()) -> None:
    """Ask a remedy what every remedy owes; needs torch.

    Does it say what it is, and its source? Is it the same when it is trained again, and a seed the
    same alone as beside others? Has every parameter a gradient? Does it learn what is easy? Does it
    answer with probabilities, or finite numbers, each row by itself, alike under other rows of its
    batch? Is what is absent not looked at, in training and after? Does it come back from a file as
    it was? Are what it is handed and global randomness left alone?

    Args:
        name: Name of the remedy, as ``dynamic/tmc``.
        skip: Names of questions that do not concern it.

    Raises:
        ContractError: It fails a question, which is named.

    Example:
        >>> check_remedy("control/late_mean")
    """
    import_module("mmaudit.testing.trainings").check(name, skip)  # torch is loaded when it is asked
