"""The verdict: clean, noisy, undecided, or not identifiable, and why."""

from math import ceil
from typing import Literal

from mmaudit.measures.pairs.evidence import mismatch_rates as rates
from mmaudit.measures.pairs.evidence.statistics import Statistics

Verdict = Literal["clean", "noisy", "undecided", "not identifiable"]
MOST_NEEDED = 100.0  # times the pairs that there are


def verdict(numbers: Statistics, limit: float) -> tuple[Verdict, str]:
    """What may be said of a dataset, and why.

    ``clean`` needs the upper bound alone, which holds whatever matched pairs look like. ``noisy``
    needs a lower one, and so sides that are recognised: where that is in doubt nothing can be told.

    Args:
        numbers: Observed pairs against random re-pairings.
        limit: Share of mismatches up to which a dataset is called clean.
    """
    rate = numbers.noise_rate
    if numbers.upper <= limit:
        upper, most = apart(numbers.upper, limit)
        return "clean", f"at most {upper} mismatched, below the limit of {most}"
    between = f"between {rate.low:.1%} and {numbers.upper:.1%} mismatched"
    if rate.low > limit:
        least, most = apart(rate.low, limit)
        return "noisy", (
            f"an estimated {rate.value:.1%} mismatched, at least {least}, above the limit of {most}"
        )
    if numbers.doubt:
        return "not identifiable", f"{between}: {numbers.doubt}"
    more = needed(numbers, limit)
    return "undecided", (
        f"an estimated {rate.value:.1%} mismatched, {between} by {rate.n} independent pairs"
        + (f"; about {more} would decide" if more else "")
    )


def apart(share: float, limit: float, digits: int = 1, form: str = "%") -> tuple[str, str]:
    """A share and its limit with as many digits as tell them apart."""
    for more in range(digits, digits + 4):
        texts = f"{share:.{more}{form}}", f"{limit:.{more}{form}}"
        if texts[0] != texts[1]:
            return texts
    return f"{share:.{digits}{form}}", f"{limit:.{digits}{form}}"


def needed(numbers: Statistics, limit: float) -> int:
    """Independent pairs with which the upper bound would be at the limit, 0 where none would do.

    The shares of pairs at the positions are taken to stay as they are.
    """
    few, many = 1.0, MOST_NEEDED
    size = numbers.size

    def bound(times: float) -> float:
        units = tuple(n * times for n in size.units)
        return rates.upper_of(numbers.shares, units, tuple(m * times for m in size.null))

    if bound(many) > limit:
        return 0
    while many / few > 1.01:
        middle = (few * many) ** 0.5
        few, many = (few, middle) if bound(middle) <= limit else (middle, many)
    return ceil(max(size.units) * many)
