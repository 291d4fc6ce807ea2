"""PGD against closed forms, and what a run says of attacks."""

import numpy as np
import pytest
import torch
from pyarrow import parquet

import mmaudit as mm
import vector_files
from command import mmaudit
from mmaudit.audits.robustness.worst.balls import Around, length
from mmaudit.audits.robustness.worst.pgd import Responses, Search, Victim, pgd
from mmaudit.audits.robustness.worst.rank import Badness
from mmaudit.errors import IncompleteError, UsageError
from mmaudit.kinds.base import load_kind

N, D = 300, 12
L2 = load_kind("vector").ball
LINF = load_kind("image").ball


class Linear:
    """A linear classifier of two classes; the margin of a sample decides what breaks it."""

    def __init__(self, values, norm):
        rng = np.random.default_rng(3)
        self.w = rng.normal(size=values.shape[1:])
        self.b = -float(np.median((values * self.w).sum(axis=tuple(range(1, values.ndim)))))
        self.truth = np.sign(
            self.margin(values) + 0.7 * np.std(self.margin(values)) * rng.normal(size=len(values))
        )

    def margin(self, values):
        return (values.astype(np.float64) * self.w).sum(axis=tuple(range(1, values.ndim))) + self.b

    def judge(self, values):
        good = self.truth * self.margin(values)
        return Responses(good, Badness((good <= 0).astype(float), -good))

    def slope(self, values):
        sign = self.truth.reshape(-1, *[1] * (values.ndim - 1))
        return -sign * np.broadcast_to(self.w, values.shape)


def attack(values, ball, model, restarts=1, steps=10, seed=0):
    rng = np.random.default_rng(seed)

    def noise(*_):
        return rng.normal(size=values.shape)

    victim = Victim(slope=model.slope, judge=model.judge, noise=noise)
    return pgd(values, ball, 5, victim, Search(steps, restarts))


def vectors(seed=0):
    return np.random.default_rng(seed).normal(2, 1, (N, D)).astype(np.float32)


def pictures(low=16, high=240):
    return np.random.default_rng(1).integers(low, high, (N, 4, 4, 3)).astype(np.uint8)


@pytest.mark.parametrize("restarts", [1, 2])
def test_l2_breaks_whom_the_margin_over_the_norm_says(restarts):
    """Sample by sample: broken at radius r exactly where margin / |w| <= r."""
    values = vectors()
    model = Linear(values, "l2")
    margin = model.truth * model.margin(values)
    for severity, reached in enumerate(attack(values, L2, model, restarts), 1):
        radius = L2.radii[severity - 1] * np.linalg.norm(values.astype(np.float64), axis=1)
        reach = margin / np.linalg.norm(model.w)
        sure = np.abs(reach - radius) > 1e-5
        np.testing.assert_array_equal(reached.answers[sure] > 0, (reach > radius)[sure])
        assert 0 < (reach > radius).mean() < 1
        assert (reached.distance <= L2.radii[severity - 1] + 1e-7).all()  # float32 of the values


def test_linf_breaks_whom_the_margin_over_the_sum_of_weights_says():
    """Whole numbers reach the corner of the ball; none is outside it or outside the type."""
    values = pictures()
    model = Linear(values, "linf")
    margin = model.truth * model.margin(values)
    for severity, reached in enumerate(attack(values, LINF, model), 1):
        left = margin - LINF.radii[severity - 1] * np.abs(model.w).sum()
        np.testing.assert_array_equal(reached.answers > 0, left > 0)
        assert 0 < (left > 0).mean() < 1
        np.testing.assert_allclose(reached.answers, left, rtol=1e-9)
        assert (reached.distance == LINF.radii[severity - 1]).all()


def test_at_the_ends_of_the_type_pictures_stay_in_it():
    values = pictures(0, 256)
    values[:, 0] = 255
    values[:, 1] = 0
    model = Linear(values, "linf")
    way = -model.truth[:, None, None, None] * np.sign(model.w)
    for severity, reached in enumerate(attack(values, LINF, model), 1):
        corner = np.clip(values + way * LINF.radii[severity - 1], 0, 255)
        np.testing.assert_allclose(reached.answers, model.truth * model.margin(corner), rtol=1e-9)


def test_sixteen_bits_have_the_same_radii():
    values = pictures().astype(np.uint16) * 257
    around = Around.of(values, LINF, 3)
    assert (around.radius == 4 * 257).all()
    far = around.stored(around.inside(values + 1e6))
    assert far.dtype == np.uint16
    np.testing.assert_allclose(around.distance(far), 4)


def test_projections_are_exact():
    rng = np.random.default_rng(0)
    values = vectors()
    around = Around.of(values, L2, 4)
    moved = around.inside(values + rng.normal(size=values.shape))
    size = np.linalg.norm(moved - values, axis=1)
    np.testing.assert_allclose(size, 0.1 * np.linalg.norm(values, axis=1), rtol=1e-6)
    inner = values + 1e-4 * rng.normal(size=values.shape)
    np.testing.assert_allclose(around.inside(inner), inner, rtol=0, atol=1e-12)
    once = around.inside(inner + 1)
    np.testing.assert_allclose(around.inside(once), once, rtol=1e-12)
    sounds = np.full((3, 50, 1), 0.999, np.float32)
    loud = Around.of(sounds, load_kind("audio").ball, 5)
    assert (loud.inside(sounds + 1.0) <= 1).all()


def test_what_is_zero_has_no_ball_and_lengths_do_not_overflow():
    values = np.zeros((2, D), np.float32)
    around = Around.of(values, L2, 5)
    assert (around.stored(around.step(values.astype(float), values + 1.0, 0.25)) == 0).all()
    assert (around.distance(values) == 0).all()
    np.testing.assert_allclose(length(np.full((1, 4), 1e300)), 2e300)


@pytest.mark.parametrize("seed", range(5))
def test_accuracy_never_rises_with_the_radius_whatever_the_model(seed):
    """A network that is not linear; each sample that is broken stays broken."""
    rng = np.random.default_rng(seed)
    values, (a, b) = vectors(seed), (rng.normal(size=(D, 16)), rng.normal(size=16))
    truth = rng.choice([-1, 1], N)

    class Wavy(Linear):
        def margin(self, values):
            return np.sin(values.astype(np.float64) @ a) @ b

        def slope(self, values):
            return -self.truth[:, None] * ((np.cos(values @ a) * b) @ a.T)

    model = Wavy(values, "l2")
    model.truth = truth
    right = np.array([r.answers > 0 for r in attack(values, L2, model)])
    clean = truth * model.margin(values) > 0
    assert (right[0] <= clean).all()
    assert (right[1:] <= right[:-1]).all()
    assert right[-1].mean() < clean.mean()


def test_several_classes_break_only_where_the_closed_form_allows_it():
    """The radius of a linear model of K classes is the least margin over the norm of w_j - w_y."""
    rng = np.random.default_rng(0)
    values, w = vectors(), rng.normal(size=(D, 4))
    truth = (values @ w).argmax(1)
    others = np.arange(4) != truth[:, None]

    def judge(some):
        z = some.astype(np.float64) @ w
        mine = z[np.arange(N), truth]
        loss = np.log(np.exp(z - mine[:, None]).sum(1))
        return Responses(
            z, Badness((np.where(others, z, -np.inf).max(1) >= mine).astype(float), loss)
        )

    def slope(some):
        z = some @ w
        p = np.exp(z - z.max(1, keepdims=True))
        return (p / p.sum(1, keepdims=True) - np.eye(4)[truth]) @ w.T

    z = values.astype(np.float64) @ w
    gaps = np.linalg.norm(w[:, truth].T[:, None] - w.T[None], axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        radii = (z[np.arange(N), truth][:, None] - z) / gaps
    reach = np.where(others, radii, np.inf).min(1) / np.linalg.norm(values, axis=1)
    victim = Victim(slope=slope, judge=judge, noise=lambda *_: values)
    for severity, reached in enumerate(pgd(values, L2, 5, victim, Search(20, 1)), 1):
        broken = reached.answers.argmax(1) != truth
        within = reach <= L2.radii[severity - 1] * (1 + 1e-6)
        assert (broken <= within).all()
        assert (broken != within).mean() < 0.02


SOURCE = """
import torch
class Linear(torch.nn.Module):
    modalities, classes, output, accepts_missing = ("x", "y"), ("a", "b"), "logits", True
    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.w = torch.nn.Parameter(torch.randn(12, generator=generator))
    def forward(self, batch, present):
        z = sum((batch[m].double() * self.w.double() * present[m][:, None]).sum(1) for m in ("x", "y"))
        return torch.stack([torch.zeros_like(z), z], 1)
class Masked(Linear):
    def forward(self, batch, present):
        return super().forward({m: v.round() for m, v in batch.items()}, present)
class Half(Linear):
    def forward(self, batch, present):
        x = batch["x"]
        return super().forward({**batch, "x": torch.where(x[:, :1] > 0, x.round(), x)}, present)
def factory(masked="Linear"):
    return globals()[masked]().eval()
"""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder, rng = tmp_path_factory.mktemp("attacked"), np.random.default_rng(0)
    weights = torch.randn(D, generator=torch.Generator().manual_seed(0)).numpy()
    x, y = (rng.normal(0, 1, (N, D)).astype(np.float32) for _ in range(2))
    truth = (x + y) @ weights + rng.normal(0, 2, N) > 0
    columns = {
        "x": [*x.tolist()],
        "y": [None if i % 10 == 0 else v for i, v in enumerate(y.tolist())],
    }
    table = {"id": [f"r{i}" for i in range(N)], "label": ["ab"[int(t)] for t in truth], **columns}
    (folder / "model.py").write_text(SOURCE)
    return vector_files.write(folder, table, "x", "y", target=vector_files.CLASS_OF_LABEL)


def sweep(dataset, spec="", **kwargs):
    options = {"corruptions": ("vector/dropout",), "severities": (1, 3, 5), "replicates": 10}
    model = f"python:{dataset.parent / 'model.py'}:factory{spec}"
    return mm.robustness(dataset, model, quiet=True, **options | {"attack": ("x",)} | kwargs)


def numbers(run, metric):
    rows = run["robustness/summary"].to_pandas().to_dict("records")
    return {row["condition"]: row for row in rows if row["metric"] == metric}


def test_a_run_breaks_whom_the_closed_form_says(dataset):
    run = sweep(dataset)
    table = run["robustness/samples"].to_pandas()
    rows = parquet.read_table(dataset.parent / "rows.parquet").to_pydict()
    w = torch.randn(D, generator=torch.Generator().manual_seed(0)).numpy().astype(np.float64)
    x = np.array(rows["x"], np.float32).astype(np.float64)
    y = np.array([v or [0.0] * D for v in rows["y"]], np.float32).astype(np.float64)
    sign = np.where(np.array(rows["label"]) == "b", 1, -1)
    reach = sign * ((x + y) @ w) / np.linalg.norm(w) / np.linalg.norm(x, axis=1)
    accuracy = numbers(run, "accuracy")
    for severity in (1, 3, 5):
        name = f"attack/pgd:{severity}@x"
        some = table[table.condition == name]
        radius = L2.radii[severity - 1]
        np.testing.assert_array_equal(some.correct, reach > radius)
        assert accuracy[name]["estimate.value"] == (reach > radius).mean()
        assert some.dose.max() == pytest.approx(radius, rel=1e-5)
        assert numbers(run, "epsilon")[name]["estimate.value"] == radius
        assert not some.zero_gradient.astype(bool).any()
    clean = table[table.condition == "clean"]
    np.testing.assert_array_equal(clean.correct, reach > 0)
    assert clean.zero_gradient.isna().all()


def test_an_absent_modality_is_not_attacked(dataset):
    run = sweep(dataset, attack=("y",), severities=(5,))
    table = run["robustness/samples"].to_pandas().set_index("id")
    one, two = (table[table.condition == c] for c in ("clean", "attack/pgd:5@y"))
    gone = [f"r{i}" for i in range(0, N, 10)]
    assert two.loc[gone].p_true.equals(one.loc[gone].p_true)
    assert two.loc[gone].dose.isna().all()
    assert not two.loc[gone].touched.any()
    assert numbers(run, "zero_gradient_rate")["attack/pgd:5@y"]["estimate.n"] == N - len(gone)


@pytest.mark.parametrize("kwargs", [{"workers": 2}, {"batch_size": 77}])
def test_workers_and_batches_do_not_change_an_attack(dataset, tmp_path, kwargs):
    paths = [tmp_path / "one", tmp_path / "two"]
    for path, more in zip(paths, ({}, kwargs), strict=True):
        sweep(dataset, out=path, attack_restarts=2, severities=(3,), **more)
    one, two = (parquet.read_table(p / "robustness/samples/000000.parquet") for p in paths)
    assert one.equals(two)


def test_severities_asked_alone_and_breaking_radii_are_those_of_the_whole(dataset):
    every, alone = (sweep(dataset, severities=s) for s in ((1, 3, 5), (3,)))
    name = "attack/pgd:3@x"
    rows = [numbers(run, "accuracy")[name]["estimate.value"] for run in (every, alone)]
    assert rows[0] == rows[1]
    run = sweep(dataset, breaking_point="drop:0.2")
    point, radius = (
        numbers(run, f"accuracy_breaking_{of}")["attack/pgd@x"] for of in ("point", "epsilon")
    )
    for end in ("value", "low", "high"):
        severity = point[f"estimate.{end}"]
        expected = np.interp(severity, range(6), (0.0, *L2.radii))
        assert radius[f"estimate.{end}"] == pytest.approx(expected)


def test_masked_gradients_are_no_robustness(dataset):
    """Rounding has a gradient of 0 everywhere: nothing was tested, and the run has no answer."""
    with pytest.raises(IncompleteError, match="gradients by x are 0 for every sample"):
        sweep(dataset, ",masked=Masked")


def test_samples_whose_gradients_are_masked_are_counted(dataset):
    run = sweep(dataset, ",masked=Half", severities=(5,))
    blind = np.array(parquet.read_table(dataset.parent / "rows.parquet")["x"].to_pylist())[:, 0] > 0
    table = run["robustness/samples"].to_pandas()
    some = table[table.condition == "attack/pgd:5@x"]
    np.testing.assert_array_equal(some.zero_gradient.astype(bool), blind)
    assert not some.touched[some.zero_gradient.astype(bool)].any()
    rate = numbers(run, "zero_gradient_rate")["attack/pgd:5@x"]
    assert rate["estimate.value"] == blind.mean()
    metadata = parquet.read_schema(run.path / "robustness/summary.parquet").metadata
    said = f"Gradients by x are 0 for {blind.sum()} of {N} samples: no attack is shown for them"
    assert said in metadata[b"mmaudit"].decode()


def test_the_command_attacks_and_a_gate_judges_it(dataset, tmp_path):
    spec = f"python:{dataset.parent / 'model.py'}:factory"
    words = (
        "--corruptions",
        "vector/dropout,vector/sign_flip",
        "--severities",
        "5",
        "--worst-case",
    )
    words += ("--attack", "x", "--attack-steps", "3", "--replicates", "10")
    ran = mmaudit("robustness", dataset, "--model", spec, "--out", tmp_path / "run", *words)
    assert ran.returncode == 0, ran.stderr
    assert "gradients: 15 a sample and attacked modality (3 steps from 1 start" in ran.stderr
    assert "Attacked through x, accuracy is" in ran.stdout + ran.stderr
    checks = (
        ("accuracy{corruption=attack/pgd,modality=x}", "max_drop = 0.9"),
        ("zero_gradient_rate{corruption=attack/pgd}", "max = 0.05"),
        ("accuracy{corruption=worst/corruption}", "min = 0.05"),
        ("worst_rate{corruption=vector/sign_flip}", "min = 0.05"),
    )
    text = "".join(
        f"[[check]]\nid = 'c{i}'\nmetric = 'robustness.{metric}'\n{limit}\n"
        for i, (metric, limit) in enumerate(checks)
    )
    (tmp_path / "gate.toml").write_text(text)
    gated = mmaudit("gate", tmp_path / "run", "--config", tmp_path / "gate.toml")
    assert gated.returncode == 0, gated.stdout
    shown = mm.report(tmp_path / "run").read_text("utf-8")
    assert "each corruption alone gives the worst answer" in shown
    assert "accuracy against the radius of the attack" in shown


@pytest.mark.parametrize(
    ("kwargs", "what"),
    [
        ({"attack": ("z",)}, "there is no such modality"),
        ({"attack_steps": 0}, "--attack-steps 0"),
        ({"attack": (), "attack_restarts": 3}, "says nothing without --attack"),
    ],
)
def test_what_cannot_be_attacked_is_refused(dataset, kwargs, what):
    with pytest.raises(UsageError, match=what):
        sweep(dataset, **kwargs)


def test_models_without_gradients_are_refused(dataset):
    class Plain:
        modalities, classes, accepts_missing = ("x", "y"), ("a", "b"), True

        def scores(self, batch, present):
            return np.full((len(batch["x"]), 2), 0.5, np.float32)

    with pytest.raises(UsageError, match="gives no gradients"):
        mm.robustness(dataset, Plain(), attack=("x",), quiet=True)
    with pytest.raises(UsageError, match="options of the spec"):
        sweep(dataset, ",output=logits")
