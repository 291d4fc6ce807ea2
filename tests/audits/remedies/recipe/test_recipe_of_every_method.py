"""The recipe of every method, run where there is no mmaudit, ends in the weights of the audit."""

import shutil
import subprocess
import sys

import numpy as np
import pytest

from mmaudit import parts
from mmaudit.audits.remedies.recipe.files import archive
from mmaudit.audits.remedies.recipe.text import RecipeCondition, RecipeStage, RecipeText
from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.training import fit
from mmaudit.testing.remedies import toy

NAMES = parts.names("remedies")
SETUP = TrainingSetup(width=4, steps=6, look=3, settings=((1.5e-2, 0.0),))
ROWS = {"many": 520, "few": 60}  # one split that is held out, or folds and a training on all
FEW = ("balance/ogm_ge", "control/stacking", "dynamic/mcp", "generic/mmtm")  # one a shelf
CASES = [*((name, "many") for name in NAMES), *((name, "few") for name in FEW)]
SAME = 1e-5
# what runs recipes by the dozen, so that torch is imported once
FOLLOW = """
import importlib.abc, runpy, sys
from pathlib import Path

class Blocked(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"mmaudit", "numba", "pyarrow", "safetensors"}:
            raise ModuleNotFoundError(f"{name} is not here")

sys.meta_path.insert(0, Blocked())
for folder in sorted(Path(sys.argv[1]).iterdir()):
    runpy.run_path(str(folder / "recipe.py"), run_name="__main__")
"""


def stage(name, fitted):
    method = parts.load("remedies", name).METHOD
    point = dict(fitted.facts.point) if method.TRAINS else {}
    return RecipeStage(name, method.__module__, method.__name__, point)


def write(folder, name, rows, bases):
    """The recipe of a method, its features, and what the audit's own training came to."""
    part = parts.load("remedies", name)
    task = part.REMEDY.tasks[0]
    data, judged = (toy(task, n, i, part.REMEDY.most) for i, n in enumerate((rows, 20)))
    own = bases.setdefault((task, rows), {})
    fitted = fit(name, data, 0, SETUP, own)
    stages = [stage(name, fitted)]
    if part.METHOD.BASE:
        stages.insert(0, stage(part.METHOD.BASE, own[part.METHOD.BASE, 0]))
    text = RecipeText(
        name=name,
        why="it is asked about",
        remedy=part.REMEDY,
        stages=tuple(stages),
        setup=SETUP.for_rows(rows),
        seed=0,
        conditions=(
            RecipeCondition(
                name="clean", damaged="", damage=-1, present=data.modalities, audited=0.0
            ),
        ),
        rows=(rows, len(judged)),
    )
    arrays = {"modalities": np.array(data.modalities), "steps": np.array([*data.steps.values()])}
    if data.classes is not None:
        arrays["classes"] = np.array(data.classes)
    for half, of in (("train", data), ("judged", judged)):
        arrays[f"{half}.labels"] = of.labels
        for m in data.modalities:
            arrays[f"{half}.features.{m}"] = of.features[m]
            arrays[f"{half}.present.{m}"] = of.present[m]
    folder.mkdir()
    (folder / "recipe.py").write_text(text.whole(), "utf-8")
    (folder / "features.npz").write_bytes(archive(arrays))
    return {key: p[0].numpy() for key, p in fitted.parameters.items()}


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """What the audit's training of each method came to, and the folder where its recipe ran."""
    home, bases = tmp_path_factory.mktemp("recipes"), {}
    places = {case: home / "-".join(case).replace("/", "-") for case in CASES}
    own = {case: write(places[case], case[0], ROWS[case[1]], bases) for case in CASES}
    ask = [sys.executable, "-I", "-c", FOLLOW, str(home)]
    done = subprocess.run(ask, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("in the audit") == len(CASES)
    return {case: (own[case], place) for case, place in places.items()}


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_a_recipe_comes_to_the_weights_of_the_audit(followed, case):
    own, folder = followed[case]
    with np.load(folder / "recipe-weights.npz") as weights:
        for name, parameter in own.items():
            np.testing.assert_allclose(weights[name], parameter, rtol=0, atol=SAME, err_msg=name)


@pytest.mark.skipif(shutil.which("ruff") is None, reason="there is no ruff")
def test_recipes_read_as_files_that_are_kept(followed):
    """Formatted, without an import or a name that nobody uses, and without one that is nowhere."""
    files = [str(folder / "recipe.py") for _, folder in followed.values()]
    for ask in (["format", "--check"], ["check", "--select", "F,I"]):
        how = [*ask, "--isolated", "--config", "line-length = 100"]
        done = subprocess.run(["ruff", *how, *files], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
