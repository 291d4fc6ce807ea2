"""What is not asked, read or drawn twice."""

import numpy as np
import pyarrow as pa
import pytest

from mmaudit.audits.contributions.answer_facts import CoalitionWorths, Truth
from mmaudit.audits.contributions.readings import Readings
from mmaudit.measures.intervals.bootstrap import unit_keys
from mmaudit.measures.tasks.regression import spearman
from mmaudit.measures.trust.rank_correlation import rank_correlation
from planted import Votes, asking, samples, total


def test_coalitions_that_differ_by_what_no_sample_has_are_asked_once():
    labels = np.random.default_rng(0).integers(0, 2, 40)
    votes = {m: np.where(labels, 1.0, -1.0) + k for k, m in enumerate("abc")}
    model = Votes("abc", total)
    unit = asking(model, samples(votes, labels, present={"b": np.zeros(40, bool)}))
    truth, recorded = Truth(kind="class", labels=labels), {1, 2, 4, 7}
    worths = CoalitionWorths(unit, truth, ("p_true",), recorded)
    table, _ = worths.worths(range(8))
    assert model.calls.count("fuse") == 4  # of a and c
    assert (table[0] == table[0][[0, 1, 0, 1, 4, 5, 4, 5]]).all()
    assert set(worths.facts) == recorded
    assert worths.facts[2].beliefs.strength is not None  # alone, and so with all that is told


@pytest.mark.parametrize("groups", [0, 900])
@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_ranks_of_many_units_spread_as_if_they_were_drawn_again(groups, rho):
    rng = np.random.default_rng(1)
    n = 2000
    a = rng.normal(size=n).round(1)  # with ties
    b = rho * a + np.sqrt(1 - rho * rho) * rng.normal(size=n)
    unit = rng.integers(0, groups, n) if groups else np.arange(n)
    keys = unit_keys(0, [str(u) for u in unit])
    cheap, drawn = (f(a, b, keys, 400) for f in (rank_correlation, spearman))
    assert cheap.point == pytest.approx(drawn.point, abs=1e-9)
    assert cheap.draws.std() == pytest.approx(drawn.draws.std(), rel=0.15)
    assert cheap.n == drawn.n
    for one, other in zip(cheap.evidence.ends(0.025), drawn.evidence.ends(0.025), strict=True):
        assert one == pytest.approx(other, abs=0.01)


def test_ranks_of_what_does_not_vary_say_nothing():
    keys = unit_keys(0, [str(i) for i in range(1000)])
    assert np.isnan(rank_correlation(np.ones(1000), np.arange(1000.0), keys, 20).point)
    assert rank_correlation(np.arange(1000.0), np.arange(1000.0), keys, 20).point == 1


@pytest.mark.parametrize(("held", "reads"), [(1 << 20, 2), (100, 4)])
def test_small_tables_are_read_once(held, reads):
    seen = []

    def read(columns=None, group=None, first=0):
        seen.append(group)
        yield from (pa.table({"id": ["x"], "phi": [float(k)]}) for k in range(20))

    readings = Readings(read, held)
    for _ in range(2):
        for group in (0, 1):
            assert [t["phi"][0].as_py() for t in readings(["phi"], group)] == list(range(20))
    assert len(seen) == reads
    assert len(list(readings(None, 0))) == 20
