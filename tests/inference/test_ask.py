"""A model and a table of answers are asked in one way."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from loading import access, load
from mmaudit.errors import IncompleteError
from mmaudit.inference.base import Asking
from mmaudit.inference.inputs import Inputs, model_kinds
from mmaudit.inference.models import SHARES, make_models, shares
from mmaudit.inference.recorded import RecordedAsking, condition, table_of
from mmaudit.measures.games.coalitions import members
from planted import OneStage, Votes, asking, samples, total

KINDS = {"a": "vector", "b": "vector"}


@pytest.fixture
def some():
    values = {"a": [1.0, -2.0, 0.5], "b": [0.1, 0.2, -3.0]}
    there = {"a": np.array([True, False, True]), "b": np.array([True, True, False])}
    return samples(values, [1, 0, 1], there)


def recorded(tmp_path, some, model, leave=()):
    """The model's answers about every coalition, as a table."""
    mine, rows = asking(model, some), []
    for row in members(2).tolist():
        answers = mine.answers(mine.present & row)[0]
        name = condition("ab", row)
        rows += [
            {"id": i, "condition": name, "prob_no": float(p), "prob_yes": float(q)}
            for i, (p, q) in zip(some.ids, answers, strict=True)
            if name not in leave
        ]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "answers.parquet")
    return load(f"predictions:{tmp_path / 'answers.parquet'}")


@pytest.mark.parametrize("make", [lambda m: m, OneStage])
def test_a_condition_that_changes_nothing_is_answered_as_the_samples_are(some, make):
    asked = asking(make(Votes("ab", total)), some, batch_size=2)
    (plain,) = asked.answers(asked.present)
    (under,) = asked.under("clean", some.present, {})
    assert under.tobytes() == plain.tobytes()
    (gone,) = asked.under("present:b", {**some.present, "a": np.zeros(3, bool)}, {})
    assert [gone.tobytes()] == [s.tobytes() for s in asked.coalitions([[False, True]])[0]]


def test_what_a_condition_changes_is_asked_about_and_forgotten(some):
    asked = asking(Votes("ab", total), some)
    before = asked.answers(asked.present)[0]
    other = [np.float32([5.0]), None, np.float32([5.0])]
    (changed,) = asked.under("x", some.present, {"a": other})
    assert (changed != before).any(axis=1).tolist() == [True, False, True]
    assert asked.answers(asked.present)[0].tobytes() == before.tobytes()


def test_a_modality_is_encoded_once_a_batch_whatever_is_asked(some):
    asked = asking(Votes("ab", total), some, batch_size=2)
    calls = asked.loaded.model.calls
    asked.under("x", some.present, {"a": some.values["a"]})
    assert (calls.count("a"), calls.count("b")) == (2, 2)
    for _ in range(3):
        asked.under("y", some.present, {})
        asked.coalitions([[True, False], [False, True]])
    assert (calls.count("a"), calls.count("b")) == (4, 2)


def test_a_table_answers_as_the_model_whose_answers_it_holds(tmp_path, some):
    model = Votes("ab", total)
    mine = asking(model, some)
    loaded = recorded(tmp_path, some, model)
    models = make_models(Inputs(dataset=None, whole=None, access=access()), loaded, ("model",), 0)
    table = models.asking("model", some, KINDS, 2)
    assert isinstance(table, RecordedAsking)
    assert (table.needs_values, mine.needs_values) == (False, True)
    assert (table.shares, table.passes, table.lengths(), table.weights()) == (1, 1, None, None)
    assert table.answers(table.present)[0].tobytes() == mine.answers(mine.present)[0].tobytes()
    rows = members(2)[:-1].tolist()
    for (a,), (b,) in zip(table.coalitions(rows), mine.coalitions(rows), strict=True):
        assert a.tobytes() == b.tobytes()
    assert table.under("present:a", {}, {})[0].tobytes() == mine.coalitions([[True, False]])[0][0].tobytes()  # fmt: skip
    with pytest.raises(ValueError, match="coalitions"):
        table.answers(~table.present)
    with pytest.raises(IncompleteError, match="'image/fog:3@a'"):
        table.under("image/fog:3@a", {}, {})


def test_only_a_table_of_answers_is_one(tmp_path, some):
    model = Votes("ab", total)
    assert table_of(load(model)) is None
    assert table_of(recorded(tmp_path, some, model)) is not None
    assert isinstance(asking(model, some), Asking)


def test_donors_are_split_into_shares_where_they_divide():
    class Plain(Votes):
        accepts_missing = False

    loaded = load(Plain("ab", total))
    donors = {m: list(np.arange(8, dtype=np.float32)[:, None]) for m in "ab"}
    assert len(shares(loaded, "marginal:8", donors)) == SHARES
    assert len(shares(loaded, "marginal:8", donors, 1)) == 1
    assert len(shares(loaded, "marginal:7", donors)) == 1
    assert len(shares(loaded, "zeros", donors)) == 1


def test_the_models_order_is_the_order_of_its_kinds():
    class Data:
        kinds = {"b": "vector", "a": "text"}  # noqa: RUF012
        modalities = ("b", "a")

    assert list(model_kinds(Data, ("a", "b"))) == ["a", "b"]
    assert model_kinds(Data, ()) == Data.kinds
