"""The odd samples as people see them, with what each modality contributed."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from mmaudit.names import WORTHS
from mmaudit.samples import gallery as _gallery
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.gallery import Exhibit


def gallery(dataset: Dataset, odd: pa.Table) -> pa.Table:
    """Pictures, texts and sounds of the odd samples.

    Args:
        dataset: The selected samples.
        odd: From `odd_samples`.
    """
    listed = odd.to_pylist()
    wanted = {row["id"] for row in listed}
    ids = dataset.column("id").to_pylist()
    where = {id_: position for position, id_ in enumerate(ids) if id_ in wanted}
    return _gallery.gallery(dataset, [Exhibit(where[row["id"]], _note(row)) for row in listed])


def _note(row: Mapping[str, Any]) -> str:
    shares = (f"{k.removeprefix('phi_')} {v:+.3f}" for k, v in row.items() if k.startswith("phi_"))
    of = f"the {WORTHS[row['value']]}" if row["value"] in WORTHS else row["value"]
    return f"{row['kind'].replace('_', ' ')} {row['rank']}: {', '.join(shares)} of {of}"
