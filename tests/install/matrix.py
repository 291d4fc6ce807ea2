"""The newcomer matrix: ``make matrix``, or ``python tests/install/matrix.py [CELL ...]``.

A wheel is built and installed into an empty environment, and the steps of a newcomer are taken
there. Cells: ``plain-3.11`` and so on, every Python from 3.11 that can be had; ``floors``, the
lowest versions that are declared; ``readonly``, where neither the installation
nor a home may be written; ``ascii``, under ``LANG=C``; ``all``, with every extra, the demo and a model of each
library. The folder has a space and an umlaut in its name. An exit code that no step expects is red,
and 70 is red anywhere.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from steps import BROKEN, Step, lacking, plain, write

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
BOUND = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")  # root may write all else
FLOOR = re.compile(r"([\w.-]+)(\[[\w,]+\])?>=([\w.]+)")


def pythons():
    """The Pythons of this machine, by version."""
    there = {}
    for version in PYTHONS:
        places = [*Path.home().glob(f".pyenv/versions/{version}.*/bin/python"), version]
        for place in map(str, places):
            program = shutil.which(place if "/" in place else f"python{place}")
            if program and version not in there and _works(program, version):
                there[version] = program
    return there


def _works(program, version):
    ask = [program, "-c", "import sys, venv; print('%d.%d' % sys.version_info[:2])"]
    done = subprocess.run(ask, capture_output=True, text=True, check=False)
    return done.stdout.strip() == version


def floors():
    """The lowest versions that a plain installation is declared to work with."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    return [f"{name}=={low}.*" for name, _, low in (FLOOR.match(d).groups() for d in declared)]


class Cell:
    """One environment, and the steps that are taken in it."""

    def __init__(self, name, root, python, more):
        self.name, self.root, self.before, self.faults = name, Path(root), (), []
        self.environment = self.root / "environment"
        self.folder = self.root / "mein Ördner"
        self.folder.mkdir(parents=True)
        self.variables = {"PATH": os.environ["PATH"], "HOME": str(self.root / "home"), **more}
        (self.root / "home").mkdir()
        subprocess.run([python, "-m", "venv", self.environment], check=True)

    def lock(self):
        """Let nobody write the installation and the home."""
        subprocess.run(["chmod", "-R", "a-w", self.environment, self.root / "home"], check=True)
        self.before = BOUND if os.getuid() == 0 else ()

    def install(self, *what):
        """Install into the environment."""
        pip = [self.environment / "bin" / "python", "-m", "pip", "install", "--quiet", "--quiet"]
        subprocess.run([*pip, "--disable-pip-version-check", *what], check=True, cwd=ROOT)

    def take(self, steps):
        """Take steps, and note those that do not end as they should."""
        write(self.folder)
        for step in steps:
            done = self.run(step)
            said = done.stdout + done.stderr
            if done.returncode in step.codes and step.says in said and "Traceback" not in said:
                continue
            self.faults.append(step.words)
            print(f"{self.name}: mmaudit {step.words}: {done.returncode}\n{said[-2000:]}")

    def run(self, step):
        """The real command."""
        return subprocess.run(
            [*self.before, self.environment / "bin" / "mmaudit", *step.words.split()],
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )


ARTEFACTS = """
import numpy as np, skops.io, torch
from sklearn.linear_model import LogisticRegression
x = np.random.default_rng(0).normal(size=(200, 2)).astype(np.float32)
y = np.where(x[:, 0] > 0, "up", "down")
with open("v.csv", "w") as file:
    file.write("id,a,b,label\\n")
    file.writelines(f"s{i},{a},{b},{c}\\n" for i, ((a, b), c) in enumerate(zip(x, y)))
fitted = LogisticRegression().fit(x, y)
skops.io.dump(fitted, "m.skops")
class Net(torch.nn.Module):
    def forward(self, vector):
        return torch.cat([-vector[:, :1], vector[:, :1]], 1)
example = (torch.zeros(4, 2),)
torch.jit.trace(Net(), example).save("m.pt")
with open("v.toml", "w") as file:
    file.write('schema = 1\\nname = "v"\\n[source]\\npath = "v.csv"\\nid = "id"\\n[modality.vector]\\n'
        'kind = "vector"\\ncolumns = ["a", "b"]\\n[target]\\ncolumn = "label"\\nkind = "class"\\n')
"""
OF_LIBRARIES = (
    "sklearn:m.skops",
    "torchscript:m.pt,classes=down:up,output=logits",
)


def whole(cell):
    """Every extra: the demo, and a model of each library."""
    cell.take([Step("doctor"), Step("demo demo")])
    python = cell.environment / "bin" / "python"
    subprocess.run([python, "-c", ARTEFACTS], check=True, cwd=cell.folder, env=cell.variables)
    sweep = "--corruptions vector/dropout --severities 3 --replicates 50"
    cell.take(
        Step(f"robustness v.toml --trust --model {spec} {sweep} --out run{i}")
        for i, spec in enumerate(OF_LIBRARIES)
    )


def build(python, root):
    """The wheel, built from a copy: a build folder that is there already would get into it."""
    source, wheels = root / "source", root / "wheels"
    shutil.copytree(ROOT / "mmaudit", source / "mmaudit")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    line = [python, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", wheels, source]
    subprocess.run(line, check=True)
    (wheel,) = map(str, wheels.glob("*.whl"))
    return wheel


def main(*wanted):
    """Build, install and take the steps; the number of cells that are red, at most 1."""
    red, there = [], pythons()
    first = there[min(there)]
    names = [*(f"plain-{v}" for v in there), "floors", "readonly", "ascii", "all"]
    with tempfile.TemporaryDirectory(prefix="matrix-") as folder:
        root = Path(folder)
        wheel = build(first, root)
        for name in wanted or names:
            python = there[name.partition("-")[2]] if name.startswith("plain-") else first
            more = {"LANG": "C", "LC_ALL": "C"} if name == "ascii" else {"LANG": "C.UTF-8"}
            cell = Cell(name, root / name, python, more)
            if name == "all":
                cell.install("--constraint", "constraints.txt", f"{wheel}[all]")
                whole(cell)
            else:
                cell.install(wheel, *(floors() if name == "floors" else ()))
                if name == "readonly":
                    cell.lock()
                cell.take([*plain(), *lacking()])
            print(f"{name}: {'red' if cell.faults else 'green'}", flush=True)
            red += [name] if cell.faults else []
            shutil.rmtree(root / name)
    return 1 if red else 0


if __name__ == "__main__":
    assert BROKEN
    sys.exit(main(*sys.argv[1:]))
