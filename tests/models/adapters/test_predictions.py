import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from loading import load
from mmaudit.errors import IncompleteError, InputError, MissingError, UsageError

IDS = [f"s{i}" for i in range(6)]
PROBABILITIES = np.random.default_rng(0).dirichlet([1, 1, 1], 6).astype(np.float32)


def rows(condition="clean", ids=IDS, **columns):
    return pa.table({"id": ids, "condition": [condition] * len(ids), **columns})


def written(folder, *tables):
    for i, table in enumerate(tables):
        parquet.write_table(table, folder / f"{i}.parquet")
    return f"predictions:{folder}"


def named(p=PROBABILITIES):
    return {f"prob_{name}": p[:, i] for i, name in enumerate(("x", "y", "z"))}


def test_probabilities_come_back_in_the_order_of_the_ids(tmp_path):
    worse = PROBABILITIES[::-1]
    spec = written(tmp_path, rows("noise:3@image", **named(worse)), rows(**named()))
    loaded = load(spec)
    assert loaded.info.classes == ("x", "y", "z")
    assert loaded.info.output == "probabilities"
    order = [4, 0, 2]
    got = loaded.model.answers([IDS[i] for i in order], "clean")
    assert np.array_equal(got, PROBABILITIES[order])
    assert got.dtype == np.float32
    got = loaded.model.answers(IDS, "noise:3@image")
    assert np.array_equal(got, worse)
    assert loaded.model.conditions == ("clean", "noise:3@image")


def test_one_file_or_a_folder_and_any_order_of_rows(tmp_path):
    table = rows(**named())
    parquet.write_table(table.take([3, 1, 5, 0, 2, 4]), tmp_path / "one.parquet")
    model = load(f"predictions:{tmp_path / 'one.parquet'}").model
    assert np.array_equal(model.answers(IDS, "clean"), PROBABILITIES)


def test_a_list_column_needs_its_classes(tmp_path):
    spec = written(tmp_path, rows(probabilities=PROBABILITIES.tolist()))
    with pytest.raises(UsageError, match="does not say its classes"):
        load(spec)
    with pytest.raises(InputError, match="2 classes are named"):
        load(f"{spec},classes=x,y")
    model = load(f"{spec},classes=x,y,z").model
    assert np.array_equal(model.answers(IDS, "clean"), PROBABILITIES)


@pytest.mark.parametrize("given", [["y", "x", "y", "y", "x", "y"], [2, 1, 2, 2, 1, 2]])
def test_a_named_class_has_probability_one(tmp_path, given):
    loaded = load(written(tmp_path, rows(prediction=given)))
    assert loaded.info.classes == tuple(sorted({str(g) for g in given}))
    got = loaded.model.answers(IDS, "clean")
    assert got.sum(1).tolist() == [1.0] * 6
    assert [loaded.info.classes[i] for i in got.argmax(1)] == [str(g) for g in given]


def test_classes_that_are_never_predicted_can_be_named(tmp_path):
    spec = written(tmp_path, rows(prediction=["y", "x", "y", "y", "x", "y"]))
    assert load(f"{spec},classes=w,x,y").model.answers(["s0"], "clean").tolist() == [[0, 0, 1]]
    with pytest.raises(InputError, match="'x' is none of the classes"):
        load(f"{spec},classes=w,y")


def test_numbers_are_numbers(tmp_path):
    values = [1.5, 2.5, 3.0, 4.0, 5.0, 6.0]
    loaded = load(written(tmp_path, rows(prediction=values)))
    assert loaded.info.output == "values"
    assert loaded.model.answers(["s1", "s0"], "clean").tolist() == [2.5, 1.5]
    whole = load(written(tmp_path, rows(prediction=[1, 2, 3, 4, 5, 6])) + ",output=values")
    assert whole.model.answers(["s5"], "clean").tolist() == [6.0]


def test_missing_ids_are_counted_and_the_first_are_named(tmp_path):
    model = load(written(tmp_path, rows(**named()))).model
    with pytest.raises(IncompleteError) as refused:
        model.answers(["s0", "t1", "t2", "t3", "t4"], "clean")
    assert "4 of 5 samples" in refused.value.what
    assert "'t1', 't2', 't3' …" in refused.value.what
    assert refused.value.exit_code == 5


def test_a_missing_condition_is_named_with_those_near_it(tmp_path):
    model = load(written(tmp_path, rows("noise:3@image", **named()))).model
    with pytest.raises(IncompleteError, match="condition 'noise:5@image'") as refused:
        model.answers(IDS, "noise:5@image")
    assert "noise:3@image" in refused.value.fix


def test_two_answers_for_one_sample_are_refused(tmp_path):
    spec = written(
        tmp_path,
        rows(**named()),
        rows(ids=["s3", "t"], **named(PROBABILITIES[:2])),
    )
    with pytest.raises(InputError, match=r"1 answer is given twice .*'s3'"):
        load(spec)


@pytest.mark.parametrize(
    ("table", "match"),
    [
        (pa.table({"id": ["a"], "prediction": ["x"]}), "no column 'condition'"),
        (pa.table({"id": [1], "condition": ["clean"], "prediction": ["x"]}), "not text"),
        (pa.table({"id": ["a"], "condition": ["clean"]}), "there is no answer"),
        (rows(prediction=["x", None, "x", "x", "x", "x"]), "1 value of the column 'prediction'"),
        (rows(prob_x=["a"] * 6, prob_y=[0.5] * 6), "not numbers"),
        (rows(prediction=pa.array(["x"] * 6)).slice(0, 0), "no answers"),
    ],
)
def test_tables_that_are_no_answers_are_refused(tmp_path, table, match):
    with pytest.raises(InputError, match=match):
        load(written(tmp_path, table))


def test_files_that_are_no_tables(tmp_path):
    with pytest.raises(MissingError, match="no Parquet file"):
        load(f"predictions:{tmp_path}")
    (tmp_path / "answers.parquet").write_bytes(b"nonsense")
    with pytest.raises(InputError, match="cannot be read"):
        load(f"predictions:{tmp_path / 'answers.parquet'}")


def test_nothing_new_can_be_asked(tmp_path):
    model = load(written(tmp_path, rows(**named()))).model
    with pytest.raises(UsageError, match="cannot be asked"):
        model.scores({}, {})


def test_columns_of_other_names_and_several_labels(tmp_path):
    spec = written(tmp_path, rows(score=[0.5] * 6, head=PROBABILITIES.tolist(), **named()))
    assert load(f"{spec},classes=p,q,r").info.classes == ("p", "q", "r")
    assert load(f"{spec},output_name=score").info.output == "values"
    model = load(f"{spec},output_name=head,classes=x,y,z").model
    assert np.array_equal(model.answers(IDS, "clean"), PROBABILITIES)
    assert load(f"{spec},output=label_probabilities").info.output == "label_probabilities"
    for option, what in (
        ("output_name=heads", "no column 'heads'"),
        ("classes=z,y,x", "another order"),
        ("scale=1/255", "nothing is asked of a table"),
        ("output=embeddings", "the answers are probabilities"),
    ):
        with pytest.raises(UsageError, match=what):
            load(f"{spec},{option}")
