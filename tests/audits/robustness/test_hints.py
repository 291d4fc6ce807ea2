"""No hint leads to a wrong number: whoever follows one gets the right number or an honest refusal."""

import re
import warnings

import numpy as np
import onnx
import pyarrow as pa
import pytest
import skops.io
from onnx import TensorProto, helper, numpy_helper
from pyarrow import parquet
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import LinearSVC

import mmaudit as mm
import vector_files
from mmaudit.errors import InputError, UsageError

N, CLASSES = 48, ("low", "mid", "top")
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 4)).astype(np.float32)
W = RNG.normal(size=(4, 3)).astype(np.float32)
HIDDEN = RNG.normal(size=(4, 8)).astype(np.float32)
LOGITS = (X @ W).astype(np.float64)
P = np.exp(LOGITS) / np.exp(LOGITS).sum(1, keepdims=True)
TRUTH = np.array([RNG.choice(3, p=p) for p in P])
SWEEP = {"corruptions": ("vector/dropout",), "severities": (1,), "replicates": 5, "quiet": True}
OUTPUTS = ("probabilities", "logits", "values", "embeddings", "label_probabilities", "label_logits")
KEYS = {
    "id": [f"s{i}" for i in range(N)] * 2,
    "condition": ["clean"] * N + ["vector/dropout:1@x"] * N,
}
VALUES = {"classes": [",".join(CLASSES)], "modalities": ["x"], "inputs": ["x:pixels"]}
VALUES["output_name"] = ["head", "hidden", "prob", "id"]
PYTHON = """
import numpy as np
W = np.array({w}, np.float32)


class Model:
    modalities, classes, accepts_missing = ("x",), {classes}, True
    {more}

    def scores(self, batch, present):
        x = np.asarray(batch["x"], np.float32) @ W
        return {answer}


def make():
    return Model()
"""
SOFTMAX = "np.exp(x) / np.exp(x).sum(1, keepdims=True)"


def graph(folder, *outputs, name="x", softmax=(), label=False):
    """An ONNX file with outputs that are each a product of x and a matrix, with a softmax or not."""
    nodes, weights, kinds = [], [], []
    for output, matrix in outputs:
        weights.append(numpy_helper.from_array(matrix, f"w_{output}"))
        into = f"{output}_" if output in softmax else output
        nodes.append(helper.make_node("MatMul", [name, f"w_{output}"], [into]))
        if output in softmax:
            nodes.append(helper.make_node("Softmax", [into], [output]))
        kinds.append(
            helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", matrix.shape[1]])
        )
    if label:  # the class, before the probabilities
        nodes.append(helper.make_node("ArgMax", [outputs[0][0]], ["label"], axis=1, keepdims=0))
        kinds.insert(0, helper.make_tensor_value_info("label", TensorProto.INT64, ["n"]))
    x = helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 4])
    made = helper.make_graph(nodes, "small", [x], kinds, weights)
    opsets = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(made, opset_imports=opsets, ir_version=8), folder / "m.onnx")
    return f"onnx:{folder / 'm.onnx'}"


def python(folder, classes, answer, more=""):
    text = PYTHON.format(w=W.tolist(), classes=classes, answer=answer, more=more)
    (folder / "m.py").write_text(text)
    return f"python:{folder / 'm.py'}:make"


def recorded(folder, numbers, **more):
    """A file of answers to the clean samples and to those under the only condition."""
    columns = {f"prob_{c}": numbers[:, i] for i, c in enumerate(CLASSES)} | more
    doubled = {name: np.concatenate([column] * 2) for name, column in columns.items()}
    parquet.write_table(pa.table(KEYS | doubled), folder / "p.parquet")
    return f"predictions:{folder / 'p.parquet'}"


def lists(folder, numbers):
    parquet.write_table(pa.table(KEYS | {"prob": [*numbers, *numbers]}), folder / "p.parquet")
    return f"predictions:{folder / 'p.parquet'}"


def estimator(folder, fitted, **entries):
    held = {"estimator": fitted, **entries} if entries else fitted
    skops.io.dump(held, folder / "m.skops")
    return f"sklearn:{folder / 'm.skops'}"


def logistic(labels):
    """A model that answers with the very probabilities."""
    model = LogisticRegression().fit(X, labels)
    model.coef_, model.intercept_ = W.T.astype(np.float64), np.zeros(3)
    return model


def torch_file(folder, ending, *, softmax, several=False):
    """A module of PyTorch in a TorchScript file, or exported."""
    torch = pytest.importorskip("torch")

    class Product(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.w = torch.nn.Parameter(torch.tensor(W))

        def forward(self, x):
            answer = x @ self.w
            answer = answer.softmax(1) if softmax else answer
            return (answer, x) if several else answer

    path, example = folder / f"m{ending}", torch.zeros(2, 4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what torch says of itself
        if ending == ".pt":
            torch.jit.trace(Product(), example).save(path)
            return f"torchscript:{path}"
        sizes = {"x": {0: torch.export.Dim("n")}}
        torch.export.save(torch.export.export(Product(), (example,), dynamic_shapes=sizes), path)
    return f"export:{path}"


SITUATIONS = {
    "torchscript: logits": lambda f: torch_file(f, ".pt", softmax=False),
    "torchscript: probabilities": lambda f: torch_file(f, ".pt", softmax=True),
    "torchscript: two outputs": lambda f: torch_file(f, ".pt", softmax=True, several=True),
    "export: logits": lambda f: torch_file(f, ".pt2", softmax=False),
    "export: probabilities": lambda f: torch_file(f, ".pt2", softmax=True),
    "an estimator as it is": lambda _: logistic(np.array(CLASSES)[TRUTH]),
    "an estimator with its modalities": lambda _: {
        "estimator": logistic(np.array(CLASSES)[TRUTH]),
        "modalities": ["x"],
    },
    "onnx: an output of no usual name, logits": lambda f: graph(f, ("scores", W)),
    "onnx: an output of no usual name, a softmax": lambda f: graph(
        f, ("scores", W), softmax={"scores"}
    ),
    "onnx: two outputs of no usual name": lambda f: graph(
        f, ("head", W), ("hidden", HIDDEN), softmax={"head"}
    ),
    "onnx: as skl2onnx writes it": lambda f: graph(
        f, ("probabilities", W), softmax={"probabilities"}, label=True
    ),
    "onnx: an output and an input with wrong names": lambda f: graph(
        f, ("probabilities", W), name="pixels"
    ),
    "onnx: logits that are a softmax": lambda f: graph(f, ("logits", W), softmax={"logits"}),
    "python: logits by default": lambda f: python(f, CLASSES, "x"),
    "python: no classes": lambda f: python(f, None, SOFTMAX),
    "python: numbers as classes": lambda f: python(f, ("0", "1", "2"), SOFTMAX),
    "python: probabilities called logits": lambda f: python(
        f, CLASSES, SOFTMAX, 'output = "logits"'
    ),
    "python: of 16 bits": lambda f: python(f, CLASSES, f"({SOFTMAX}).astype(np.float16)"),
    "python: several outputs": lambda f: python(
        f, CLASSES, f'{{"hidden": x[:, :2], "head": {SOFTMAX}}}'
    ),
    "python: percents": lambda f: python(f, CLASSES, f"100 * {SOFTMAX}"),
    "predictions: logits": lambda f: recorded(f, LOGITS),
    "predictions: logarithms": lambda f: recorded(f, np.log(P)),
    "predictions: percents": lambda f: recorded(f, 100 * P),
    "predictions: a column more": lambda f: recorded(f, P, prob_max=P.max(1)),
    "predictions: few bits": lambda f: recorded(f, P.astype(np.float16)),
    "predictions: one list": lambda f: lists(f, P),
    "predictions: one list of logits": lambda f: lists(f, LOGITS),
    "sklearn: numbers as classes": lambda f: estimator(f, logistic(TRUTH), modalities=["x"]),
    "sklearn: no modalities": lambda f: estimator(f, logistic(np.array(CLASSES)[TRUTH])),
    "sklearn: margins alone": lambda f: estimator(
        f, LinearSVC().fit(X, np.array(CLASSES)[TRUTH]), modalities=["x"]
    ),
    "sklearn: a regression": lambda f: estimator(
        f, LinearRegression().fit(X, TRUTH), modalities=["x"]
    ),
}


@pytest.fixture
def dataset(tmp_path):
    rows = {"id": [f"s{i}" for i in range(N)], "x": list(X), "label": np.array(CLASSES)[TRUTH]}
    return vector_files.write(tmp_path, rows, "x", target=vector_files.CLASS_OF_LABEL)


def said(dataset, spec):
    """The numbers of the clean samples, or the refusal."""
    try:
        run = mm.robustness(dataset, spec, trust=True, **SWEEP)
    except (InputError, UsageError) as error:
        return error
    rows = run["robustness/summary"].arrow().to_pylist()
    return {r["metric"]: r["estimate"]["value"] for r in rows if r["condition"] == "clean"}


def followed(spec, hint):
    """The specs of those who do as a hint says, whichever of the values that it names they take."""
    if not isinstance(spec, str):
        return []
    names = [m for m in re.findall(r"\b(\w+) ?=", hint) if m in {*VALUES, "output"}]
    taken = [n for n in dict.fromkeys(names) if f",{n}=" not in spec]
    specs = [spec]
    for name in taken:
        values = VALUES.get(name) or [o for o in OUTPUTS if re.search(rf"\b{o}\b", hint)]
        specs = [f"{one},{name}={value}" for one in specs for value in values]
    return [one for one in specs if one != spec]


def right(numbers):
    """Whether the numbers are those of the model's own probabilities."""
    nll = np.minimum(-np.log(P[np.arange(N), TRUTH]), -np.log(0.001)).mean()
    wanted = {"accuracy": (P.argmax(1) == TRUTH).mean(), "nll": nll}
    wanted["brier"] = ((P - np.eye(3)[TRUTH]) ** 2).sum(1).mean()
    return all(abs(numbers[m] - value) < 2e-3 for m, value in wanted.items() if m in numbers)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_whoever_follows_a_hint_gets_the_right_number_or_a_refusal(situation, dataset, tmp_path):
    ask, asked, good = [SITUATIONS[situation](tmp_path)], [], 0
    while ask:
        spec = ask.pop()
        asked.append(spec)
        answer = said(dataset, spec)
        if isinstance(answer, dict):
            assert right(answer), (spec, answer)
            good += 1
        else:
            ask += [one for one in followed(spec, answer.fix) if one not in asked]
    unanswerable = (
        "torchscript: two outputs",
        "percents",
        "a column more",
        "margins",
        "regression",
    )
    assert good or any(word in situation for word in unanswerable), situation
