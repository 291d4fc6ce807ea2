"""The audit of pairs from end to end, on data whose mismatches are known."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from clip_like import clip_like, mismatched, unit
from mmaudit.errors import InputError, UsageError
from mmaudit.tables.provenance import provenance
from pair_files import MANIFEST, audited, summary, written

N = 800


def noisy(share=0.2, seed=0, n=N):
    left, right, _ = clip_like(n, 96, seed)
    partner, wrong = mismatched(n, share, seed)
    return left, right[partner], wrong


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("noisy")
    left, right, wrong = noisy()
    site = ["north" if i % 2 else "south" for i in range(N)]
    dataset = written(folder, left, right, source='slices = ["site"]', site=site, wrong=wrong)
    return audited(dataset, truth="wrong", plant=0.05, out=folder / "run"), wrong


def test_rates_lists_and_flags_are_right(run):
    found, wrong = run
    told = summary(found)
    assert abs(told["noise_rate"]["value"] - wrong.mean()) < 0.07
    assert told["noise_rate_upper"]["value"] > wrong.mean()
    assert told["truth_auroc"]["value"] > 0.95
    assert told["truth_rate_error"]["value"] == pytest.approx(
        told["noise_rate"]["value"] - wrong.mean()
    )
    rows = found["noisy_pairs/samples"].arrow()
    flagged = np.array(rows["flagged"])
    assert told["flagged_rate"]["value"] == pytest.approx(flagged.mean())
    assert (flagged & wrong).sum() > 0.8 * wrong.sum()
    drop = found["noisy_pairs/drop"].arrow()["id"].to_pylist()
    keep = found["noisy_pairs/keep"].arrow()["id"].to_pylist()
    assert sorted(drop + keep) == rows["id"].to_pylist()
    assert set(drop) == set(np.array(rows["id"])[flagged])


def test_slices_have_rates_of_their_own(run):
    found, wrong = run
    rows = found["noisy_pairs/summary"].arrow().to_pylist()
    for site, part in (("north", wrong[1::2]), ("south", wrong[::2])):
        told = {r["metric"]: r["estimate"] for r in rows if r["slice"] == f"site={site}"}
        assert told["flagged_rate"]["n"] == N // 2
        assert told["noise_rate"]["low"] - 0.05 <= part.mean() <= told["noise_rate"]["high"] + 0.05
        assert told["noise_rate_upper"]["value"] == told["noise_rate"]["high"] > part.mean()
        assert told["separability"]["value"] == pytest.approx(0.9, abs=0.07)


def test_lists_for_other_programs_say_the_same(run):
    found, _ = run
    folder = found.path / "noisy_pairs"
    flagged = np.array(found["noisy_pairs/samples"].arrow()["flagged"])
    ids = np.array(found["noisy_pairs/samples"].arrow()["id"])
    np.testing.assert_array_equal(np.load(folder / "drop_ids.npy"), ids[flagged])
    np.testing.assert_array_equal(np.load(folder / "keep_ids.npy"), ids[~flagged])
    index = np.load(folder / "noise_index.npy")
    np.testing.assert_array_equal(index == np.arange(N), ~flagged)


def test_columns_agree_with_each_other(run):
    found, _ = run
    table = found["noisy_pairs/samples"].arrow().to_pydict()
    lfdr, q, p = (np.array(table[k]) for k in ("lfdr", "q_value", "p_value"))
    low = np.array(table["lfdr_low"])
    np.testing.assert_array_equal(np.array(table["flagged"]), low > 0.5)
    assert (low <= lfdr).all()
    np.testing.assert_array_equal(np.array(table["matched"]), q <= 0.05)
    order = np.argsort(table["score"])
    assert (np.diff(p[order]) >= 0).all()
    assert (np.diff(lfdr[order]) >= 0).all()
    np.testing.assert_allclose(np.array(table["soft_label"]), 1 - lfdr)
    suggested = [s is not None for s in table["suggestion"]]
    assert suggested == table["flagged"]


def test_every_detector_writes_its_column(run):
    table = run[0]["noisy_pairs/samples"].arrow()
    for name in ("similarity", "similarity_z", "loss_split", "p_clean", "neighbours", "head"):
        assert table[name].null_count == 0, name


def test_suggestions_bring_partners_together(run):
    found, wrong = run
    rows = found["noisy_pairs/samples"].arrow().to_pylist()
    partner, _ = mismatched(N, 0.2, 0)
    right_of = np.argsort(partner)  # which row holds the right side that belongs to each left one
    hits = [
        row["suggestion"] == f"pair-{right_of[i]:05d}"
        for i, row in enumerate(rows)
        if row["flagged"] and wrong[i]
    ]
    assert np.mean(hits) > 0.3  # by chance 1 in 800


def test_planted_mismatches_are_counted_by_kind(run):
    told = summary(run[0])
    assert told["planted_recall_random"]["value"] > 0.7
    assert told["planted_precision_random"]["value"] > 0.5
    assert {"planted_recall_similar", "planted_recall_adjacent"} <= told.keys()


def test_what_was_planted_and_what_is_true_is_told_beside_the_result(run):
    found, wrong = run
    notes = provenance(found["noisy_pairs/summary"].arrow().schema.metadata).notes
    told = summary(found)
    recall = told["planted_recall_random"]
    assert f"random: {recall['value']:.0%} of {recall['n']} found" in notes[0]
    assert f"{told['planted_precision_random']['value']:.0%} of its new flags" in notes[0]
    assert any(f"{int(wrong.sum())} of {N} pairs are mismatched" in note for note in notes)


def test_the_headline_says_the_verdict(run):
    table = run[0]["noisy_pairs/summary"].arrow()
    assert provenance(table.schema.metadata).headline.startswith("Verdict: noisy")


def test_a_clean_dataset_is_called_clean(tmp_path):
    """NCR and BiCro call at least 1 % noisy, whatever the data."""
    left, right, _ = clip_like(2500)
    found = audited(written(tmp_path, left, right))
    told = summary(found)
    assert told["flagged_rate"]["value"] == 0
    assert provenance(found["noisy_pairs/summary"].arrow().schema.metadata).headline.startswith(
        "Verdict: clean"
    )


def test_any_row_order_and_worker_count_gives_the_same_answers(tmp_path):
    left, right, _ = noisy(n=300)
    order = np.random.default_rng(5).permutation(300)
    first = audited(written(tmp_path / "a", left, right), out=tmp_path / "run-a")
    second = audited(
        written(tmp_path / "b", left, right, order=order), out=tmp_path / "run-b", workers=2
    )
    mine, theirs = (r["noisy_pairs/samples"].arrow().sort_by("id") for r in (first, second))
    assert mine.equals(theirs)
    assert summary(first) == summary(second)


def test_the_same_run_writes_the_same_bytes(tmp_path):
    left, right, _ = noisy(n=200)
    dataset = written(tmp_path / "data", left, right)
    for name, workers in (("a", 1), ("b", 2)):
        audited(dataset, out=tmp_path / name, workers=workers)
    for path in sorted((tmp_path / "a" / "noisy_pairs").rglob("*.parquet")):
        other = tmp_path / "b" / path.relative_to(tmp_path / "a")
        assert path.read_bytes() == other.read_bytes(), path.name


def test_embeddings_in_files_are_those_in_the_data(tmp_path):
    left, right, _ = noisy(n=300)
    dataset = written(tmp_path / "data", left, right)
    np.save(tmp_path / "a.npy", left)
    side = pa.table({"id": [f"pair-{i:05d}" for i in range(299, -1, -1)], "v": list(right[::-1])})
    parquet.write_table(side, tmp_path / "b.parquet")
    given = (f"left={tmp_path}/a.npy", f"right={tmp_path}/b.parquet:v")
    from_files = audited(dataset, embeddings=given)
    assert summary(from_files) == summary(audited(dataset))


def test_a_shift_is_named_and_its_repair_written(tmp_path):
    rng = np.random.default_rng(0)
    item = rng.normal(size=(300, 32))
    left, right = (unit(item + 0.4 * rng.normal(size=item.shape)) for _ in range(2))
    dataset = written(tmp_path, left, np.roll(right, 2, axis=0))
    found = audited(dataset, space="shared")
    repair = found["noisy_pairs/repair"].arrow().to_pydict()
    assert set(repair["defect"]) == {"shift"}
    expected = [f"pair-{(i + 2) % 300:05d}" for i in range(300)]
    assert repair["right_partner"] == expected
    assert repair["similarity_after"][0] > repair["similarity_before"][0] + 0.5


def test_groups_are_respected_and_counted(tmp_path):
    left, right, _ = noisy(n=300)
    site = [f"photo-{i // 5}" for i in range(300)]
    dataset = written(tmp_path, left, right, source='group = "site"', site=site)
    found = audited(dataset)
    groups = found["noisy_pairs/groups"].arrow().to_pydict()
    assert groups["pairs"] == [5] * 60
    assert sum(groups["flagged"]) == round(300 * summary(found)["flagged_rate"]["value"])


def test_an_in_sample_method_writes_no_p_values(tmp_path):
    left, right, _ = noisy()
    found = audited(written(tmp_path, left, right), method="ncr")
    columns = found["noisy_pairs/samples"].arrow().column_names
    assert not {"p_value", "q_value", "lfdr", "matched"} & set(columns)
    assert "noise_rate" not in summary(found)
    made = provenance(found["noisy_pairs/summary"].arrow().schema.metadata)
    assert any("no p-values" in note for note in made.notes)


def test_the_fields_habits_flag_what_they_say(tmp_path):
    left, right, _ = noisy(n=300)
    dataset = written(tmp_path, left, right)
    rows = audited(dataset, threshold=0.2)["noisy_pairs/samples"].arrow().to_pydict()
    assert rows["flagged"] == [cosine < 0.2 for cosine in rows["similarity"]]
    rows = audited(dataset, fraction=0.1)["noisy_pairs/samples"].arrow()
    assert sum(rows["flagged"].to_pylist()) == 30


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"fdr": 2.0}, "not a share"),
        ({"threshold": 0.2, "fraction": 0.1}, "both flag"),
        ({"modalities": ("left",)}, "two modalities"),
        ({"modalities": ("left", "nothing")}, "no modality 'nothing'"),
        ({"embeddings": ("left=a.npy",)}, "two embeddings"),
        ({"truth": "nothing"}, "no column 'nothing'"),
        ({"encoder": "self", "embeddings": ("a=b.npy", "c=d.npy")}, "both embed"),
        ({"method": "similarity", "space": "separate"}, "share no space"),
    ],
)
def test_what_cannot_mean_anything_is_refused(tmp_path, options, words):
    left, right, _ = noisy(n=100)
    with pytest.raises(UsageError, match=words):
        audited(written(tmp_path, left, right), **options)


def test_too_few_pairs_are_refused(tmp_path):
    left, right, _ = noisy(n=100)
    with pytest.raises(InputError, match="only 8 pairs"):
        audited(written(tmp_path, left[:8], right[:8]))


def test_embeddings_that_do_not_fit_are_refused(tmp_path):
    left, right, _ = noisy(n=100)
    dataset = written(tmp_path, left, right)
    np.save(tmp_path / "short.npy", left[:50])
    with pytest.raises(InputError, match="50 embeddings for 100 samples"):
        audited(dataset, embeddings=(f"a={tmp_path}/short.npy", f"b={tmp_path}/short.npy"))


def with_curves(folder, planted, n=N):
    """A noisy dataset in which more pairs were mismatched on purpose, and curves of a training."""
    left, right, wrong = noisy(n=n)
    rng = np.random.default_rng(7)
    chosen = rng.permutation(np.flatnonzero(~wrong))[:planted]
    order = np.arange(n)
    order[chosen] = np.roll(chosen, 1)
    marked = np.isin(np.arange(n), chosen)
    bad = wrong | marked
    level = np.where(bad, 1.0, 0.5)[:, None] + 0.25 * rng.normal(size=(n, 1))
    losses = level * np.linspace(1.5, 0.7, 6) + 0.1 * rng.normal(size=(n, 6))
    table = {"id": [f"pair-{i:05d}" for i in range(n)], "losses": list(losses), "planted": marked}
    folder.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.table(table).take(pa.array(order[::-1])), folder / "curves.parquet")
    return written(folder, left, right[order], wrong=wrong), wrong, marked


def test_curves_are_tested_against_what_was_planted_before_training(tmp_path):
    dataset, wrong, marked = with_curves(tmp_path, 120)
    found = audited(dataset, curves=str(tmp_path / "curves.parquet"), truth="wrong")
    told = summary(found)
    share = wrong[~marked].mean()
    assert told["flagged_rate"]["n"] == N - 120
    assert abs(told["noise_rate"]["value"] - share) < 0.07
    assert told["noise_rate_upper"]["value"] > share
    assert (
        told["truth_auroc"]["value"]
        > summary(audited(dataset, truth="wrong"))["truth_auroc"]["value"] - 0.02
    )
    assert told["truth_false_discoveries"]["value"] < 0.12
    rows = found["noisy_pairs/samples"].arrow()
    for name in ("curve_mean", "curve_margin", "curve_component"):
        assert np.mean(np.array(rows[name])[wrong]) > np.mean(np.array(rows[name])[~wrong]), name


def test_curves_without_planted_pairs_are_refused(tmp_path):
    dataset, _, _ = with_curves(tmp_path, 0, n=200)
    with pytest.raises(InputError, match="no p-values"):
        audited(dataset, curves=str(tmp_path / "curves.parquet"))


def in_shards(folder, left, right, count):
    """A dataset of several files, and the rows of each."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = np.array_split(np.arange(len(left)), count)
    for k, rows in enumerate(parts):
        columns = {"id": [f"pair-{i:05d}" for i in rows]}
        columns |= {"left": list(left[rows]), "right": list(right[rows])}
        parquet.write_table(pa.table(columns), folder / f"part-{k}.parquet")
    text = MANIFEST.format(source="", rest="").replace("data.parquet", "part-*.parquet")
    (folder / "dataset.toml").write_text(text)
    return folder / "dataset.toml", parts


def sharp(n=400, d=32):
    rng = np.random.default_rng(0)
    item = rng.normal(size=(n, d))
    return tuple(unit(item + 0.4 * rng.normal(size=(n, d))) for _ in range(2))


def repaired(run, n):
    """Row of the right partner of each row by the repair, its own where none is told."""
    partner = np.arange(n)
    for row in run["noisy_pairs/repair"].arrow().to_pylist():
        partner[int(row["id"][5:])] = int(row["right_partner"][5:])
    return partner


def test_a_defect_of_one_file_is_named_with_the_file_and_repaired_there(tmp_path):
    left, right = sharp()
    order = np.arange(400)
    order[100:200] = np.roll(order[100:200], 3)
    order[300:] = order[300:][::-1]
    dataset, _ = in_shards(tmp_path, left, right[order], 4)
    found = audited(dataset, space="shared", out=tmp_path / "run")
    np.testing.assert_array_equal(order[repaired(found, 400)], np.arange(400))
    told = found["noisy_pairs/repair"].arrow()
    assert set(zip(*told.select(["defect", "shard"]).to_pydict().values(), strict=True)) == {
        ("shift", "part-1.parquet"),
        ("reversed", "part-3.parquet"),
    }
    headline = provenance(found["noisy_pairs/summary"].arrow().schema.metadata).headline
    assert "the right side is 3 rows late in part-1.parquet" in headline
    offsets = found["noisy_pairs/offsets"].arrow().to_pandas()
    peaks = offsets.loc[offsets.groupby("shard")["similarity"].idxmax()]
    assert dict(zip(peaks["shard"], peaks["offset"], strict=True))["part-1.parquet"] == 3


def test_a_column_can_name_the_shards(tmp_path):
    left, right = sharp()
    order = np.arange(400)
    rows = np.flatnonzero(np.arange(400) % 4 == 1)
    order[rows] = np.roll(rows, -1)
    session = [f"s{i % 4}" for i in range(400)]
    dataset = written(tmp_path, left, right[order], session=session)
    found = audited(dataset, space="shared", shard_column="session")
    np.testing.assert_array_equal(order[repaired(found, 400)], np.arange(400))
    assert set(found["noisy_pairs/repair"].arrow()["shard"].to_pylist()) == {"session s1"}
    with pytest.raises(UsageError, match="no column 'nothing'"):
        audited(dataset, shard_column="nothing")


@pytest.mark.parametrize("kind", ["shifted", "in another order"])
def test_a_file_out_of_order_hides_no_shared_space(tmp_path, kind):
    left, right = sharp()
    order = np.arange(400)
    order = np.roll(order, 5) if kind == "shifted" else np.random.default_rng(0).permutation(order)
    found = audited(written(tmp_path, left, right[order]))
    np.testing.assert_array_equal(order[repaired(found, 400)], np.arange(400))


def test_swapped_columns_are_seen_without_a_shared_space(tmp_path):
    left, right = sharp(d=256)
    turned = np.linalg.qr(np.random.default_rng(1).normal(size=(256, 256)))[0]
    right = unit(right @ turned + 0.2)
    wrong = np.arange(400) % 20 == 0
    a, b = (np.where(wrong[:, None], *sides) for sides in ((right, left), (left, right)))
    found = audited(written(tmp_path, a, b))
    told = found["noisy_pairs/repair"].arrow()
    assert set(told["defect"].to_pylist()) == {"swapped columns"}
    assert told["id"].to_pylist() == [f"pair-{i:05d}" for i in np.flatnonzero(wrong)]
