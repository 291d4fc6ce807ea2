"""The options that every adapter has: one meaning, whatever the model is made of."""

import numpy as np
import pytest

import model_examples as examples
from loading import load
from mmaudit.errors import InputError, UsageError
from mmaudit.models.pictures import Pictures

MEAN, STD = (0.4, 0.5, 0.6), (0.2, 0.25, 0.3)
USUAL = "scale=1/255,mean=0.4,0.5,0.6,std=0.2,0.25,0.3"
NETWORK = """
import numpy as np


class Means:
    modalities = ("image",)
    classes = None

    def scores(self, batch, present):
        x = np.asarray(batch["image"], np.float32)
        assert x.shape[1] == 3
        return {"hidden": x, "logits": x.mean(axis=(2, 3))}


def factory():
    return Means()
"""


def pictures(n=4, h=6, w=8, c=3):
    return np.random.default_rng(0).integers(0, 256, (n, h, w, c), np.uint8)


def wanted(values):
    """Means of the normalised channels."""
    x = values.astype(np.float64) / 255
    return ((x - MEAN) / STD).mean(axis=(1, 2))


def as_python(folder):
    (folder / "means.py").write_text(NETWORK)
    return f"python:{folder / 'means.py'}:factory,output_name=logits"


def as_onnx(folder):
    import onnx
    from onnx import TensorProto, helper

    shape = ["n", 3, "h", "w"]
    graph = helper.make_graph(
        [
            helper.make_node("Identity", ["pixel_values"], ["hidden"]),
            helper.make_node("GlobalAveragePool", ["hidden"], ["pooled"]),
            helper.make_node("Flatten", ["pooled"], ["head"]),
        ],
        "means",
        [helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, shape)],
        [
            helper.make_tensor_value_info("hidden", TensorProto.FLOAT, shape),
            helper.make_tensor_value_info("head", TensorProto.FLOAT, ["n", 3]),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "means.onnx")
    return f"onnx:{folder / 'means.onnx'},inputs=image:pixel_values,output_name=head"


def as_torchscript(folder):
    import torch

    class Means(torch.nn.Module):
        def forward(self, image):
            return image, image.mean((2, 3))

    with pytest.warns(DeprecationWarning, match="torch"):
        torch.jit.trace(Means().eval(), torch.zeros(2, 3, 6, 8)).save(str(folder / "means.pt"))
    return f"torchscript:{folder / 'means.pt'},output_name=1"


def as_export(folder):
    import torch

    class Means(torch.nn.Module):
        def forward(self, image: torch.Tensor):
            return {"hidden": image * 1, "logits": image.mean((2, 3))}

    rows = torch.export.Dim("n", min=1, max=64)
    example = (torch.zeros(2, 3, 6, 8),)
    program = torch.export.export(Means().eval(), example, dynamic_shapes=({0: rows},))
    torch.export.save(program, folder / "means.pt2")
    return f"export:{folder / 'means.pt2'},output_name=logits"


@pytest.mark.parametrize("form", [as_python, as_onnx, as_torchscript, as_export])
def test_a_usual_vision_model_needs_no_wrapper(form, tmp_path):
    spec = f"{form(tmp_path)},output=logits,classes=a,b,c,layout=nchw,{USUAL}"
    loaded, x = load(spec, trust=True, device="cpu"), pictures()
    assert (loaded.info.classes, loaded.info.output) == (("a", "b", "c"), "logits")
    got = loaded.model.scores({"image": x}, {"image": np.ones(4, bool)})
    np.testing.assert_allclose(got, wanted(x), atol=1e-4)


@pytest.mark.parametrize("adapter", examples.ASKED)
def test_classes_are_renamed_in_every_adapter(adapter, tmp_path):
    spec = examples.ASKED[adapter](tmp_path).replace(",classes=x,y,z", "")
    loaded = load(f"{spec},classes=p,q,r", trust=True, device="cpu")
    assert loaded.info.classes == ("p", "q", "r")
    batch, present = examples.batch()
    assert loaded.model.scores(batch, present).shape == (examples.N, 3)
    if adapter in {"python", "sklearn"}:  # they name their classes themselves
        for names, what in (("p,q", "names 2, the model has 3"), ("y,x,z", "another order")):
            with pytest.raises(UsageError, match=what):
                load(f"{spec},classes={names}", device="cpu")
    with pytest.raises(UsageError, match="no layout 'nchv'"):
        load(f"{spec},layout=nchv", trust=True, device="cpu")
    spec = f"{spec},classes=p,q,r,scale=1"
    with pytest.raises(InputError, match="are of pictures, and the model is asked with none"):
        load(spec, trust=True, device="cpu").model.scores(batch, present)


@pytest.mark.parametrize("form", [as_onnx, as_torchscript])
def test_of_several_outputs_none_is_taken_by_chance(form, tmp_path):
    spec = form(tmp_path).rpartition(",output_name=")[0]

    def ask():
        options = ",output=logits,classes=a,b,c,layout=nchw,scale=1"
        model = load(spec + options, trust=True, device="cpu").model
        model.scores({"image": pictures()}, {"image": np.ones(4, bool)})

    with pytest.raises(UsageError, match="several outputs") as caught:
        ask()
    assert "output_name=" in caught.value.fix


def test_pictures_are_resized_as_pillow_does():
    from PIL import Image

    x = pictures(n=1)[0]
    got = Pictures.of({"size": "4x5"}, "").prepared([x, x[:, :6]])
    assert got.shape == (2, 4, 5, 3)
    ours = np.asarray(Image.fromarray(x).resize((5, 4), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(got[0], ours)


def test_channels_are_those_of_the_mean_and_sixteen_bits_are_their_share():
    three = Pictures.of({"scale": "1/255", "mean": "0,0,0"}, "")
    grey = pictures(c=1)
    np.testing.assert_allclose(three.prepared(grey), np.repeat(grey / 255, 3, -1), rtol=1e-6)
    clear = pictures(c=4)
    np.testing.assert_allclose(three.prepared(clear), clear[..., :3] / 255, rtol=1e-6)
    deep = np.full((1, 2, 2, 1), 65535, np.uint16)
    np.testing.assert_allclose(three.prepared(deep), 1.0, rtol=1e-6)
    with pytest.raises(InputError, match="2 numbers of mean or std, and pictures of 1"):
        Pictures.of({"scale": "1", "mean": "1,2"}, "").prepared(grey)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"mean": "0.5"}, "of which scale"),
        ({"scale": "1/0"}, "no number"),
        ({"scale": "0"}, "leaves nothing"),
        ({"scale": "1", "std": "0"}, "more than 0"),
        ({"scale": "1", "mean": "a"}, "no numbers"),
        ({"size": "0"}, "no size"),
        ({"size": "2x"}, "no size"),
    ],
)
def test_what_means_nothing_is_refused(options, what):
    with pytest.raises(UsageError, match=what):
        Pictures.of(options, "m")
