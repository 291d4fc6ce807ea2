"""Forms: the worker that made samples writes them, and an interrupted run loses none of them."""

import pytest

from mmaudit.errors import UsageError
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.prepare import UnitSize
from mmaudit.injection.run import corrupt_dataset
from mmaudit.injection.unit import CorruptionWork

APPLY = ("image/brightness:2", "missing/mcar:2", "vector/dropout:2", "label/pairflip:3")
FORMS = ("parquet", "folder", "webdataset")


SMALL = UnitSize(content=1)


def run(dataset, out, form, size=SMALL, **how):
    options = CorruptOptions(apply=APPLY, format=form)
    corrupt_dataset(dataset, out, options, quiet=True, size=size, **how)
    return contents(out)


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("form", FORMS)
def test_two_workers_write_the_same_files(everything, tmp_path, form):
    one = run(everything, tmp_path / "one", form)
    assert run(everything, tmp_path / "two", form, workers=2) == one


@pytest.mark.parametrize("form", FORMS)
def test_other_processes_write_the_same_files(everything, tmp_path, form):
    one = run(everything, tmp_path / "one", form)
    small = UnitSize(content=1, many=2)
    assert run(everything, tmp_path / "two", form, workers=2, size=small) == one


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("form", FORMS)
def test_an_interrupted_run_goes_on_to_the_same_files(
    everything, tmp_path, form, workers, monkeypatch
):
    whole = run(everything, tmp_path / "whole", form)
    made = CorruptionWork.__call__

    def stops(self, rows):
        if rows.start >= 2 * SMALL.fewest:
            raise KeyboardInterrupt
        return made(self, rows)

    out = tmp_path / "out"
    monkeypatch.setattr(CorruptionWork, "__call__", stops)
    with pytest.raises(KeyboardInterrupt):
        run(everything, out, form, workers=workers)
    before = contents(out)
    assert before
    assert "dataset.toml" not in map(str, before)  # no other command takes it for a dataset
    monkeypatch.setattr(CorruptionWork, "__call__", made)
    with pytest.raises(UsageError, match="interrupted run"):
        run(everything, out, form)
    done = []
    monkeypatch.setattr(
        CorruptionWork, "__call__", lambda self, r: (done.append(r), made(self, r))[1]
    )
    assert run(everything, out, form, workers=workers, resume=True) == whole
    assert min(rows.start for rows in done) == 2 * SMALL.fewest  # what is there stays
