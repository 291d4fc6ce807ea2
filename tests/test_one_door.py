"""One door: whatever can run code is loaded in one way, which knows who named it.

Every key of every file that mmaudit reads, and every option that it has, is given a model that runs
code: none of it runs but where whoever runs the command named it, or says ``--trust``.
"""

import ast
import json
import os
import pickle
import re
from dataclasses import fields
from pathlib import Path

import pytest

import mmaudit as mm
import two_vectors
from mmaudit import parts
from mmaudit.audits.declaration import declaration
from mmaudit.cli.audits import audit_command
from mmaudit.errors import MMAuditError, UsageError
from mmaudit.gate import config as gates
from mmaudit.injection.options import CorruptOptions, How
from mmaudit.injection.record.verify import verify
from mmaudit.manifest.model import Modality, Source, Target
from mmaudit.options import naming_models
from mmaudit.runs.config import PLAIN_KEYS, dry_run, run_config
from parsed import tree

ROOT = Path(__file__).parents[1] / "mmaudit"
AUDITS = parts.names("audits")
SMALL = {
    "robustness": {
        "corruptions": ["vector/dropout"],
        "severities": [1],
        "replicates": 2,
        "missing": True,
    },
    "contributions": {"replicates": 2, "absent": ["zeros"]},
    "noisy_pairs": {"method": "similarity", "limit": 32},
}
CODE = "from pathlib import Path\nPath({ran!r}).touch()\ndef factory():\n    return None\n"
DANGEROUS = {"python": "evil.py:factory", "sklearn": "evil.pkl"}
OPTIONS = [(a, f.name) for a in AUDITS for f in fields(declaration(a).options)]
NAMING = [(a, name) for a in AUDITS for name in naming_models(declaration(a).options)]
MODELS = [("", "model"), *NAMING]


class Evil:
    def __init__(self, ran):
        self.ran = ran

    def __reduce__(self):
        return os.mkdir, (self.ran,)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder that somebody else made: data, and models that run code when they are opened."""
    import skops.io
    from sklearn.linear_model import LogisticRegression

    folder = tmp_path_factory.mktemp("theirs")
    manifest = two_vectors.make(folder, 48)
    rows = mm.load(manifest).read(range(48))
    label = rows.column("label").to_pylist()
    left = rows.column("left").to_pylist()
    one = LogisticRegression().fit(left, label)
    skops.io.dump({"left": one, "right": one}, folder / "model.skops")
    ran = str(folder / "ran")
    (folder / "evil.py").write_text(CODE.format(ran=ran))
    (folder / "evil.pkl").write_bytes(pickle.dumps(Evil(ran)))
    return folder


@pytest.fixture(autouse=True)
def nothing_ran(request):
    """After every question: whether code ran is asked by the name of what it makes."""
    yield
    if "place" in request.fixturenames:
        clear(request.getfixturevalue("place"))


def ran(place):
    return (place / "ran").exists()


def clear(place):
    if (place / "ran").is_dir():
        (place / "ran").rmdir()
    (place / "ran").unlink(missing_ok=True)


def toml(tables):
    """TOML of plain keys and of tables."""
    lines = [f"{k} = {json.dumps(v)}" for k, v in tables.items() if not isinstance(v, dict)]
    for name, keys in tables.items():
        if isinstance(keys, dict):
            lines += [f"[{name}]", *(f"{k} = {json.dumps(v)}" for k, v in keys.items())]
    return "\n".join(lines) + "\n"


def several(kind, key):
    """Whether an option takes several values."""
    return "tuple" in str({f.name: f.type for f in fields(kind)}[key])


def value(kind, key, spec):
    """An option that names a model: alone, in a list, or as the model of a modality."""
    spec = f"left={spec}" if key == "unimodal" else spec
    return [spec] if several(kind, key) else spec


def config(place, audit, key, spec):
    """An ``audit.toml`` with a model that runs code in one place; no audit is a plain key."""
    tables = {"schema": 1, "dataset": "dataset.toml", "model": "sklearn:model.skops"}
    name = audit or "contributions"
    tables[name] = dict(SMALL.get(name, {}))
    if audit:
        tables[name][key] = value(declaration(audit).options, key, spec)
    else:
        tables[key] = spec
    path = place / "audit.toml"
    path.write_text(toml(tables))
    return path


def refusal(function, *arguments, **keywords):
    """What a call is refused with; None where it is not."""
    try:
        function(*arguments, **keywords)
    except MMAuditError as error:
        return error
    return None


@pytest.mark.parametrize(("audit", "key"), [*(("", k) for k in PLAIN_KEYS), *OPTIONS])
def test_no_key_of_a_config_runs_code(place, tmp_path, audit, key):
    no_key_runs_code(place, tmp_path, audit, key, "python")


@pytest.mark.parametrize(("audit", "key"), MODELS)
def test_no_key_of_a_config_opens_a_pickle(place, tmp_path, audit, key):
    no_key_runs_code(place, tmp_path, audit, key, "sklearn")


def no_key_runs_code(place, tmp_path, audit, key, adapter):
    path = config(place, audit, key, f"{adapter}:{DANGEROUS[adapter]}")
    for rehearsal in (True, False):
        act = (dry_run, path) if rehearsal else (run_config, path, tmp_path / "run")
        refused = refusal(*act)
        assert not ran(place)
        if (audit, key) in MODELS:
            assert isinstance(refused, UsageError)
            assert refused.fix.startswith("--trust")
            assert refused.where.startswith(str(path))


@pytest.mark.parametrize("rehearsal", [True, False])
@pytest.mark.parametrize(("audit", "key"), MODELS)
def test_with_trust_the_same_keys_do(place, tmp_path, audit, key, rehearsal):
    """So the question above is asked where code would run."""
    path = config(place, audit, key, "python:evil.py:factory")
    act = (dry_run, path) if rehearsal else (run_config, path, tmp_path / "run")
    assert "not a model" in str(refusal(*act, trust=True))
    assert ran(place)


@pytest.mark.parametrize("adapter", DANGEROUS)
@pytest.mark.parametrize("key", [f.name for kind in (CorruptOptions, How) for f in fields(kind)])
def test_no_key_of_a_recipe_runs_code(place, tmp_path, key, adapter):
    spec = f"{adapter}:{DANGEROUS[adapter]}"
    recipe = place / "recipe.toml"
    recipe.write_text(toml({"apply": "vector/dropout:1@left", "limit": 4, key: spec}))
    refused = refusal(mm.corrupt, place / "dataset.toml", tmp_path / "out", recipe=recipe)
    assert not ran(place)
    if key in naming_models(CorruptOptions):
        assert refused.fix.startswith("--trust")
        again = refusal(
            mm.corrupt, place / "dataset.toml", tmp_path / "out", recipe=recipe, trust=True
        )
        assert again is not None
        assert ran(place)


@pytest.mark.parametrize("adapter", DANGEROUS)
def test_no_key_of_a_card_runs_code(place, tmp_path, adapter):
    apply = ("vector/dropout:1@left",)
    mm.corrupt(place / "dataset.toml", tmp_path / "out", apply=apply, limit=4, quiet=True)
    path = tmp_path / "out" / "card.json"
    card = json.loads(path.read_text())
    spec = f"{adapter}:{place / DANGEROUS[adapter]}"
    for key in card["options"]:
        entries = card | {"options": card["options"] | {key: spec}}
        path.write_text(json.dumps(entries))
        refusal(verify, path)
        assert not ran(place), key
    for key in card:
        path.write_text(json.dumps(card | {key: spec}))
        refusal(verify, path)
        assert not ran(place), key


def test_no_key_of_a_manifest_or_a_gate_runs_code(place):
    plain = (place / "dataset.toml").read_text()
    for name, kind in (("source", Source), ("modality.left", Modality), ("target", Target)):
        for key in kind.model_fields:
            lines = [s for s in plain.splitlines() if not s.startswith(f"{key} =")]
            lines.insert(lines.index(f"[{name}]") + 1, f'{key} = "python:evil.py:factory"')
            (place / "theirs.toml").write_text("\n".join(lines))
            refusal(mm.load, place / "theirs.toml")
            assert not ran(place), key
    for key in ("id", "expect", "metric", *gates.LIMITS, *gates.CHOICES, "until"):
        (place / "gate.toml").write_text(f'[[check]]\n{key} = "python:evil.py:factory"\n')
        assert refusal(gates.read, place / "gate.toml")
        assert not ran(place), key


@pytest.mark.parametrize("adapter", ["sklearn", "export", "torchscript"])
@pytest.mark.parametrize(("audit", "key"), MODELS)
def test_files_that_run_code_need_trust_whoever_names_them(place, audit, key, adapter):
    """In Python as on the command line, which makes its call from the same options."""
    spec = f"{adapter}:{place / 'evil.pkl'}"
    name = audit or "contributions"
    model = spec if key == "model" else f"sklearn:{place / 'model.skops'}"
    if not declaration(name).needs_model:
        model = None
    own = {} if key == "model" else {key: value(declaration(name).options, key, spec)}
    keywords = SMALL.get(name, {}) | own
    with pytest.raises(UsageError) as refused:
        getattr(mm, name)(place / "dataset.toml", model, quiet=True, **keywords)
    assert refused.value.fix.startswith("--trust")
    assert not ran(place)


def test_code_that_a_person_names_runs(place):
    with pytest.raises(MMAuditError, match="not a model"):
        mm.noisy_pairs(place / "dataset.toml", encoder=f"python:{place / 'evil.py'}:factory")
    assert ran(place)


@pytest.mark.parametrize("audit", AUDITS)
def test_a_command_that_can_name_a_model_has_trust(audit):
    says = declaration(audit)
    flags = audit_command(audit).__signature__.parameters
    assert ("trust" in flags) == bool(says.needs_model or naming_models(says.options))


RUNNERS = {  # what runs code that it is given, and the files that may call it
    "exec_module": {"models/adapters/python.py"},
    "import_module": {
        "__init__.py",  # its own folders
        "injection/write/formats.py",  # the forms of its own folder, by a fixed list
        "parts.py",  # parts, of mmaudit and of packages that are installed
        "models/adapters/python.py",
        "kinds/image.py",  # PIL's plug-ins, by a fixed list
        "kinds/audio.py",
        "kinds/_weight.py",  # the same plug-ins of PIL
        "measures/pairs/neighbours.py",
    },
    "resolve_name": {"__init__.py", "runs/actions.py"},  # of fixed names, and of an audit's own
    "pickle.load": set(),
    "pickle.loads": {
        "engines/local.py",  # what this process packed
        "engines/_remote.py",  # what the command packed, whose cluster runs any code it sends
        "testing/readers.py",
    },
    "joblib.load": {"models/adapters/sklearn.py"},
    "skops.io.load": {"models/adapters/sklearn.py"},
    "torch.load": {"models/towers.py"},
    "torch.jit.load": {"models/adapters/torchscript.py"},
    "torch.export.load": {"models/adapters/export.py"},
    "eval": set(),
    "exec": set(),
    "__import__": set(),
    "CDLL": {"endings/native.py", "samples/memory.py"},  # the C library that this process has
    "LoadLibrary": set(),
    "system": set(),
    "popen": set(),
    "Popen": set(),
    "subprocess.run": {"runs/record/occasion.py"},  # git, by a fixed command
}
BUILT_IN = {"eval", "exec", "__import__"}
HARMLESS = {"np.load": "allow_pickle", "torch.load": "weights_only"}  # with this said


@pytest.fixture(scope="module")
def calls():
    """Every call in the package: the file, what is called, and its keywords."""
    return [
        (
            path.relative_to(ROOT).as_posix(),
            ast.unparse(node.func),
            {k.arg: ast.unparse(k.value) for k in node.keywords},
        )
        for path in sorted(ROOT.rglob("*.py"))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
    ]


def test_what_runs_code_is_called_in_few_places(calls):
    for file, name, keywords in calls:
        last = name.rpartition(".")[2]
        for runner, places in RUNNERS.items():
            method = "." not in runner and runner not in BUILT_IN and last == runner
            if name == runner or method:
                assert file in places, f"{file} calls {name}"
        if name in HARMLESS:
            safe = {"allow_pickle": "False", "weights_only": "True"}[HARMLESS[name]]
            assert keywords.get(HARMLESS[name]) == safe, f"{file} calls {name}"


def test_adapters_are_loaded_by_the_door_alone(calls):
    """What imports one, or asks for one by name, is the door, or asks what it says of itself."""
    for path in ROOT.rglob("*.py"):
        file = path.relative_to(ROOT).as_posix()
        if not file.startswith("models/adapters/"):
            text = path.read_text("utf-8")
            wanted = re.findall(r"(?:import|from) mmaudit\.models\.adapters\.(\w+)", text)
            assert set(wanted) <= {"predictions"}, file  # a table of answers; it runs nothing
    asking = {f for f, name, _ in calls if name == "part.load"}
    assert asking == {"models/load.py"}
