"""Exported conditions are the sweep's own: a model that reads them gives the sweep's answers."""

import csv

import numpy as np
import pytest

import mmaudit as mm
from mmaudit.audits.robustness.audit import Options
from mmaudit.demo import keypad
from mmaudit.errors import UsageError
from mmaudit.runs.export import export_conditions
from mmaudit.samples.decode import decode

ASKED = {
    "corruptions": ("image/fog", "audio/white_noise", "text/keyboard", "missing/mcar"),
    "severities": (3,),
    "missing": True,
    "limit": 12,
}


class Fingerprint:
    """Answers that depend on every byte of every value that is present."""

    modalities = ("image", "audio", "text")
    classes = tuple(str(d) for d in range(10))
    accepts_missing = True

    def scores(self, batch, present):
        rows = []
        for i in range(len(batch["text"])):
            seen = [
                (np.frombuffer(str(batch[m][i]).encode(), np.uint8) if m == "text" else batch[m][i])
                for m in self.modalities
                if present[m][i]
            ]
            total = sum(float(np.abs(np.asarray(v, np.float64)).sum()) for v in seen)
            p = 1 + np.abs(np.sin(total + np.arange(10)))
            rows.append(p / p.sum())
        return np.array(rows, np.float32)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return keypad.make(tmp_path_factory.mktemp("keypad"))


def test_a_model_elsewhere_sees_what_the_sweep_sees(dataset, tmp_path):
    index = export_conditions(dataset, tmp_path / "out", Options(**ASKED), quiet=True)
    here = mm.robustness(dataset, Fingerprint(), replicates=20, quiet=True, **ASKED)
    samples = here["robustness/samples"].to_pandas()
    with index.open() as file:
        rows = list(csv.DictReader(file))
    assert [r["condition"] for r in rows] == list(dict.fromkeys(samples["condition"]))
    for row in rows:
        exported = mm.load(index.parent / row["folder"] / "dataset.toml")
        seen = decode(exported, exported.read(range(len(exported))))
        assert len(seen) == 12
        answers = Fingerprint().scores(seen.values, seen.present)
        asked = samples[samples["condition"] == row["condition"]]
        assert seen.ids == asked["id"].tolist()
        assert np.array_equal(np.stack(asked["probabilities"]), answers)


def test_an_interrupted_export_goes_on_and_another_is_refused(dataset, tmp_path):
    export_conditions(dataset, tmp_path, Options(**ASKED), quiet=True)
    gone = tmp_path / "0002" / "data" / "000000.parquet"
    before = gone.read_bytes()
    gone.unlink()
    with pytest.raises(UsageError, match="already"):
        export_conditions(dataset, tmp_path, Options(**ASKED), quiet=True)
    export_conditions(dataset, tmp_path, Options(**ASKED, resume=True), quiet=True)
    assert gone.read_bytes() == before
    with pytest.raises(UsageError, match="conditions changed"):
        export_conditions(dataset, tmp_path, Options(**ASKED, resume=True, joint=True), quiet=True)


def test_a_folder_of_something_else_is_refused(dataset, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        export_conditions(dataset, tmp_path, Options(**ASKED), quiet=True)
