"""The newcomer matrix: ``make matrix``, or ``python tests/install/matrix.py [CELL ...]``.

A wheel is built and installed into an empty environment, and the steps of a newcomer are taken
there. Cells: ``plain-3.11`` and so on, every Python from 3.11 that can be had; ``floors``, the
lowest versions that are declared; ``readonly``, where neither the installation
nor a home may be written; ``ascii``, under ``LANG=C``; ``all``, with every extra, the demo and an
artefact of each library. ``here``, which CI takes, is the wheel beside the packages of the running
Python, under ``LANG=C``: nothing is downloaded but what builds it. The folder has a space and an umlaut in its name. An exit code that no step expects is red,
and 70 is red anywhere.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from pathlib import Path

from steps import BROKEN, Step, lacking, plain, write

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
BOUND = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")  # root may write all else
UNICODE = {"LANG": "C.UTF-8"}
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
        bare = ["--without-pip"] if name == "here" else []
        subprocess.run([python, "-m", "venv", *bare, self.environment], check=True)

    def lock(self):
        """Let nobody write the installation and the home."""
        subprocess.run(["chmod", "-R", "a-w", self.environment, self.root / "home"], check=True)
        self.before = BOUND if os.getuid() == 0 else ()

    def install(self, *what):
        """Install into the environment."""
        pip = [self.environment / "bin" / "python", "-m", "pip", "install", "--quiet", "--quiet"]
        subprocess.run([*pip, "--disable-pip-version-check", *what], check=True, cwd=ROOT)

    def borrow(self, wheel):
        """Install the wheel alone, beside the packages of the running Python."""
        pip = [sys.executable, "-m", "pip", "--python", self.environment / "bin" / "python"]
        subprocess.run([*pip, "install", "--quiet", "--no-deps", wheel], check=True)
        (site,) = self.environment.glob("lib/python*/site-packages")
        (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"))

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

    def python(self, *words):
        """Run Python in the environment."""
        done = subprocess.run(
            [self.environment / "bin" / "python", *words],
            cwd=self.folder,
            env=self.variables,
            check=False,
        )
        self.faults += [words] if done.returncode else []

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


SWEEP = "--corruptions vector/dropout --severities 3 --replicates 50"
AUDIT = f"robustness v.toml --trust {SWEEP} --model {{}} --out run-{{}}"
INSIDE = "contributions pairs.toml --model python:words.py:make --detail text --detail-samples 2"
EMBEDDED = "vector=image.npy,text=text.npy"
LOGITS = "classes=down,up,output=logits"
OF_LIBRARIES = (  # what reads the artefacts of each library
    AUDIT.format("sklearn:m.skops,modalities=vector", "skops"),
    AUDIT.format("sklearn:m.joblib,modalities=vector", "joblib"),
    AUDIT.format(f"onnx:m.onnx,{LOGITS}", "onnx"),
    AUDIT.format(f"torchscript:m.pt,{LOGITS}", "torchscript"),
    AUDIT.format(f"export:m.pt2,{LOGITS}", "export"),
    f"{INSIDE} --replicates 50 --out run-shap",
    "init v.h5 -o h.toml",
    "corrupt h.toml worse-h5 --apply vector/dropout:3",
    f"noisy-pairs pairs.toml --modalities vector,text --embeddings {EMBEDDED} --out run-faiss",
)
FRAMES = (
    "import mmaudit as mm, pathlib;"
    "print(mm.Run(pathlib.Path('run-skops'))['robustness/summary'].to_pandas().shape)"
)


def whole(cell):
    """Every extra: the demo with a model of open_clip, and an artefact of each other library."""
    shutil.copy(ROOT / "tests" / "install" / "artefacts.py", cell.folder)
    cell.take([Step("doctor"), Step("demo demo")])
    cell.python("artefacts.py")
    cell.take(map(Step, OF_LIBRARIES))
    cell.python("-c", FRAMES)


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


def fill(cell, wheel):
    """Install what a cell stands for, and take its steps."""
    if cell.name == "all":
        cell.install("--constraint", "constraints.txt", f"{wheel}[all]")
        whole(cell)
    elif cell.name == "here":
        cell.borrow(wheel)
        cell.take(step for step in plain() if step.codes == (0,))  # `make test` asks the others
    else:
        cell.install(wheel, *(floors() if cell.name == "floors" else ()))
        if cell.name == "readonly":
            cell.lock()
            cell.take([Step("doctor", says="mmaudit-kernels-")])  # in the temporary folder
        cell.take([*plain(), *lacking()])


def main(*wanted):
    """Build, install and take the steps; the number of cells that are red, at most 1."""
    red, there = [], pythons() if wanted != ("here",) else {}
    first = there[min(there)] if there else sys.executable
    names = [*(f"plain-{v}" for v in there), "floors", "readonly", "ascii", "all"]
    with tempfile.TemporaryDirectory(prefix="matrix-") as folder:
        root = Path(folder)
        wheel = build(first, root)
        for name in wanted or names:
            python = there[name.partition("-")[2]] if name.startswith("plain-") else first
            more = {"LANG": "C", "LC_ALL": "C"} if name in {"ascii", "here"} else UNICODE
            cell = Cell(name, root / name, python, more)
            fill(cell, wheel)
            print(f"{name}: {'red' if cell.faults else 'green'}", flush=True)
            red += [name] if cell.faults else []
            shutil.rmtree(root / name)
    return 1 if red else 0


if __name__ == "__main__":
    assert BROKEN
    sys.exit(main(*sys.argv[1:]))
