"""The worst values of each check as people see them, and copies side by side."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from mmaudit.audits.inspect.duplicates import first_of_each
from mmaudit.audits.inspect.findings import Findings
from mmaudit.audits.inspect.issues import Issue
from mmaudit.samples import gallery as _gallery
from mmaudit.samples.gallery import Exhibit

EACH, MOST = 4, 24  # of a check, and in all
GROUPS = 6


def gallery(findings: Findings, problems: Sequence[Issue]) -> pa.Table:
    """Some of the flagged values, the worst of each check first; empty where none is."""
    exhibits = [*_worst(problems), *_groups(findings)]
    return _gallery.gallery(findings.contents.dataset, exhibits)


def _worst(problems: Sequence[Issue]) -> Iterator[Exhibit]:
    shown: dict[tuple[str, str], int] = {}
    for issue in problems:
        key = (issue.modality, issue.check)
        if issue.score is None or issue.usual or shown.get(key, 0) >= EACH:
            continue
        if sum(shown.values()) >= MOST:
            return
        shown[key] = shown.get(key, 0) + 1
        yield Exhibit(
            issue.position, f"{issue.check}: {issue.reason}", tuple(issue.modality.split(","))
        )


def _groups(findings: Findings) -> Iterator[Exhibit]:
    """The largest groups of near copies that are not equal."""
    for copies in findings.copies:
        groups: dict[int, list[int]] = {}
        first = first_of_each(copies.exact)  # of each value where it is first
        first = np.sort(first[first >= 0])
        shared = np.bincount(copies.near[first], minlength=1) > 1
        for i in first[shared[copies.near[first]]].tolist():
            groups.setdefault(int(copies.near[i]), []).append(i)
        for members in sorted(groups.values(), key=lambda g: (-len(g), g[0]))[:GROUPS]:
            card = f"copies of {findings.contents.ids[members[0]]}"
            for i in members[:4]:
                yield Exhibit(i, "nearly the same", (copies.modality,), card)
