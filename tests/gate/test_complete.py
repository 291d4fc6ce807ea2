"""A run that lacks more samples than it may is not judged, whatever its numbers say."""

import json

import pyarrow as pa
import pytest

from mmaudit.errors import IncompleteError, InputError
from mmaudit.gate.complete import check_complete
from mmaudit.tables import store
from mmaudit.tables.provenance import Provenance


def run(folder, lost, told):
    folder.mkdir()
    rows = [{"id": i, "modality": "image", "reason": "broken"} for i in lost]
    names = ("id", "modality", "reason")
    made = Provenance(audit="robustness").metadata()
    schema = pa.schema([(name, pa.string()) for name in names], metadata=made)
    store.write(pa.Table.from_pylist(rows, schema), folder / "skipped.parquet")
    (folder / "run.json").write_text(told if isinstance(told, str) else json.dumps(told))
    return folder


def audits(**allowed):
    return {"audits": {name: {"max_skipped": most} for name, most in allowed.items()}}


@pytest.mark.parametrize(
    ("lost", "most", "refused"),
    [((), 0, False), (("a",), 0, True), (("a", "b", "a"), 2, False), (("a", "b", "c"), 2, True)],
)
def test_samples_are_counted_once_against_what_is_allowed(tmp_path, lost, most, refused):
    made = run(tmp_path / "run", lost, audits(robustness=most))
    check_complete(made, {"contributions"})
    if not refused:
        check_complete(made, {"robustness"})
        return
    with pytest.raises(IncompleteError, match=f"more than --max-skipped = {most}") as caught:
        check_complete(made, {"robustness"})
    assert f"--max-skipped {len(set(lost))}" in caught.value.fix


def test_tables_alone_are_not_refused(tmp_path):
    made = run(tmp_path / "run", ("a",), audits(robustness=0))
    (made / "run.json").unlink()
    check_complete(made, {"robustness"})


@pytest.mark.parametrize("told", ["{", "[]", '{"audits": 3}', "{}"])
def test_what_a_run_says_of_itself_may_be_damaged(tmp_path, told):
    with pytest.raises(InputError, match="says of itself"):
        check_complete(run(tmp_path / "run", ("a",), told), {"robustness"})
