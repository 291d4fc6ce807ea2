"""Imports go one way: left to right along the flow of data, and never back."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "mmaudit"
BASE = {"contract", "errors", "files", "formats", "names", "options", "parts", "rows", "seeds"}
BASE |= {"progress", "version"}
MAY_IMPORT = {
    "errors": set(),
    "contract": {"errors"},
    "parts": {"errors"},
    "files": {"errors"},
    "formats": set(),
    "options": {"errors", "parts"},
    "seeds": {"errors"},
    "rows": {"errors"},
    "names": set(),
    "progress": set(),
    "version": set(),
    # the left half: from data to typed rows
    "kinds": BASE,
    "doses": BASE | {"kinds"},
    "manifest": BASE | {"kinds"},
    "samples": BASE | {"kinds", "manifest"},
    "corruptions": BASE | {"kinds", "doses"},
    "models": BASE | {"samples"},
    "measures": BASE,
    "inference": BASE | {"kinds", "samples", "models", "measures"},
    "remedies": BASE | {"samples", "models", "measures"},
    # the table is the only thing that both halves know
    "tables": BASE,
    "engines": BASE | {"tables"},
    "injection": BASE
    | {"kinds", "doses", "manifest", "samples", "corruptions", "engines", "tables"},
    "audits": BASE
    | {"kinds", "manifest", "samples", "corruptions", "models", "inference", "remedies"}
    | {"measures", "injection", "engines"},
    # the right half: from tables to people and to verdicts
    "report": BASE | {"tables"},
    "gate": BASE | {"tables"},
    # what joins the two halves: the functions behind the commands, and the commands
    "runs": BASE
    | {"kinds", "manifest", "samples", "corruptions", "injection", "models", "inference"}
    | {"measures", "remedies", "engines", "audits", "tables", "report", "gate"},
    "demo": BASE | {"manifest", "samples", "models", "measures", "tables", "runs"},
    "cli": BASE
    | {"manifest", "samples", "corruptions", "injection", "models", "audits"}
    | {"tables", "report", "gate", "runs", "demo", "engines"},
}
THIRD_PARTY = {  # who may import what that is heavy
    "torch": {"models", "inference", "remedies", "measures", "demo"},
    "open_clip": {"models"},
    "shap": {"audits"},
    "typer": {"cli"},
    "rich": {"cli", "report", "progress", "runs"},
    "ray": {"engines"},
    "jinja2": {"report"},
    "cv2": {"kinds", "doses", "corruptions", "demo"},
    "sklearn": {"models", "measures", "audits", "demo"},
    "pandas": {"runs"},
}


def modules():
    return sorted(p for p in ROOT.rglob("*.py") if p.parent != ROOT or p.stem in BASE)


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            yield from (
                [f"{node.module}.{a.name}" for a in node.names]
                if node.module == "mmaudit"
                else [node.module]
            )


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_follow_the_flow(path):
    here = path.relative_to(ROOT).parts[0].removesuffix(".py")
    for name in imports(path):
        top, *rest = name.split(".")
        if top == "mmaudit" and rest and rest[0] != here:
            assert rest[0] in MAY_IMPORT[here], f"{here} may not import {rest[0]}"
        if top in THIRD_PARTY:
            assert here in THIRD_PARTY[top], f"{here} may not import {top}"


def test_every_folder_has_a_place():
    folders = {p.name for p in ROOT.iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert folders <= set(MAY_IMPORT)
