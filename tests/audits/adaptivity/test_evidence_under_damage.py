"""Models that say their evidence: does what is damaged leave more uncertainty?"""

import pytest

import adapted
import mmaudit as mm
from adapted import Evident, Fuser
from mmaudit.errors import InputError

HOW = {"corruptions": ("vector/gaussian_noise",), "replicates": 20, "quiet": True}


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    return adapted.write(tmp_path_factory.mktemp("evidence"), 300, absent=0.1)


def numbers(run):
    rows = run["adaptivity/summary"].arrow().to_pylist()
    return {(r["metric"], r["modality"], r["condition"]): r["estimate"] for r in rows}


def test_evidence_that_shrinks_with_damage_leaves_more_uncertainty_and_that_which_grows_less(where):
    follows, wrong = (
        numbers(mm.adaptivity(where, Evident(t), **HOW)) for t in ("follows", "wrong")
    )
    for m in "ab":
        assert follows["vacuity_effect", m, ""]["low"] > 0 > wrong["vacuity_effect", m, ""]["high"]
        assert follows["vacuity_damage_auroc", m, ""]["low"] > 0.5
        assert wrong["vacuity_damage_auroc", m, ""]["high"] < 0.5
        clean, worse = (follows["vacuity", m, side] for side in ("clean", "damaged"))
        assert 0 < clean["value"] < worse["value"] < 1
        assert 240 < clean["n"] < 300  # those that have it
    for side in ("clean", "damaged"):
        assert 0 <= follows["belief_conflict", "", side]["value"] < 1


def test_without_evidence_nothing_stands_for_it(where):
    names = {name for name, *_ in numbers(mm.adaptivity(where, Fuser(), **HOW))}
    assert "conflict_effect" in names
    assert not {n for n in names if n.startswith(("vacuity", "belief"))}


@pytest.mark.parametrize("bad", ["negative", "lacking", "narrow"])
def test_evidence_that_is_none_is_refused(where, bad):
    class Bad(Evident):
        def evidence(self, batch, present):
            own = super().evidence(batch, present)
            return {
                "negative": {m: -e for m, e in own.items()},
                "lacking": {"a": own["a"]},
                "narrow": {m: e[:, 1:] for m, e in own.items()},
            }[bad]

    with pytest.raises(InputError, match="evidence of") as error:
        mm.adaptivity(where, Bad(), **HOW)
    assert "0 or more" in error.value.fix
