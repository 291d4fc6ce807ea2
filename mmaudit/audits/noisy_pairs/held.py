"""Which numbers of a run hold for which kind of mismatch, in one sentence and as a table."""

import pyarrow as pa

BEWARE = (
    "The rate, its bounds and the list of matched pairs hold for partners drawn at random; for "
    "those from the same {like} only the list against re-pairings {within} does (matched_hard). "
    "The table of kinds says more; where the rates against both nulls are far apart, trust neither."
)
BY_CLASS = {"like": "class", "within": "within a class"}
BY_ITEMS = {"like": "topic", "within": "among similar items"}
KINDS = (
    ("a partner drawn at random", "yes", "yes"),
    ("one value in many rows", "yes", "yes"),
    ("rows that moved", "yes", "yes"),
    ("a partner of the same {like}", "no: the rate is too low", "yes"),
    ("the most alike, or one of the ten", "no", "not promised"),
    ("a wrong detail", "no", "no"),
    ("a side that says nothing", "counts as mismatched", "counts as mismatched"),
)


def beware(*, within_class: bool) -> str:
    """The sentence below a verdict."""
    return BEWARE.format(**(BY_CLASS if within_class else BY_ITEMS))


def held(*, within_class: bool) -> pa.Table:
    """A row a kind of mismatch: whether the rate and both lists hold for it."""
    words = BY_CLASS if within_class else BY_ITEMS
    names = ("mismatch", "rate_and_matched", "matched_hard")
    columns = zip(*([cell.format(**words) for cell in row] for row in KINDS), strict=True)
    return pa.table({name: pa.array(cells) for name, cells in zip(names, columns, strict=True)})
