"""What a user's own model file raises is the model's failure, told with its line; never a bug."""

import re

import pytest

from loading import load
from mmaudit.errors import InputError, MissingError

TOP = {  # the whole file, what is refused, and the line
    "def factory(:\n": (InputError, "SyntaxError", 1),
    "x = 1\ny = 2\0\n": (InputError, "cannot compile this file: .*null bytes", 2),
    f"x = {'-' * 100_000}1\n": (InputError, "cannot compile this file: ", 1),
    "\nraise KeyError('top')\n": (InputError, "KeyError: 'top'", 2),
    "\n\nimport sys; sys.exit(0)\n": (InputError, r"sys\.exit\(0\)", 3),
    "import no_such_module\n": (MissingError, "needs the module 'no_such_module'", 1),
    "from os import no_such_name\n": (InputError, "ImportError", 1),
    "raise ImportError('no name')\n": (InputError, "ImportError: no name", 1),
    "x = open('weights.pt')\n": (MissingError, r"not there: weights\.pt", 1),
    "import json\njson.loads('{')\n": (InputError, "JSONDecodeError", 2),
}
FACTORY = {
    "raise RuntimeError('factory')": (InputError, "RuntimeError: factory", 2),
    "raise SystemExit(1)": (InputError, r"sys\.exit\(1\)", 2),
    "import torch; torch.load('weights.pt')": (MissingError, r"not there: weights\.pt", 2),
    "return Model()": (InputError, "ValueError: a property", 5),
}
PROPERTY = """
class Model:
    @property
    def modalities(self): raise ValueError('a property')
    classes = None
    def scores(self, batch, present): pass
"""
SHAPES = {
    "def factory(path): return None": "cannot be called so: missing a required argument: 'path'",
    "class factory:\n    modalities = ('x',)\n    classes = None\n    def scores(self, batch): 0": (
        r"its scores does not take \(batch, present\)"
    ),
}


@pytest.mark.parametrize("text", TOP)
def test_a_file_that_cannot_be_loaded(tmp_path, text):
    refused(tmp_path, text, *TOP[text])


@pytest.mark.parametrize("body", FACTORY)
def test_a_factory_that_fails(tmp_path, body):
    refused(tmp_path, f"def factory():\n    {body}\n{PROPERTY[1:]}", *FACTORY[body])


@pytest.mark.parametrize("text", SHAPES)
def test_what_cannot_be_called_is_refused_before_it_is(tmp_path, text):
    (tmp_path / "model.py").write_text(text)
    with pytest.raises(InputError, match=SHAPES[text]):
        load(f"python:{tmp_path / 'model.py'}:factory")


def refused(folder, text, kind, match, line):
    file = folder / "model.py"
    file.write_text(text)
    with pytest.raises(kind, match=match) as error:
        load(f"python:{file}:factory")
    assert re.fullmatch(rf"{re.escape(str(file))}:{line}", error.value.where)
