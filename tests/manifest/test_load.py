import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmaudit.errors import InputError, UsageError
from mmaudit.manifest.load import load
from mmaudit.manifest.model import Manifest

GOOD = """\
schema = 1
name = "one"

[source]
path = "data.csv"
id = "id"

[modality.image]
kind = "image"
column = "file_name"

[modality.labs]
kind = "table"
columns = ["age", "sex"]
categorical = ["sex"]

[target]
column = "label"
kind = "class"
classes = ["3", "true"]
"""


def written(folder, text):
    path = folder / "dataset.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder, text):
    with pytest.raises(UsageError) as caught:
        load(written(folder, text))
    return caught.value


def test_a_manifest_is_read_and_written_back(tmp_path):
    manifest = load(written(tmp_path, GOOD))
    assert list(manifest.modalities) == ["image", "labs"]
    assert manifest.folder == tmp_path
    assert not manifest.inferred
    assert manifest.to_toml() == GOOD


def test_a_folder_stands_for_its_manifest(tmp_path):
    written(tmp_path, GOOD)
    assert load(tmp_path).name == "one"


def test_numbers_and_truth_values_are_class_names(tmp_path):
    text = GOOD.replace('["3", "true"]', "[3, true]")
    assert load(written(tmp_path, text)).target.classes == ["3", "true"]


def test_the_digest_is_of_what_is_said_not_of_how(tmp_path):
    first = load(written(tmp_path, GOOD)).digest
    (tmp_path / "elsewhere").mkdir()
    commented = GOOD.replace("[target]", "# a comment\n\n[target]")
    assert load(written(tmp_path / "elsewhere", commented)).digest == first
    assert load(written(tmp_path, GOOD.replace('["sex"]', '["age"]'))).digest != first


@pytest.mark.parametrize(
    ("good", "bad", "what", "where", "fix"),
    [
        ("path =", "paht =", "unknown key 'paht' in [source]", ":5", "path"),
        ("columns =", "colums =", "unknown key 'colums' in [modality.labs]", ":14", "columns"),
        ("[target]", "[taget]", "unknown key 'taget'", ":17", "target"),
        ('"image"\n', '"imgae"\n', "modality.image.kind", ":9", "image"),
        ('kind = "class"', 'kind = "klass"', "target.kind", ":19", "class"),
        ('path = "data.csv"\n', "", "'path' is missing in [source]", ":4", "add path"),
        ("schema = 1", "schema = 2", "schema", ":1", "1"),
        ("[modality.image]", "[modality.id]", "no modality may be called 'id'", ":8", "correct"),
        ('["sex"]', '["size"]', "'size', which is not among columns", ":12", "correct"),
        ('["sex"]', '["sex"]\nshape = [1' + "0" * 400 + "]", "more than 64 bits", "", ""),
        ('column = "file_name"', "", "say either column or columns", ":8", "correct"),
        ('["3", "true"]', '["3", "3"]', "names one class twice", ":17", "correct"),
    ],
)
def test_what_cannot_be_meant_is_named_with_its_line(tmp_path, good, bad, what, where, fix):
    assert GOOD.count(good)
    told = refusal(tmp_path, GOOD.replace(good, bad, 1))
    assert what in told.what
    assert told.where.endswith(f"dataset.toml{where}")
    assert fix in told.fix


def test_what_is_not_toml_is_refused_with_its_line(tmp_path):
    assert refusal(tmp_path, GOOD.replace('"one"', '"one')).where.endswith("dataset.toml:2")


def test_what_is_not_there_is_refused(tmp_path):
    for name in ("dataset.toml", "data.csv", "*.csv"):
        with pytest.raises(InputError, match="there is no such"):
            load(tmp_path / name)


def test_a_manifest_that_is_not_utf_8_is_refused(tmp_path):
    (tmp_path / "dataset.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(InputError, match="cannot read"):
        load(tmp_path / "dataset.toml")


names = st.text(min_size=1, max_size=20).filter(
    lambda t: t.isprintable() and t not in {"id", "label", "split", "group"} and "slice" not in t
)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(name=names, path=names, column=names, modality=names, classes=st.sets(names, min_size=1))
def test_any_manifest_is_read_as_it_was_written(
    tmp_path_factory, name, path, column, modality, classes
):
    manifest = Manifest.model_validate(
        {
            "name": name,
            "source": {"path": path, "slices": [column], "max_pixels": 10},
            "modality": {modality: {"kind": "series", "column": column, "sample_rate": 0.5}},
            "target": {"column": column, "kind": "multilabel", "classes": sorted(classes)},
        }
    )
    file = written(tmp_path_factory.mktemp("any"), manifest.to_toml())
    again = load(file)
    assert again.model_dump() == manifest.model_dump()
    assert again.digest == manifest.digest
