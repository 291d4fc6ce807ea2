"""Partitions: the columns by whose values samples are cut, and rates in each part."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Codes, Ints
from mmaudit.audits.inspect.contents import Contents, share
from mmaudit.names import ALL, SLICE, part
from mmaudit.rows import Estimate

MOST, MOST_GROUPS = 50, 20  # values of a column, and of groups, above which they are no slices
SPLIT, CLASS, GROUP = "split", "class", "group"


@dataclass(frozen=True, slots=True)
class SamplePart:
    """Samples that have one value of a column, or all.

    Attributes:
        name: The part, as NAME=VALUE; ``all`` for everything.
        code: Number of the value.
        codes: Number of the value of each sample, ``(n,)``; None for everything.
        groups: Number of the group of each sample, ``(n,)``, from 0; None where each stands alone.
    """

    name: str
    code: int
    codes: Codes | None
    groups: Ints | None

    def share(self, those: Bools, among: Bools | None = None) -> Estimate | None:
        """A share of the part's samples with its 95 % interval; None among none.

        Args:
            those: The samples that are counted, of all samples, ``(n,)``.
            among: Those that they are a share of, ``(n,)``; None for all.
        """
        if self.codes is None:
            return share(those, among, self.groups)
        own = self.codes == self.code
        groups = None if self.groups is None else _renumbered(self.groups[own])
        return share(those[own], None if among is None else among[own], groups)


def _renumbered(groups: Ints) -> Ints:
    """Numbers in their order without gaps, ``(m,)``."""
    there = np.zeros(int(groups.max(initial=-1)) + 1, np.bool_)
    there[groups] = True
    return np.asarray((np.cumsum(there) - 1)[groups])


Coded = tuple[NDArray[np.str_], Codes]  # different texts, and the number of each sample's, (n,)


def columns(contents: Contents) -> tuple[dict[str, Coded], dict[str, int]]:
    """Columns by whose values samples are cut, and those that have too many values.

    Args:
        contents: What the units wrote.

    Returns:
        Of each column its values, empty for none, and which one each sample has, ``(n,)``; and the
        columns that have more than `MOST` values (groups: more than `MOST_GROUPS` are no finding),
        with how many.
    """
    some = {SPLIT: contents.coded("split")} if contents.dataset.splits else {}
    if contents.labels is not None:
        some[CLASS] = contents.coded("label")
    some |= {s: contents.coded(SLICE + s) for s in contents.dataset.manifest.source.slices}
    sizes = {name: values.size for name, (values, _) in some.items()}
    if contents.groups is not None and int(contents.groups.max()) < MOST_GROUPS:
        some[GROUP] = contents.coded("group")
        sizes[GROUP] = 1
    passed = {name: size for name, size in sizes.items() if size > MOST}
    return {name: values for name, values in some.items() if name not in passed}, passed


def parts(contents: Contents) -> tuple[SamplePart, ...]:
    """All samples, then those of each value of each column.

    Args:
        contents: What the units wrote.
    """
    some = dict(columns(contents)[0])
    if contents.dataset.splits:
        some[SPLIT] = contents.coded("split")  # rates of splits are told however many there are
    every = SamplePart(ALL, 0, None, contents.groups)
    return (
        every,
        *(
            SamplePart(part(name, value), code, codes, contents.groups)
            for name, (values, codes) in some.items()
            for code, value in enumerate(values.tolist())
            if value
        ),
    )
