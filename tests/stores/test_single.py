"""A model's file in an object store is the file that is there, pinned by its digest as any."""

from hashlib import sha256

import pytest

import mmaudit as mm
import two_vectors
from mmaudit.errors import InputError
from mmaudit.stores import single

URL = "s3://bucket/models/scores.parquet"


def test_a_file_is_brought_once_and_again_when_it_is_another(s3):
    s3.put("models/scores.parquet", b"one")
    for content in (b"one", b"one", b"two"):
        s3.put("models/scores.parquet", content)
        with open(single.local(URL), "rb") as file:
            assert file.read() == content
    assert s3.asked["GET", "models/scores.parquet"] == 2
    assert single.local("models/scores.parquet") == "models/scores.parquet"
    with pytest.raises(InputError, match="no such file in the store"):
        single.local("s3://bucket/models/other.parquet")


def test_a_model_in_a_store_is_the_one_on_a_disk(s3, tmp_path):
    import skops.io
    from sklearn.linear_model import LogisticRegression

    manifest = two_vectors.make(tmp_path / "data", 48)
    rows = mm.load(manifest).read(range(48))
    one = LogisticRegression().fit(rows["left"].to_pylist(), rows["label"].to_pylist())
    skops.io.dump({"left": one, "right": one}, tmp_path / "model.skops")
    content = (tmp_path / "model.skops").read_bytes()
    s3.put("models/model.skops", content)
    runs = [
        mm.robustness(
            manifest,
            f"sklearn:{where}",
            corruptions=["vector/dropout"],
            severities=[1],
            replicates=10,
            quiet=True,
            sha256=sha256(content).hexdigest(),
        )
        for where in (tmp_path / "model.skops", "s3://bucket/models/model.skops")
    ]
    one, other = (run["robustness/summary"].arrow().to_pylist() for run in runs)
    assert one == other
