"""Every number that an audit may write is simulated: no metric can be gated without its error known.

The sets are few here, so that only a gross error shows; `tests/benchmarks/study_gates.py` simulates
2,000 of them, and its table is in `docs/gate_error.md`. A metric that is new is in no cell, and fails.
"""

import math
from functools import cache

import numpy as np
import pyarrow as pa
import pytest

import labelled
import many_adapted
import many_games
import many_pairs
import many_remedies
import other_games
import simulated
from mmaudit.audits.adaptivity.metrics import METRICS as ADAPTIVITY
from mmaudit.audits.contributions import summary
from mmaudit.audits.contributions.metrics import METRICS as CONTRIBUTIONS
from mmaudit.audits.inspect.metrics import METRICS as INSPECT
from mmaudit.audits.noisy_pairs.metrics import METRICS as PAIRS
from mmaudit.audits.remedies.metrics import METRICS as REMEDIES
from mmaudit.audits.robustness.metrics import DERIVED, declared
from mmaudit.gate.decisions.decide import decide
from mmaudit.gate.limits import Limit
from mmaudit.gate.numbers.sampled import of_share
from mmaudit.measures.tasks.absence import policies, subsets, unimodal

pytestmark = pytest.mark.slow
SETS = 60
DRAWS = 100
CONTESTS = 40
OTHERWISE = {"cka_p_value"}  # exact: `test_other_contributions.py`
ELSEWHERE = {  # the test that simulates it
    "flip_rate": "tests/gate/test_stated_error.py",
    "destroyed_rate": "tests/gate/test_stated_error.py",
    "repaired_rate": "tests/gate/test_stated_error.py",
    "harm_per_dose": "tests/measures/tasks/test_harm_per_dose.py",
    "p_true_interaction": "`test_damage_crossed_with_absence`",
    "certified_same": "a share of samples, as accuracy",
    "certified_right": "tests/measures/tasks/test_subsets_of_modalities.py",
    "mse_interaction": "tests/audits/robustness/test_interactions.py",
    "touched_rate": "a share of samples, as accuracy",
    "mean_dose": "a mean by Hall, as mae",
    "worst_rate": "a share of samples, as accuracy",
    "zero_gradient_rate": "a share of samples, as accuracy",
    "epsilon": "the radius that was set",
}


def decided(estimate, kind, limit):
    """What a gate says of a number whose answers were not kept."""
    (one,) = decide([(estimate, Limit(kind, limit), of_share(estimate))])
    return one.outcome


def check(name, estimates, truth):
    """Each side errs in 2.5 % of the sets, and the interval covers in 95 %, but for three s.e."""
    near = 1e-9 * max(abs(truth), 1.0)
    sets = len(estimates)
    most = 0.025 + 3 * math.sqrt(0.025 * 0.975 / sets)
    covered = np.mean([e.low - near <= truth <= e.high + near for e in estimates])
    assert covered >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / sets), (name, covered)
    for wrong, limit in (("pass", truth - near), ("fail", truth + near)):
        share = np.mean([decided(e, "max", limit) == wrong for e in estimates])
        assert share <= most, (name, wrong, share)
    assert all(e.low <= e.value <= e.high for e in estimates), name


def check_cell(one, truth, n):
    rng, found = np.random.default_rng(5), {}
    for _ in range(SETS):
        for name, estimate in one(rng, n, DRAWS).items():
            found.setdefault(name, []).append(estimate)
    for name in truth:
        check(name, found[name], truth[name])
    return set(found)


def check_against_many(made, n):
    return check_cell(made, of_many(made, 200_000), n)


def of_many(made, n):
    """What so many samples give, as the truth."""
    big = made(np.random.default_rng(0), n, 2)
    return {name: e.value for name, e in big.items()}


@cache
def of_crossed(*cell):
    return of_many(simulated.crossed(*cell), 400_000)


@cache
def of_filled_in(*cell):
    return of_many(simulated.filled_in(*cell), 400_000)


of_adapted = cache(many_adapted.truth)


def bases(task):
    return set(declared(task)) - ELSEWHERE.keys()


def test_classes_and_their_drops():
    seen = check_against_many(simulated.classes(0.5, 2.5, 1.5), 150)
    assert bases("class") <= seen
    assert {f"{m} drop" for m in bases("class")} <= seen


def test_numbers_and_their_drops():
    seen = check_against_many(simulated.numbers(1, 0), 100)
    assert bases("number") <= seen
    assert {f"{m} drop" for m in bases("number")} <= seen
    check_against_many(simulated.numbers(5, 0), 250)


def test_several_labels_and_their_drops():
    made = labelled.sets()
    big = made(np.random.default_rng(0), 100_000, 2)
    truth = {name: e.value for name, e in big.items() if not labelled.misses(name)}
    seen = check_cell(made, truth, 150)
    assert bases("multilabel") <= truth.keys() <= seen
    assert {f"{m} drop" for m in bases("multilabel")} <= truth.keys()


def test_recall_and_median_rank():
    rng, found = np.random.default_rng(2), {}
    for _ in range(SETS):
        for name, estimate in simulated.retrieved(rng, 120, 4).items():
            found.setdefault(name, []).append(estimate)
    assert set(found) == {f"{m}{end}" for m in bases("embedding") for end in ("", " drop")}
    for name, estimates in found.items():
        middle = np.median if name.startswith("median_rank") else np.mean
        check(name, estimates, float(middle([e.value for e in estimates])))


@pytest.mark.parametrize(
    ("shares", "limit"),
    [((0.95, 0.93, 0.9, 0.85, 0.8, 0.7), 0.82), ((0.9, 0.9, 0.9, 0.9, 0.8, 0.7), 0.82)],
)
def test_numbers_of_a_curve(shares, limit):
    truth = simulated.truth_of_curve(shares, limit)
    seen = check_cell(simulated.curve(shares, limit), truth, 150)
    # test_subsets_of_modalities.py, test_policies_compared.py; the gain over the best of one
    # modality is that of `gain_over_best_reference`
    derived = subsets.DERIVED | policies.DERIVED | unimodal.DERIVED
    of_subsets = {s.removeprefix("_") for s in derived}
    elsewhere = {"drop", "rise", "interaction", *of_subsets}
    assert {suffix.removeprefix("_") for suffix in DERIVED} == seen | elsewhere


@pytest.mark.parametrize("members", [1, 5])
def test_damage_crossed_with_absence(members):
    """Of every metric that is a mean over samples; the others have no interaction."""
    cell = (1.5, 0.4, 0.0, 1.0)
    truth = of_crossed(*cell)
    assert truth.keys() == {f"{m}_interaction" for m in ("accuracy", "p_true", "nll", "brier")}
    check_cell(simulated.crossed(*cell, members), truth, 150 * members)


@pytest.mark.parametrize(("heavy", "members"), [(False, 1), (False, 5), (True, 1)])
def test_what_imputers_fill_in(heavy, members):
    for share in (0.1, 0.9):
        truth = of_filled_in(share, heavy)
        seen = check_cell(simulated.filled_in(share, heavy, members), truth, 150 * members)
        assert seen == set(simulated.RECONSTRUCTION)


def test_contributions(monkeypatch):
    monkeypatch.setattr(summary, "gallery", lambda *_: pa.table({}))
    big = many_games.estimates(np.random.default_rng(9), 1, 60_000, replicates=2)
    found = many_games.estimates(np.random.default_rng(1), SETS, 100, replicates=DRAWS)
    for name, estimates in found.items():
        check(name, estimates, big[name][0].value)
    listed = {metric for metric, _ in found} | OTHERWISE | beside_the_games()
    assert CONTRIBUTIONS.keys() == listed | undecided(CONTRIBUTIONS)
    assert not listed & undecided(CONTRIBUTIONS)


@pytest.mark.parametrize(("n", "group"), [(120, 1), (300, 5)])
def test_adaptivity(n, group):
    """By shares, which are noisy; what other ways tell is reckoned in the same way."""
    truth = of_adapted(60_000)
    found = many_adapted.sets(SETS, n, DRAWS, group=group)
    for key, estimates in found.items():
        unsure = ADAPTIVITY[key[0]].unsure or (group > 1 and ADAPTIVITY[key[0]].unsure_in_groups)
        if not unsure:
            check(str(key), estimates, truth[key])
    assert ADAPTIVITY.keys() == {key[0] for key in found} | undecided(ADAPTIVITY)


@cache
def of_contest(*, classes):
    """What a large contest gives, as the truth."""
    return many_remedies.contest(np.random.default_rng(0), 10_000, 40, classes=classes)


@pytest.mark.parametrize(("n", "members"), [(120, 1), (240, 4)])
def test_remedies(n, members):
    """Of contests of three seeds; each metric over all methods, families and modalities."""
    exact, seen = {name for name, metric in REMEDIES.items() if metric.exact}, set()
    for classes in (True, False):
        truth, errors = of_contest(classes=classes), {}
        for k in range(CONTESTS):
            own = many_remedies.contest(
                np.random.default_rng(k + 1), n, 3, members, classes=classes
            )
            assert own.keys() == truth.keys()
            for key, one in own.items():
                assert one.low <= one.value <= one.high, key
                sides = one.low > truth[key].value, one.high < truth[key].value
                errors.setdefault(key[0], []).append(sides)
        seen |= {metric for metric, *_ in truth}
        for metric in errors.keys() - exact:
            above, below = np.mean(errors[metric], axis=0)
            most = 3 * math.sqrt(0.025 * 0.975 / CONTESTS) + 0.025
            assert max(above, below) <= most, (metric, above, below)
            assert above + below <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / CONTESTS), metric
    assert REMEDIES.keys() == seen


def beside_the_games():
    """What the cells of `test_other_contributions.py` simulate."""
    names = {name for cell in other_games.CELLS.values() for name in cell(2)[1]}
    return {name.split(" ")[0] for name in names}


def undecided(metrics):
    """Numbers that a gate does not decide by an interval."""
    return {name for name, metric in metrics.items() if metric.unsure}


@pytest.mark.parametrize(
    ("n", "wrong", "noise", "members"),
    [(200, 0.1, 0.4, 1), (300, 0.05, 0.8, 1), (500, 0.1, 0.4, 5)],
)
def test_noisy_pairs(tmp_path, n, wrong, noise, members):
    """Of what depends on the size of the pool (hard, truth), the mean over the sets is the truth."""
    truth, sets = many_pairs.sets(SETS, n, wrong, noise, members)
    simulated_ = {many_pairs.declared(name) for name in truth} - undecided(PAIRS)
    rare = {"expected_precision"} if wrong < 0.1 else set()  # nothing is flagged in such a set
    assert PAIRS.keys() - rare == (simulated_ | undecided(PAIRS)) - rare
    run = many_pairs.run(tmp_path, sets)
    for name in sorted(truth.keys() - many_pairs.BOUNDS):
        if many_pairs.declared(name) in undecided(PAIRS):
            continue
        here = [i for i, found in enumerate(sets) if name in found]
        check(name, [sets[i][name] for i in here], truth[name])
        for wrongly, limit in (("pass", truth[name] - 1e-9), ("fail", truth[name] + 1e-9)):
            outcomes = many_pairs.outcomes(run, name, here, max=float(np.clip(limit, -1, 1)))
            most = 0.025 + 3 * math.sqrt(0.025 * 0.975 / len(here))
            assert (outcomes == wrongly).mean() <= most, (name, wrongly)
    low = np.mean([found["noise_rate_upper"].value < wrong for found in sets])
    assert low <= 0.025 + 3 * math.sqrt(0.025 * 0.975 / SETS)


def test_inspect_has_shares_of_samples_and_counts():
    """A share has the interval of accuracy, which `test_stated_error.py` enumerates.

    Alignment is that of contributions; how often a split is worse, `test_outranked.py` simulates.
    """
    counts = {name for name, metric in INSPECT.items() if metric.exact}
    shares = {"present_rate", "complete_rate", "pattern_rate", "unreadable_rate", "class_rate"}
    shares |= {"limit_rate", "cka", "cca_held_out", "shift_auroc"}
    assert INSPECT.keys() == counts | shares | undecided(INSPECT)
