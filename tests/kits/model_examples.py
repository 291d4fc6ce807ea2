"""One small model for each adapter: the same function of two modalities, saved in its way."""

import warnings
from pathlib import Path

import numpy as np

N = 7
CLASSES = ("x", "y", "z")
A = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)
B = np.linspace(2, -1, 6, dtype=np.float32).reshape(2, 3) ** 2
PYTHON = """
import numpy as np

A = np.array({a}, np.float32)
B = np.array({b}, np.float32)


class Linear:
    modalities = ("a", "b")
    classes = ("x", "y", "z")
    output = "logits"
    accepts_missing = True

    def encode(self, modality, values):
        return np.asarray(values, np.float32) @ {{"a": A, "b": B}}[modality]

    def fuse(self, features, present):
        return sum(features[m] * present[m][:, None] for m in self.modalities)

    def scores(self, batch, present):
        return self.fuse({{m: self.encode(m, batch[m]) for m in self.modalities}}, present)


def factory():
    return Linear()
"""


def batch(n=N, seed=3):
    rng = np.random.default_rng(seed)
    made = {
        "a": rng.normal(size=(n, 4)).astype(np.float32),
        "b": rng.normal(size=(n, 2)).astype(np.float32),
    }
    present = {"a": np.arange(n) % 3 != 0, "b": np.arange(n) % 2 == 0}  # row 3: nothing is there
    return made, present


def network():
    import torch

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = torch.nn.Parameter(torch.from_numpy(A))
            self.b = torch.nn.Parameter(torch.from_numpy(B))

        def forward(self, a: torch.Tensor, b: torch.Tensor, present: torch.Tensor):
            return a @ self.a * present[:, :1] + b @ self.b * present[:, 1:]

    return Net().eval()


def tensors(n=4):
    import torch

    return torch.zeros(n, 4), torch.zeros(n, 2), torch.ones(n, 2, dtype=torch.bool)


def python(folder: Path) -> str:
    file = folder / "linear.py"
    file.write_text(PYTHON.format(a=A.tolist(), b=B.tolist()))
    return f"python:{file}:factory"


def sklearn(folder: Path) -> str:
    import skops.io
    from sklearn.linear_model import LogisticRegression

    x, _ = batch(90, seed=5)
    y = np.array(CLASSES)[np.arange(90) % 3]
    late = {m: LogisticRegression().fit(values, y) for m, values in x.items()}
    skops.io.dump(late, folder / "late.skops")
    return f"sklearn:{folder / 'late.skops'}"


def onnx(folder: Path, *, fixed=False, output="logits") -> str:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    rows = 4 if fixed else "n"
    inputs = [
        helper.make_tensor_value_info("a", TensorProto.FLOAT, [rows, 4]),
        helper.make_tensor_value_info("b", TensorProto.FLOAT, [rows, 2]),
        helper.make_tensor_value_info("present", TensorProto.BOOL, [rows, 2]),
    ]
    weights = [
        numpy_helper.from_array(A, "A"),
        numpy_helper.from_array(B, "B"),
        numpy_helper.from_array(np.array([0]), "zero"),
        numpy_helper.from_array(np.array([1]), "one"),
        numpy_helper.from_array(np.array([2]), "two"),
    ]
    nodes = [
        helper.make_node("Cast", ["present"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Slice", ["mask", "zero", "one", "one"], ["mask_a"]),
        helper.make_node("Slice", ["mask", "one", "two", "one"], ["mask_b"]),
        helper.make_node("MatMul", ["a", "A"], ["of_a"]),
        helper.make_node("MatMul", ["b", "B"], ["of_b"]),
        helper.make_node("Mul", ["of_a", "mask_a"], ["there_a"]),
        helper.make_node("Mul", ["of_b", "mask_b"], ["there_b"]),
        helper.make_node("Add", ["there_a", "there_b"], [output]),
    ]
    outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, [rows, 3])]
    graph = helper.make_graph(nodes, "linear", inputs, outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {"mmaudit.classes": '["x", "y", "z"]'})
    file = folder / f"linear-{fixed}.onnx"
    onnx.save(model, file)
    return f"onnx:{file}"


def torchscript(folder: Path) -> str:
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.trace(network(), tensors()).save(str(folder / "linear.pt"))
    return f"torchscript:{folder / 'linear.pt'},output=logits,classes=x,y,z"


def export(folder: Path, *, fixed=False, named=False) -> str:
    import torch

    rows = torch.export.Dim("n", min=1, max=4096)
    shapes = None if fixed else {name: {0: rows} for name in ("a", "b", "present")}
    args, kwargs = tensors(), None
    if named:
        args, kwargs = (), dict(zip(("a", "b", "present"), args, strict=True))
    program = torch.export.export(network(), args, kwargs, dynamic_shapes=shapes)
    file = folder / f"linear-{fixed}-{named}.pt2"
    torch.export.save(program, file)
    return f"export:{file},output=logits,classes=x,y,z"


ASKED = {
    "python": python,
    "sklearn": sklearn,
    "onnx": onnx,
    "torchscript": torchscript,
    "export": export,
}
LOOKED_UP = {"predictions"}  # nothing is asked of it; tests/models/adapters/test_predictions.py


FACTORIES = """
from pathlib import Path

Path({ran!r}).touch()


class Model:
    modalities = ("a",)
    classes = None

    def __init__(self, scale=1.0, device="none"):
        self.scale, self.device = float(scale), device

    def scores(self, batch, present):
        return batch["a"][:, 0] * self.scale


def plain():
    return Model()


def scaled(scale):
    return Model(scale)


def placed(device):
    return Model(device=device)


def nothing():
    return None
"""


def factories(path: Path, ran: Path) -> Path:
    """A file of functions that give models; ``ran`` is there once it was imported."""
    path.write_text(FACTORIES.format(ran=str(ran)))
    return path
