import numpy as np
import pytest

from mmaudit.measures.intervals.bootstrap import unit_keys, weights
from mmaudit.measures.tasks.base import EmbeddingAnswers
from mmaudit.measures.tasks.retrieval import measure, ranks, weighted_median


def brute(queries, candidates, group, shared):
    """Ranks by definition, in float64."""
    out = []
    for q, own in zip(queries, group, strict=True):
        score = candidates @ q
        best = score[group == own].max()
        if shared:
            others = [score[group == g].max() for g in np.unique(group) if g != own]
        else:
            others = score[group != own]
        out.append(1 + int(np.sum(np.asarray(others) >= best - 1e-6)))
    return np.array(out)


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("shared", [False, True])
def test_ranks_equal_brute_force_in_any_block(shared):
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(40), 5)[rng.permutation(200)]
    a = unit(rng.normal(size=(200, 8)))
    b = unit(a + rng.normal(size=(200, 8)))
    rank = ranks(a.astype(np.float32), b.astype(np.float32), group, shared=shared)
    assert (rank == brute(a, b, group, shared)).all()
    assert rank.max() > 5
    again = ranks(a.astype(np.float32), b.astype(np.float32), group, shared=shared, cells=1000)
    assert (again == rank).all()


def test_several_texts_a_picture():
    """Two pictures, two texts each: any own text will do; a picture in two rows counts once."""
    pictures = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], float)
    texts = np.array([[1, 0], [-1, 0.1], [0, 1], [0.9, 0.5]], float)
    groups = ["p", "p", "q", "q"]
    answers = EmbeddingAnswers({"image": pictures, "text": texts}, groups, frozenset({"image"}))
    told = measure(answers, unit_keys(0, groups), 50)
    assert told["recall@1:image->text"].point == 1
    # text 3 is nearer to the wrong picture; text 1 is unlike both, least unlike the wrong one
    assert told["recall@1:text->image"].point == 0.5
    assert told["recall@5:text->image"].point == 1
    assert told["median_rank:text->image"].point == 1.5
    assert told["median_rank:text->image"].n == 2


def test_collapsed_embeddings_rank_last():
    same = np.ones((50, 4))
    told = measure(
        EmbeddingAnswers({"a": same, "b": same}, [str(i) for i in range(50)]), keys(50), 20
    )
    assert told["recall@10:a->b"].point == 0
    assert told["median_rank:a->b"].point == 50


def keys(n):
    return unit_keys(0, [str(i) for i in range(n)])


def test_scale_of_embeddings_does_not_matter():
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, 60, 5))
    b = a + b
    names = [str(i) for i in range(60)]
    one = measure(EmbeddingAnswers({"a": a, "b": b}, names), keys(60), 20)
    scaled = {"a": 7 * a, "b": b * rng.uniform(0.1, 9, (60, 1))}
    two = measure(EmbeddingAnswers(scaled, names), keys(60), 20)
    for name in one:
        assert (one[name].draws == two[name].draws).all()


@pytest.mark.parametrize("n", [7, 8])
def test_weighted_median_is_that_of_the_expanded_sample(n):
    values = np.random.default_rng(n).integers(1, 20, n)
    told = weighted_median(values, keys(n), 60)
    assert told.point == np.median(values)
    for b, w in enumerate(weights(keys(n), 0, 60)):
        assert told.draws[b] == np.median(np.repeat(values, w))


@pytest.mark.parametrize(
    ("embeddings", "names"),
    [
        ({"a": np.ones((2, 3))}, ["x", "y"]),
        ({"a": np.ones((2, 3)), "b": np.ones((3, 3))}, ["x", "y"]),
        ({"a": np.ones((2, 3)), "b": np.ones((2, 4))}, ["x", "y"]),
        ({"a": np.ones((2, 3)), "b": np.full((2, 3), np.nan)}, ["x", "y"]),
        ({"a": np.ones((2, 3)), "b": np.ones((2, 3))}, ["x"]),
    ],
)
def test_what_makes_no_sense_is_refused(embeddings, names):
    with pytest.raises(ValueError):
        measure(EmbeddingAnswers(embeddings, names), keys(2), 5)
