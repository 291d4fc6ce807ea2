"""Checks of quality: what each measures, which side is bad from where on, and by which source."""

from collections.abc import Iterator
from typing import Any

from makers.markdown import code, item, page, paragraph, prose, table
from makers.source import read
from mmaudit import parts
from mmaudit.checks.base import KIND, QualityCheck

SIDES = {"low": "a low value", "high": "a high value", "either": "far from the usual value"}


def families() -> list[str]:
    """The kinds of modality that have checks."""
    return sorted({name.partition("/")[0] for name in parts.own(KIND)})


def text(family: str) -> str:
    """The page of the checks of a kind of modality."""
    names = [n for n in parts.own(KIND) if n.startswith(f"{family}/")]
    checks = {name.partition("/")[2]: parts.load(KIND, name).CHECK for name in names}
    rows = [
        [f"[{n}](#{n})", parts.summary(KIND, f"{family}/{n}").removesuffix("."), _limit(c)]
        for n, c in checks.items()
    ]
    return page(
        f"# Checks of {family}",
        paragraph("What [inspect](../../inspect.md) measures of each value."),
        table(["check", "what it is", "limit"], rows),
        *(piece for n, c in checks.items() for piece in _check(family, n, c)),
    )


def _check(family: str, name: str, check: QualityCheck[Any]) -> Iterator[str]:
    yield f"## {name}"
    yield prose(read(f"{KIND}/{family}/{name}").doc)
    facts = [("bad", f"{SIDES[check.bad]}: {check.finding}"), ("unit", check.unit or "none")]
    facts += [("limit", _limit(check)), ("try", check.suggestion)]
    if check.learn is not None:
        facts.append(("learns", f"from the dataset, {check.fewest} values or more"))
    if check.sees:
        facts.append(("must see", ", ".join(map(code, check.sees))))
    facts.append(("source", check.source))
    yield "\n".join(item(f"*{key}* {value}") for key, value in facts)


def _limit(check: QualityCheck[Any]) -> str:
    return "none: the rest of the data" if check.limit is None else check.past()
