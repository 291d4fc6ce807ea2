import numpy as np
import pytest

import model_examples as examples
from loading import load
from mmaudit.errors import InputError, MissingError, UsageError


def truth(batch, present):
    return sum(
        batch[m] @ w * present[m][:, None] for m, w in (("a", examples.A), ("b", examples.B))
    )


def saved(folder, inputs, nodes, output, *, props=None, weights=()):
    """A small ONNX file; inputs and output as (name, element type, shape)."""
    import onnx
    from onnx import helper

    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info(*i) for i in inputs],
        [helper.make_tensor_value_info(*output)],
        list(weights),
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, props or {})
    onnx.save(model, folder / "small.onnx")
    return f"onnx:{folder / 'small.onnx'}"


def softmax(folder, output="probabilities", shape=("n", 3), **props):
    from onnx import TensorProto, helper

    return saved(
        folder,
        [("pixels", TensorProto.FLOAT, list(shape))],
        [helper.make_node("Softmax", ["pixels"], [output])],
        (output, TensorProto.FLOAT, list(shape)),
        props=props,
    )


def test_inputs_by_name_the_mask_and_the_metadata(tmp_path):
    loaded = load(examples.onnx(tmp_path), device="cpu")
    batch, present = examples.batch()
    np.testing.assert_allclose(
        loaded.model.scores(batch, present), truth(batch, present), atol=1e-6
    )
    assert loaded.info.classes == ("x", "y", "z")
    assert loaded.info.output == "logits"
    assert loaded.info.accepts_missing


@pytest.mark.parametrize("n", [1, 4, 7, 9])
def test_a_fixed_batch_is_padded_and_cut(tmp_path, n):
    loaded = load(examples.onnx(tmp_path, fixed=True), device="cpu")
    assert (loaded.model.least, loaded.model.most) == (4, 4)
    batch, present = examples.batch(n)
    np.testing.assert_allclose(
        loaded.model.scores(batch, present), truth(batch, present), atol=1e-6
    )


def test_a_modality_may_have_another_name_than_its_input(tmp_path):
    spec = softmax(tmp_path)
    with_name = load(f"{spec},inputs=image:pixels", device="cpu")
    assert with_name.info.modalities == ("image",)
    assert not with_name.info.accepts_missing
    assert load(spec, device="cpu").info.modalities == ("pixels",)
    with pytest.raises(UsageError, match="the inputs of the file are pixels"):
        load(f"{spec},inputs=image:pixel", device="cpu")
    with pytest.raises(UsageError, match="no option 'input'"):
        load(f"{spec},input=image:pixels", device="cpu")


def test_classes_are_columns_unless_named(tmp_path):
    spec = softmax(tmp_path)
    assert load(spec, device="cpu").info.classes == ("0", "1", "2")
    assert load(f"{spec},classes=r,g,b", device="cpu").info.classes == ("r", "g", "b")
    assert load(f'{spec},classes=["r, g", "b", "c"]', device="cpu").info.classes[0] == "r, g"
    with pytest.raises(UsageError, match="classes names 2, and the file answers with 3 numbers"):
        load(f"{spec},classes=r,g", device="cpu")


def test_what_the_file_does_not_say_has_to_be_said(tmp_path):
    with pytest.raises(UsageError, match="what its output is"):
        load(softmax(tmp_path, "answer"), device="cpu")
    assert (
        load(softmax(tmp_path, "answer") + ",output=logits", device="cpu").info.output == "logits"
    )
    told = softmax(tmp_path, "answer", **{"mmaudit.output": "probabilities"})
    assert load(told, device="cpu").info.output == "probabilities"
    with pytest.raises(UsageError, match="how many classes"):
        load(softmax(tmp_path, shape=("n", "k")), device="cpu")


def test_pictures_of_different_sizes_are_asked_in_groups(tmp_path):
    from onnx import TensorProto, helper, numpy_helper

    spec = saved(
        tmp_path,
        [("image", TensorProto.UINT8, ["n", "h", "w", 3])],
        [
            helper.make_node("Cast", ["image"], ["wide"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMean", ["wide"], ["mean"], axes=[1, 2, 3], keepdims=0),
            helper.make_node("Unsqueeze", ["mean", "last"], ["values"]),
        ],
        ("values", TensorProto.FLOAT, ["n", 1]),
        weights=[numpy_helper.from_array(np.array([1]), "last")],
    )
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (4 + i % 2, 5, 3), np.uint8) for i in range(5)]
    loaded = load(spec, device="cpu")
    got = loaded.model.scores({"image": images}, {"image": np.ones(5, bool)})
    np.testing.assert_allclose(got[:, 0], [i.mean() for i in images], rtol=1e-5)


def test_text_goes_in_as_text_and_nothing_else_does(tmp_path):
    from onnx import TensorProto, helper

    spec = saved(
        tmp_path,
        [("text", TensorProto.STRING, ["n"]), ("logits", TensorProto.FLOAT, ["n", 2])],
        [helper.make_node("Identity", ["logits"], ["probabilities"])],
        ("probabilities", TensorProto.FLOAT, ["n", 2]),
    )
    loaded = load(spec, device="cpu")
    there = {m: np.ones(1, bool) for m in ("text", "logits")}
    numbers = np.array([[0.25, 0.75]], np.float32)
    assert loaded.model.scores({"text": ["a"], "logits": numbers}, there).tolist() == [[0.25, 0.75]]
    with pytest.raises(InputError, match="are text"):
        loaded.model.scores({"text": ["a"], "logits": ["b"]}, there)
    with pytest.raises(InputError, match="are numbers"):
        loaded.model.scores({"text": numbers, "logits": numbers}, there)


def test_values_of_the_wrong_shape_are_an_input_error(tmp_path):
    loaded = load(softmax(tmp_path), device="cpu")
    with pytest.raises(InputError, match="refuses these values"):
        loaded.model.scores({"pixels": np.zeros((2, 5), np.float32)}, {"pixels": np.ones(2, bool)})


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x08\x07" * 50])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "model.onnx").write_bytes(content)
    with pytest.raises(InputError, match="not an ONNX model"):
        load(f"onnx:{tmp_path / 'model.onnx'}", device="cpu")


@pytest.mark.parametrize("name", [b"rows", b"pixels", b"probabilities", b"mmaudit.note", b"said"])
def test_names_that_are_no_text_are_refused(tmp_path, name):
    """Of dimensions, inputs, outputs, of the file's metadata and its values."""
    spec = softmax(tmp_path, shape=("rows", 3), **{"mmaudit.note": "said"})
    path = tmp_path / "small.onnx"
    path.write_bytes(path.read_bytes().replace(name, b"\xae" * len(name)))
    with pytest.raises((InputError, UsageError)):
        load(spec, device="cpu")


def test_a_device_that_is_not_there_is_missing(tmp_path):
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this ONNX Runtime has CUDA")
    with pytest.raises(MissingError, match="no CUDA"):
        load(examples.onnx(tmp_path), device="cuda")


def like_sklearn(folder, zipmap=False):
    """A file with two outputs, ``label`` first, as skl2onnx writes them."""
    import onnx
    from onnx import TensorProto, helper

    rows = helper.make_tensor_value_info("v", TensorProto.FLOAT, ["n", 3])
    label = helper.make_tensor_value_info("label", TensorProto.INT64, ["n"])
    odds = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 3])
    nodes = [
        helper.make_node("Softmax", ["v"], ["probabilities"]),
        helper.make_node("ArgMax", ["v"], ["label"], axis=1, keepdims=0),
    ]
    imports = [helper.make_opsetid("", 17)]
    if zipmap:
        names = {"classlabels_int64s": [0, 1, 2], "domain": "ai.onnx.ml"}
        nodes.append(helper.make_node("ZipMap", ["probabilities"], ["maps"], **names))
        imports.append(helper.make_opsetid("ai.onnx.ml", 1))
        value = helper.make_map_type_proto(
            TensorProto.INT64, helper.make_tensor_type_proto(TensorProto.FLOAT, [])
        )
        odds = helper.make_value_info("maps", helper.make_sequence_type_proto(value))
    graph = helper.make_graph(nodes, "like", [rows], [label, odds])
    model = helper.make_model(graph, opset_imports=imports, ir_version=8)
    onnx.save(model, folder / "like.onnx")
    return f"onnx:{folder / 'like.onnx'}"


@pytest.mark.parametrize("options", ["", ",output_name=probabilities,output=probabilities"])
def test_of_several_outputs_the_answer_is_found_by_its_name(tmp_path, options):
    loaded = load(f"{like_sklearn(tmp_path)},classes=a,b,c{options}", device="cpu")
    v = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    got = loaded.model.scores({"v": v}, {"v": np.ones(4, bool)})
    assert loaded.info.output == "probabilities"
    np.testing.assert_allclose(got, np.exp(v) / np.exp(v).sum(1, keepdims=True), rtol=1e-5)


def test_an_output_that_is_not_there_is_refused_with_the_close_one(tmp_path):
    with pytest.raises(UsageError, match="no output 'probability'") as caught:
        load(f"{like_sklearn(tmp_path)},classes=a,b,c,output_name=probability", device="cpu")
    assert "probabilities" in caught.value.fix


def test_maps_are_refused_by_their_name(tmp_path):
    spec = f"{like_sklearn(tmp_path, zipmap=True)},classes=a,b,c,output_name=maps"
    with pytest.raises(InputError, match="ZipMap") as caught:
        load(spec, device="cpu")
    assert "zipmap" in caught.value.fix
