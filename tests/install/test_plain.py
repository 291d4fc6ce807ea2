"""A plain installation: the newcomer's steps where nothing of the extras can be imported."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from steps import lacking, plain, write

EXTRAS = ("torch", "safetensors", "open_clip", "shap", "onnxruntime", "skops", "sklearn")
EXTRAS += ("joblib", "pandas", "faiss", "torchvision")
PLAIN = f"""
import contextlib, importlib.machinery, io, json, os, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
find = importlib.machinery.PathFinder.find_spec
importlib.machinery.PathFinder.find_spec = lambda name, *more: (
    None if name.partition(".")[0] in {EXTRAS} else find(name, *more))
from mmaudit.cli import main
for words in json.loads(sys.argv.pop()):
    sys.argv = ["mmaudit", *words.split()]
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
        code = main()
    print(json.dumps([code, out.getvalue()]))
"""


@pytest.mark.long
def test_the_steps_of_a_newcomer_need_no_extra(tmp_path):
    write(tmp_path)
    steps = [s for s in (*plain(), *lacking()) if s.words != "doctor"]  # it asks the metadata
    done = subprocess.run(
        [sys.executable, "-c", PLAIN, json.dumps([step.words for step in steps])],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    ends = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(ends) == len(steps), done.stderr
    for step, (code, said) in zip(steps, ends, strict=True):
        assert code in step.codes, (step, code, said)
        assert step.says in said, (step, said)
        assert "Traceback" not in said, said
