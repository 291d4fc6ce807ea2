"""``10_0`` is a code: nowhere is it read as the number 100."""

import numpy as np
import pytest

from mmaudit.errors import InputError
from mmaudit.manifest.infer import infer
from mmaudit.manifest.model import Manifest
from mmaudit.samples import dataset as data
from mmaudit.samples.decode import decode

VECTOR = {"v": {"kind": "vector", "columns": ["x_0", "x_1"]}}
TABLE = {"t": {"kind": "table", "columns": ["x_0", "x_1"]}}


def table(folder, cells):
    rows = "".join(f"{cell},{i}\n" for i, cell in enumerate(cells))
    (folder / "rows.csv").write_text(f"x_0,x_1\n{rows}")


@pytest.mark.parametrize("codes", [["10_0", "10_1", "7"], ["01067", "10115", "80331"]])
def test_codes_are_categories(tmp_path, codes):
    table(tmp_path, codes * 4)
    (modality,) = infer(tmp_path / "rows.csv").modalities.values()
    assert modality.categorical == ["x_0"]


@pytest.mark.parametrize("modality", [VECTOR, TABLE])
def test_codes_among_numbers_are_skipped_with_the_reason(tmp_path, modality):
    table(tmp_path, ["1", "10_0", "3"])
    source = {"path": "rows.csv"}
    manifest = Manifest.model_validate({"source": source, "modality": modality}).placed(tmp_path)
    dataset = data.open(manifest)
    samples = decode(dataset, dataset.read(range(3)))
    assert len(samples.ids) == 2
    assert "10_0" in samples.skipped[0].reason
    assert np.stack(list(samples.values[next(iter(modality))])).astype(float)[:, 0].max() == 3


def test_a_code_is_no_number_to_predict(tmp_path):
    table(tmp_path, ["1", "10_0", "3"])
    said = {
        "source": {"path": "rows.csv"},
        "modality": {"v": {"kind": "vector", "columns": ["x_1"]}},
        "target": {"column": "x_0", "kind": "number"},
    }
    with pytest.raises(InputError, match="'10_0', which is not a number"):
        data.open(Manifest.model_validate(said).placed(tmp_path)).read(range(3))
