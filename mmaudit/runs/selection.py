"""The samples that an audit looks at: a dataset, its split and its limit."""

from dataclasses import dataclass
from pathlib import Path

from mmaudit.audits.declaration import Common
from mmaudit.errors import InputError, UsageError
from mmaudit.formats import many
from mmaudit.names import ALL
from mmaudit.samples import dataset as data
from mmaudit.samples.account import account, beyond
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.readable import require_readable


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """The samples that options ask for.

    Attributes:
        dataset: The selected samples.
        whole: The dataset before the selection.
        says: What was inferred and chosen, for the person who waits.
    """

    dataset: Dataset
    whole: Dataset
    says: tuple[str, ...]


def select(dataset: str | Path | Dataset, options: Common, *, trains: bool = False) -> Selected:
    """Open a dataset and take the split and the limit that the options ask for.

    Args:
        dataset: A manifest, a data path, or an opened dataset.
        options: How an audit is asked.
        trains: Whether the audit also trains on the training split, which is then not set aside.

    Raises:
        UsageError: The batches would be empty, there is no such split, or fewer than no samples
            may be skipped.
        InputError: No samples are left, or nothing of a modality can be read.
    """
    whole = dataset if isinstance(dataset, Dataset) else data.open(dataset)
    if options.batch_size < 1:
        raise UsageError("a forward pass takes one sample or more", fix="--batch-size 1 or more")
    if options.max_skipped < 0:
        raise UsageError("fewer than no samples cannot be skipped", fix="--max-skipped 0 or more")
    says = [whole.manifest.says] if whole.manifest.inferred else []
    split, why = _split(whole, options.split)
    selected = whole.select(split=split, limit=options.limit, seed=options.seed)
    if not len(selected):
        raise InputError("no samples are left to audit", fix="another --split or --limit")
    require_readable(selected)
    training = whole.split_for("train") if trains else None
    says += [*account(selected, training), *beyond(selected)]
    says.append(f"{many(len(selected), 'sample')} of {whole.manifest.name} ({why})")
    return Selected(dataset=selected, whole=whole, says=tuple(says))


def _split(whole: Dataset, name: str | None) -> tuple[str | None, str]:
    """Held-out data unless asked otherwise; never silently."""
    if name == ALL:
        return None, "all splits, as asked"
    if name is not None:
        return name, f"split {name}, as asked"
    split = whole.split_for("test")
    if split is not None:
        return split, f"split {split}; --split all for every row"
    return None, "every row"
