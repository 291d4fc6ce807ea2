"""Readable: whether anything of each modality can be used, and the reasons where nothing can."""

from collections import Counter
from collections.abc import Iterator

import pyarrow as pa

from mmaudit.errors import InputError
from mmaudit.kinds.base import load_kind
from mmaudit.samples.dataset import Dataset

AT_ONCE = 64  # samples that are read at a time at most, until one value can be used
SHOWN = 2  # reasons


def require_readable(dataset: Dataset) -> None:
    """Refuse a dataset in which a modality has values and not one of them can be used.

    Args:
        dataset: The samples.

    Raises:
        InputError: There is such a modality; the commonest reasons are told, with an example each.
    """
    ids = dataset.column("id")
    for name, kind_name in dataset.kinds.items():
        kind, shape = load_kind(kind_name), dataset.shape(name)
        examples: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for some in _doubling(len(dataset)):
            cells = dataset.cells(name, some)
            for i in range(len(cells)):
                values, reasons = kind.column(cells.slice(i, 1), shape, [ids[some[i]].as_py()])
                if values[0] is not None:
                    break
                for reason in reasons.values():
                    why = reason.rpartition(": ")[2]
                    counts[why] += 1
                    examples.setdefault(why, reason)
            else:
                continue
            break
        else:
            if counts:
                raise _nothing(dataset, name, counts, examples)
    pa.default_memory_pool().release_unused()  # files may be large, and are read anew from here on


def _doubling(count: int) -> Iterator[range]:
    """Positions in order, few at first: mostly the first value can be used, and may be large."""
    start, step = 0, 1
    while start < count:
        yield range(start, min(start + step, count))
        start, step = start + step, min(2 * step, AT_ONCE)


def _nothing(
    dataset: Dataset, name: str, counts: Counter[str], examples: dict[str, str]
) -> InputError:
    common = [f"{examples[why]} ({n} times)" for why, n in counts.most_common(SHOWN)]
    more = f", and {len(counts) - SHOWN} other reasons" if len(counts) > SHOWN else ""
    return InputError(
        f"none of the {counts.total()} values of modality.{name} can be used: "
        f"{'; '.join(common)}{more}",
        where=dataset.manifest.at,
        fix="check the files, and root in [source] where rows name files",
    )
