"""Numbers and embeddings are judged by their own metrics, and what does not fit is refused."""

import numpy as np
import pytest
from scipy import stats

import mmaudit as mm
import vector_files
from mmaudit.errors import UsageError


def write(folder, table, target="", group=""):
    return vector_files.write(folder, table, "a", "b", source=group, target=target)


def sweep(dataset, model):
    run = mm.robustness(
        dataset,
        model,
        corruptions=("vector/gaussian_noise",),
        severities=(1, 5),
        absent=("zeros",),
        replicates=100,
        quiet=True,
    )
    frame = run["robustness/summary"].to_pandas()
    return frame[frame["slice"] == "all"].set_index(["condition", "metric"])["estimate.value"]


class Sum:
    modalities, classes, output = ("a", "b"), None, "values"

    def scores(self, batch, present):
        return (np.asarray(batch["a"]).sum(1) + np.asarray(batch["b"]).sum(1)).astype(np.float32)


class Same:
    modalities, classes, output = ("a", "b"), None, "embeddings"

    def scores(self, batch, present):
        return np.stack([np.asarray(batch["a"]), np.asarray(batch["b"])], 1).astype(np.float32)


def test_numbers_by_mae_rmse_and_rank(tmp_path):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 200, 4)).astype(np.float32)
    y = a.sum(1) + b.sum(1) + rng.normal(0, 0.5, 200)
    table = {"id": [f"r{i}" for i in range(200)], "a": a.tolist(), "b": b.tolist(), "y": y}
    found = sweep(
        write(tmp_path, table, '[target]\ncolumn = "y"\nkind = "number"\n'),
        Sum(),
    )
    error = a.sum(1) + b.sum(1) - y
    assert found["clean", "mae"] == pytest.approx(np.abs(error).mean(), rel=1e-5)
    assert found["clean", "rmse"] == pytest.approx(np.sqrt((error**2).mean()), rel=1e-5)
    rank = stats.spearmanr(a.sum(1) + b.sum(1), y).statistic
    assert found["clean", "spearman"] == pytest.approx(rank, abs=1e-4)
    worst = "vector/gaussian_noise:5@a"
    assert found[worst, "mae_rise"] == pytest.approx(found[worst, "mae"] - found["clean", "mae"])
    assert found["vector/gaussian_noise@a", "mae_worst"] == pytest.approx(found[worst, "mae"])


def test_pairs_by_recall_and_rank_with_several_texts_a_picture(tmp_path):
    """Every picture stands in three rows; clean, every text finds its picture and back."""
    rng = np.random.default_rng(1)
    pictures = rng.normal(size=(60, 16)).astype(np.float32).repeat(3, axis=0)
    texts = pictures + rng.normal(0, 0.05, pictures.shape).astype(np.float32)
    table = {
        "id": [f"r{i}" for i in range(180)],
        "photo": [f"p{i // 3}" for i in range(180)],
        "a": pictures.tolist(),
        "b": texts.tolist(),
    }
    found = sweep(write(tmp_path, table, group='group = "photo"'), Same())
    for way in ("a->b", "b->a"):
        assert found["clean", f"recall@1:{way}"] == 1
        assert found["clean", f"median_rank:{way}"] == 1
        noisy = found["vector/gaussian_noise:5@b", f"recall@1:{way}"]
        assert found["vector/gaussian_noise:5@b", f"recall@1:{way}_drop"] == pytest.approx(
            1 - noisy
        )


def test_what_does_not_fit_is_refused(tmp_path):
    table = {"id": ["x", "y"], "a": [[1.0], [2.0]], "b": [[1.0], [2.0]], "y": ["u", "v"]}
    with pytest.raises(UsageError, match="no target"):
        sweep(write(tmp_path, table), Sum())
    with pytest.raises(UsageError, match="cannot be judged"):
        sweep(write(tmp_path, table, '[target]\ncolumn = "y"\nkind = "class"\n'), Sum())


def test_very_many_classes_have_every_metric(tmp_path):
    """Of 80 classes, each in two samples; the model is unsure of one class in ten."""
    rng = np.random.default_rng(2)
    number = np.arange(160) % 80
    a = np.eye(80, dtype=np.float32)[number] * np.where(number % 10, 4, 1)[:, None]
    a += rng.normal(0, 0.4, a.shape)
    table = {
        "id": [f"r{i}" for i in range(160)],
        "a": a.tolist(),
        "b": np.zeros((160, 1)).tolist(),
        "y": [f"c{n:02}" for n in number],
    }

    class Softmax:
        modalities, classes, output = ("a",), tuple(f"c{n:02}" for n in range(80)), "logits"

        def scores(self, batch, present):
            return np.asarray(batch["a"])

    found = sweep(write(tmp_path, table, '[target]\ncolumn = "y"\nkind = "class"\n'), Softmax())
    p = np.exp(a - a.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    truth = np.eye(80)[number]
    confidence, right = p.max(axis=1), p.argmax(axis=1) == number
    bins = np.ceil(confidence * 15).astype(int)
    ece = sum(abs((right - confidence)[bins == b].sum()) for b in range(1, 16)) / 160
    assert found["clean", "ece"] == pytest.approx(ece, abs=1e-6)
    assert found["clean", "brier"] == pytest.approx(((p - truth) ** 2).sum(axis=1).mean(), abs=1e-5)
    whole = np.mean([_area(p[:, k], number == k) for k in range(80)])
    assert found["clean", "auroc"] == pytest.approx(whole, abs=0.01)
    assert found["vector/gaussian_noise:5@a", "auroc_drop"] > 0


def _area(scores, inside):
    ranks, m = stats.rankdata(scores), int(inside.sum())
    return (ranks[inside].sum() - m * (m + 1) / 2) / (m * (scores.size - m))
