"""What units say beside their tables is in no table, and is averaged over the units that say it."""

import pyarrow as pa
from pyarrow import parquet

from mmaudit.aside import means, with_facts
from mmaudit.engines import local
from mmaudit.engines.base import cut


class Timed:
    """Says a number that is of the unit, and another one of every other unit."""

    processes = False

    def __init__(self, factor):
        self.factor = factor

    def __call__(self, rows):
        facts = {"seconds": {"all": self.factor * rows.start}}
        if rows.start % 2:
            facts["seconds"]["odd"] = self.factor
        return with_facts(pa.table({"x": list(rows)}), facts)

    def row_group(self, table):
        return max(1, table.num_rows)


def test_facts_stand_beside_tables_that_keep_their_bytes(tmp_path):
    units = cut(4, 1)
    for name, factor in (("once", 1.0), ("again", 5.0)):
        local.run(Timed(factor), units, tmp_path / name, workers=1, report=lambda done, total: None)
    once, again = ([tmp_path / name / unit.file for unit in units] for name in ("once", "again"))
    assert [p.read_bytes() for p in once] == [p.read_bytes() for p in again]
    assert not {*(parquet.read_schema(once[0]).metadata or {})} & {b"aside"}
    assert means(once) == {"seconds": {"all": 1.5, "odd": 1.0}}
    assert means(again) == {"seconds": {"all": 7.5, "odd": 5.0}}
    again[3].with_suffix(".json").unlink()
    assert means(again) == {"seconds": {"all": 5.0, "odd": 5.0}}
