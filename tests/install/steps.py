"""What a newcomer does first, with data and models of their own, and what each command ends with."""

import csv
import random
from dataclasses import dataclass
from pathlib import Path

ADD = "pip install 'mmaudit[{}]'"
MODEL = """
import numpy as np

class Length:
    modalities = ("text", "table")
    classes = ("cat", "dog")

    def scores(self, batch, present):
        dog = np.array([0.9 if "dog" in (text or "") else 0.1 for text in batch["text"]])
        return np.stack([1 - dog, dog], 1).astype(np.float32)

def make():
    return Length()
"""
BROKEN = {  # what users write, and the exit code: 3 what is wrong, 4 what is missing
    "syntax": ("def make(:\n", 3),
    "raises": ("raise ValueError('not today')\n", 3),
    "nameless": ("other = 1\n", 3),
    "module": ("import a_module_of_nobody\n", 4),
    "weights": ("def make():\n    return open('weights.bin')\n", 4),
    "modality": (MODEL.replace('"table"', '"picture"'), 3),
    "shape": (MODEL.replace("return np.stack([1 - dog, dog], 1)", "return dog[:3]"), 3),
}
SWEEP = "--corruptions text/keyboard --severities 1,5 --replicates 50"
GATE = '[[check]]\nid = "clean"\nmetric = "robustness.accuracy{condition=clean}"\nmin = 0.5\n'


@dataclass(frozen=True)
class Step:
    """A command, the exit codes that are right, and what it must say."""

    words: str
    codes: tuple[int, ...] = (0,)
    says: str = ""


def write(folder, rows=120):
    """The newcomer's own data, answers and models, in a folder."""
    rng, folder = random.Random(0), Path(folder)
    truth = [rng.choice(("cat", "dog")) for _ in range(rows)]
    said = {"cat": "the cat sat on the mat here", "dog": "a dog runs across green fields"}
    lines = [
        (f"s{i}", said[label], rng.random(), rng.random(), label) for i, label in enumerate(truth)
    ]
    with (folder / "dätä.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("id", "caption", "height", "weight", "label"), *lines])
    for name, (text, _) in {"good": (MODEL, 0), **BROKEN}.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    (folder / "gate.toml").write_text(GATE)


def plain():
    """What a plain installation does, in order."""
    model = "--model python:{}.py:make"
    yield from map(Step, ("list corruptions", "doctor", "init dätä.csv -o d.toml"))
    yield Step("corrupt d.toml worse --apply text/keyboard:3")
    yield Step(f"robustness d.toml {model.format('good')} {SWEEP} --out run")
    yield Step(f"contributions d.toml {model.format('good')} --replicates 50 --out run")
    yield from map(Step, ("gate run --config gate.toml", "gate run --suggest", "report run"))
    yield from map(Step, ("diff run run", "history run"))
    for name, (_, code) in BROKEN.items():
        yield Step(f"robustness d.toml {model.format(name)} {SWEEP} --out no", (code,), "try: ")


def lacking():
    """What ends at once where extras are not installed, and the line to type."""
    for spec, extra in (
        ("torchscript:m.pt", "torch"),
        ("openclip:a@b", "torch"),
        ("onnx:m.onnx", "onnx"),
        ("sklearn:m.skops", "skops"),
    ):
        yield Step(f"robustness d.toml --model {spec} --out no", (4,), ADD.format(extra))
    detail = "contributions d.toml --model python:good.py:make --detail text --out no"
    yield Step(detail, (4,), ADD.format("shap"))
    yield Step("demo demo", (4,), ADD.format("all"))
