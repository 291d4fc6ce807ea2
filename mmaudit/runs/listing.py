"""Listing: the parts of each kind, with what each is, none of them imported."""

from typing import Literal

from mmaudit import parts

Kind = Literal[
    "corruptions",
    "checks",
    "audits",
    "remedies",
    "models",
    "readers",
    "imputers",
    "measures",
    "kinds",
    "engines",
]
FOLDERS: dict[Kind, str] = {
    "corruptions": "corruptions",
    "checks": "checks",
    "audits": "audits",
    "remedies": "remedies",
    "models": "models/adapters",
    "readers": "manifest/readers",
    "imputers": "imputers",
    "measures": "measures/tasks",
    "kinds": "kinds",
    "engines": "engines",
}


def list_parts(kind: Kind, pattern: str = "*") -> dict[str, str]:
    """The parts of a kind: each name, and in one line what it is.

    Args:
        kind: Kind of part.
        pattern: Names, as ``image/*``.

    Raises:
        UsageError: No part has such a name; the close ones are named.

    Example:
        >>> list_parts("audits", "robust*")
        {'robustness': "Robustness: how far a model's answers fall as the data gets worse."}
    """
    folder = FOLDERS[kind]
    return {name: parts.summary(folder, name) for name in parts.match(folder, (pattern,))}
