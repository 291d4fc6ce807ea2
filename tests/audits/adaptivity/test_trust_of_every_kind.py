"""Every kind of modality is damaged by what it has, and held against its own checks."""

import numpy as np

import keypad_like
import mmaudit as mm


class Sizes:
    """Answers by hardly anything: only that every kind comes in and is damaged matters here."""

    modalities = ("camera", "caption", "sound", "motion", "record", "feature")
    classes, output, accepts_missing = None, "values", True

    def scores(self, batch, present):
        total = np.zeros(len(batch["caption"]))
        for k, m in enumerate(self.modalities):
            for i, value in enumerate(batch[m]):
                if present[m][i]:
                    total[i] += (k + 1) * self._size(value)
        return total.astype(np.float32)

    @staticmethod
    def _size(value):
        if isinstance(value, str):
            return len(value) / 10
        if value.dtype == object:
            return float(sum(v is None for v in value))
        return float(np.abs(np.asarray(value, np.float64)).mean() / 100)


def test_every_kind_is_damaged_and_has_checks(tmp_path):
    where = keypad_like.write(tmp_path, 60)
    where.write_text(where.read_text().partition("[target]")[0])
    run = mm.adaptivity(where, Sizes(), split="all", natural=True, replicates=5, quiet=True)
    table = run["adaptivity/samples"].arrow()
    for m in Sizes.modalities:
        severity = table[f"severity_{m}"].to_pandas().dropna()
        assert set(severity) == set(range(6)), m
        kind = {
            name.partition("/")[0] for name in set(table[f"corruption_{m}"].to_pylist()) if name
        }
        assert len(kind) == 1
        assert table[f"dose_{m}"].to_pandas()[severity.index][severity > 0].notna().all(), m
    rows = run["adaptivity/summary"].arrow().to_pylist()
    assert {r["check"].partition("/")[0] for r in rows if r["check"]} == {
        "image", "text", "audio", "series", "table", "vector",
    }  # fmt: skip
    damaged = {r["modality"] for r in rows if r["metric"] == "adaptivity" and r["slice"] == "all"}
    assert damaged == set(Sizes.modalities)
