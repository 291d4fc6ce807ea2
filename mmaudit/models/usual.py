"""Usual: encoders that are tried where nobody names one, as far as they are on this machine."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec

from mmaudit.errors import MissingError
from mmaudit.kinds.base import load_kind
from mmaudit.models.access import PERSON, Access
from mmaudit.models.load import Loaded, load

USUAL = ("openclip:ViT-B-32@laion2b_s34b_b79k",)


def usual_encoders(kinds: Collection[str], access: Access) -> tuple[Loaded, ...]:
    """The usual encoders whose package and weights are here; nothing is asked of a network.

    Args:
        kinds: Kinds of modality; where encoders know none of these, there is none.
        access: Where they run, and for how long a call may.
    """
    if not any(load_kind(kind).encoders for kind in kinds):
        return ()
    own = replace(access, named_by=PERSON, sha256=None)  # what the package itself names
    there = []
    for spec in USUAL:
        try:
            with _offline():
                there.append(load(spec, own))
        except MissingError:
            continue
    return tuple(there)


@contextmanager
def _offline() -> Iterator[None]:
    """A time in which the hub's client takes what it has, and fetches nothing newer."""
    if find_spec("huggingface_hub") is None:  # which open_clip brings
        yield
        return
    from huggingface_hub import constants  # noqa: PLC0415  where it is

    before, constants.HF_HUB_OFFLINE = constants.HF_HUB_OFFLINE, True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before
