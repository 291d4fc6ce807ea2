"""A run that is interrupted goes on where it was, to the bytes of one that was not."""

import signal

import pytest

import adapted
import mmaudit as mm
from adapted import Weighted
from mmaudit.engines.base import ROWS

HOW = {"corruptions": ("vector/gaussian_noise",), "replicates": 10, "quiet": True}
TRAIN, MORE, PASSES = 60, 80, 8


class Tired(Weighted):
    """Stops in the second of two units, as a person stops it, unless it has patience."""

    patience = PASSES * (ROWS + MORE // 2)

    def scores(self, batch, present):
        if self.asked > self.patience:
            signal.raise_signal(signal.SIGINT)
        return super().scores(batch, present)


def test_an_interrupted_run_goes_on_to_the_same_bytes(tmp_path):
    where = adapted.write(tmp_path / "data", ROWS + MORE + TRAIN, train=TRAIN)
    with pytest.raises(KeyboardInterrupt):
        mm.adaptivity(where, Tired("follows"), out=tmp_path / "a", **HOW)
    assert not (tmp_path / "a" / "adaptivity" / "summary.parquet").exists()
    rest, whole = Tired("follows"), Tired("follows")
    mm.adaptivity(where, rest, out=tmp_path / "a", resume=True, **HOW)
    assert rest.asked < PASSES * ROWS / 2  # of the second unit, and of training
    whole.patience = float("inf")
    mm.adaptivity(where, whole, out=tmp_path / "b", **HOW)
    paths = sorted(p.relative_to(tmp_path / "b") for p in (tmp_path / "b").rglob("*.parquet"))
    assert len(paths) >= 4
    for path in paths:
        assert (tmp_path / "a" / path).read_bytes() == (tmp_path / "b" / path).read_bytes(), path
