import gzip
import io
import json
import tarfile

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet

from mmaudit.errors import InputError, UsageError
from mmaudit.manifest.infer import infer
from mmaudit.manifest.load import load
from mmaudit.manifest.write import write
from mmaudit.samples import dataset as data


def table(folder, **columns):
    parquet.write_table(pa.table(columns), folder / "data.parquet")
    return folder / "data.parquet"


def kinds(manifest):
    return {name: m.kind for name, m in manifest.modalities.items()}


def test_columns_are_told_by_their_names_types_and_values(tmp_path):
    n = 40
    path = table(
        tmp_path,
        id=[f"s{i}" for i in range(n)],
        fold=["train", "test"] * 20,
        patient_id=[str(i // 4) for i in range(n)],
        label=[i % 3 for i in range(n)],
        emb=[[0.5] * 8] * n,
        vitals=[[[1.0, 2.0]] * (1 + i % 3) for i in range(n)],
        note=[f"the patient number {i} was well" for i in range(n)],
        age=list(range(n)),
        sex=["f", "m"] * 20,
        f_0=[0.1] * n,
        f_1=[0.2] * n,
        f_2=[0.3] * n,
    )
    manifest = infer(path)
    source = manifest.source
    assert (source.id, source.split, source.group) == ("id", "fold", "patient_id")
    assert kinds(manifest) == {
        "emb": "vector",
        "vitals": "series",
        "text": "text",
        "f": "vector",
        "table": "table",
    }
    assert manifest.modalities["f"].columns == ["f_0", "f_1", "f_2"]
    assert manifest.modalities["table"].columns == ["age", "sex"]
    assert manifest.modalities["table"].categorical == ["sex"]
    assert manifest.target.kind == "class"
    assert manifest.inferred
    assert any("'fold'" in reason for reason in manifest.reasons)
    assert len(data.open(manifest)) == n


def test_ids_that_repeat_are_no_ids(tmp_path):
    path = table(tmp_path, id=["a", "a"], text=["one two three four", "five six seven eight"])
    assert infer(path).source.id is None
    assert data.open(path).column("id").to_pylist() == ["data.parquet:0", "data.parquet:1"]


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        ([0.5, 1.25], "number"),
        (["yes", "no"], "class"),
        ([["a"], ["a", "b"]], "multilabel"),
        ([True, False], "class"),
    ],
)
def test_the_target_is_told_by_its_values(tmp_path, labels, kind):
    path = table(tmp_path, label=labels, x=[[1.0, 2.0], [3.0, 4.0]])
    assert infer(path).target.kind == kind


def test_hugging_face_says_what_its_columns_are(tmp_path):
    image = {"bytes": b"\x89PNG", "path": None}
    told = {"pic": {"_type": "Image"}, "kind": {"_type": "ClassLabel", "names": ["no", "yes"]}}
    made = pa.table({"pic": [image] * 2, "kind": [0, 1]})
    metadata = {"huggingface": json.dumps({"info": {"features": told}})}
    parquet.write_table(made.replace_schema_metadata(metadata), tmp_path / "data.parquet")
    manifest = infer(tmp_path / "data.parquet")
    assert kinds(manifest) == {"image": "image"}
    assert manifest.target.classes == ["no", "yes"]


def test_an_archive_is_told_by_its_members(tmp_path):
    file = io.BytesIO()
    np.save(file, np.zeros(5, np.float32))
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for i in range(4):
            members = {"jpg" if i % 2 else "png": b"\xff\xd8\xff" if i % 2 else b"\x89PNG"}
            members |= {"txt": b"some words to read", "cls": b"%d" % (i % 2)}
            members |= {"npy": file.getvalue(), "json": b'{"url": "x", "status": "success"}'}
            for extension, content in members.items():
                info = tarfile.TarInfo(f"s{i}.{extension}")
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    manifest = infer(tmp_path / "a.tar")
    assert manifest.source.id == "__key__"
    assert kinds(manifest) == {"image": "image", "npy": "vector", "text": "text"}
    assert manifest.modalities["image"].names == ("png", "jpg")
    assert (manifest.target.column, manifest.target.kind) == ("cls", "class")


def test_without_a_target_the_reasons_say_so(tmp_path):
    path = table(tmp_path, x=[[1.0, 2.0], [3.0, 4.0]], died=[0, 1])
    manifest = infer(path)
    assert manifest.target is None
    assert any(reason.startswith("target: none") for reason in manifest.reasons)


def test_rows_that_share_a_picture_are_grouped_by_it(tmp_path):
    (tmp_path / "data.csv").write_text(
        "file_name,caption\na.png,a dog runs far\na.png,a dog sits still\nb.png,a cat sits too\n"
    )
    manifest = infer(tmp_path / "data.csv")
    assert manifest.source.group == "file_name"
    assert kinds(manifest) == {"image": "image", "text": "text"}


def test_a_source_without_modalities_is_refused(tmp_path):
    with pytest.raises(InputError, match="no column looks like a modality: id, label"):
        infer(table(tmp_path, id=["a", "b"], label=["x", "y"]))


def test_what_is_written_reads_the_same_data_from_elsewhere(tmp_path):
    (tmp_path / "deep").mkdir()
    path = table(tmp_path / "deep", id=["a"], x=[[1.0, 2.0]])
    manifest = write(path, tmp_path / "dataset.toml")
    again = load(tmp_path / "dataset.toml")
    assert again.digest == manifest.digest
    assert again.source.path == "deep/data.parquet"
    assert data.open(again).column("id").to_pylist() == ["a"]


def test_a_file_that_is_there_is_not_written_over(tmp_path):
    path = table(tmp_path, id=["a"], x=[[1.0, 2.0]])
    out = tmp_path / "dataset.toml"
    out.write_text("precious")
    with pytest.raises(UsageError, match="there already"):
        write(path, out)
    assert out.read_text() == "precious"
    write(path, out, force=True)
    assert load(out).modalities
    assert {p.name for p in tmp_path.iterdir()} == {"data.parquet", "dataset.toml"}


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    path = table(tmp_path, id=["a"], x=[[1.0, 2.0]])
    with pytest.raises(InputError, match="cannot write"):
        write(path, tmp_path / "no" / "dataset.toml")


def test_upper_case_in_names_does_not_matter(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("ID,Split,Text,Label\na,train,one two three,x\nb,test,four five six,y\n")
    manifest = infer(path)
    assert (manifest.source.id, manifest.source.split) == ("ID", "Split")
    assert manifest.target.column == "Label"
    assert kinds(manifest) == {"text": "text"}


def test_a_picture_that_is_missing_in_a_row_is_not_shared_by_rows(tmp_path):
    path = table(tmp_path, picture=["a.png", "b.png", None], text=["a cat sat"] * 3)
    assert infer(path).source.group is None


def test_ids_that_repeat_are_no_features(tmp_path):
    path = table(tmp_path, id=[1, 1, 2, 2], text=[f"the text number {i}" for i in range(4)])
    manifest = infer(path)
    assert kinds(manifest) == {"text": "text"}
    assert any("id: not 'id'" in reason for reason in manifest.reasons)


def test_a_list_of_texts_that_is_empty_in_a_row_is_still_texts(tmp_path):
    path = table(tmp_path, said=[["a cat sat", "a cat"], [], ["a dog ran away"]])
    assert kinds(infer(path)) == {"text": "text"}


@pytest.mark.parametrize("form", ["BMP", "TIFF"])
def test_pictures_are_told_by_their_first_bytes(tmp_path, form):
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, form)
    assert kinds(infer(table(tmp_path, thing=[file.getvalue()] * 2))) == {"image": "image"}


def test_a_struct_of_paths_names_files(tmp_path):
    for shade in range(2):
        Image.new("L", (4, 4), shade).save(tmp_path / f"{shade}.png")
    path = table(tmp_path, picture=[{"path": "0.png"}, {"path": "1.png"}])
    found = data.open(infer(path))
    cells = found.read(range(2)).column("image").to_pylist()
    assert [cell["error"] for cell in cells] == [None, None]
    before = found.digests["data"]
    Image.new("L", (4, 4), 9).save(tmp_path / "1.png")
    assert data.open(infer(path)).digests["data"] != before


def test_a_compressed_file_is_told_to_be_one(tmp_path):
    path = tmp_path / "data.csv.gz"
    path.write_bytes(gzip.compress(b"id,text\n1,one two three\n"))
    with pytest.raises(InputError, match="compressed"):
        infer(path)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a very large red bus", "a small dog on the grass"] * 20, "class"),
        ([f"a very large bus of number {i}" for i in range(40)], None),
        ([i % 150 for i in range(600)], "class"),
        (list(range(600)), "number"),
        ([0.5, 1.5] * 20, "number"),
        ([["a", "b"], ["b"]] * 20, "multilabel"),
    ],
)
def test_labels_are_classes_where_they_are_few_or_there_again(tmp_path, values, kind):
    notes = [f"some plain words of the row {i}" for i in range(len(values))]
    manifest = infer(table(tmp_path, label=values, note=notes))
    assert (manifest.target and manifest.target.kind) == kind
    assert any(reason.startswith("target: ") for reason in manifest.reasons)


def test_each_guess_is_a_comment_above_what_it_is_about(tmp_path):
    (tmp_path / "data.csv").write_text(
        "id,split,label,file_name\n1,train,dog,/far/away/0.png\n2,test,cat,/far/away/1.png\n"
    )
    manifest = write(tmp_path / "data.csv", tmp_path / "d.toml")
    lines = (tmp_path / "d.toml").read_text().splitlines()
    assert lines[0].startswith("# root: 'file_name' names files by absolute paths; to read them")
    for line, why in (
        ('id = "id"', "# id: 'id', its values are all there and all different"),
        ('split = "split"', "# split: 'split', by its name"),
        ("[target]", "# target: 'label' is a class, by its name and its values"),
        ("[modality.image]", "# image: 'file_name' is image, it names files, as '/far/away/0.png'"),
    ):
        assert lines[lines.index(line) - 1] == why
    assert load(tmp_path / "d.toml").digest == manifest.digest


def test_a_name_with_a_line_break_stays_a_comment(tmp_path):
    columns = {"note": ["a few plain words", "and some others more"], "odd\n[source]": [[], []]}
    write(table(tmp_path, **columns), tmp_path / "d.toml")
    assert load(tmp_path / "d.toml").modalities.keys() == {"text"}
