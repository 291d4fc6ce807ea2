"""Each format has one door: a library opens it in one place, which refuses what it raises."""

import ast
from pathlib import Path

import pytest

from parsed import tree

ROOT = Path(__file__).parent.parent / "mmaudit"
WORDS = ("corruptions/text/_words/", "report/formats/templates.py")  # files of the package itself
DOORS = {  # what opens a file or reads what is in it, and where that may be done
    "json.loads": {"parsing/documents.py"},
    "json.load": set(),
    "tomllib.loads": {"parsing/documents.py"},
    "tomllib.load": set(),
    "np.load": {"remedies/recipe.py"},  # its own features, where there is no mmaudit
    "open_memmap": {"parsing/npy.py"},
    "parquet.ParquetFile": {"parsing/parquet.py", "tables/store.py"},
    "parquet.read_table": set(),
    "parquet.read_schema": set(),
    "parquet.read_metadata": set(),
    "csv.reader": {"manifest/readers/csv.py"},
    "csv.DictReader": {"demo/pairs.py"},
    "tarfile.open": {"manifest/readers/webdataset.py", "injection/write/archives.py"},
    "ZipFile": {  # the last two write
        "parsing/archives.py",
        "injection/write/forms/npz.py",
        "audits/remedies/recipe/files.py",
    },
    "Image.open": set(),
    "cv2.imdecode": {"kinds/image.py"},
    "cv2.imread": set(),
    "simplejpeg.decode_jpeg": {"kinds/_jpeg_files.py"},
    "simplejpeg.decode_jpeg_header": {"kinds/image.py", "kinds/_weight.py"},
    "soundfile.read": set(),
    "soundfile.SoundFile": {"kinds/audio.py"},
    "ort.InferenceSession": {"models/adapters/onnx.py"},
    "skops.io.load": {"models/adapters/sklearn.py"},
    "skops.io.get_untrusted_types": {"models/adapters/sklearn.py"},
    "joblib.load": {"models/adapters/sklearn.py"},
    "torch.load": {"models/towers.py"},
    "torch.export.load": {"models/adapters/export.py"},
    "torch.jit.load": {"models/adapters/torchscript.py"},
    "load_file": {"models/towers.py", "demo/model.py"},
    "urlopen": {"models/towers.py"},
    "build_opener": {"manifest/_web.py"},
}
OWN = {  # these open what mmaudit itself has just written, or ships
    "engines/base.py": {"json.loads"},
    "engines/_deaths.py": {"json.loads"},
    "locks.py": {"json.loads"},  # below `parsing`; whatever is no lock of ours is nobody's
    "gate/outputs/document.py": {"json.loads"},
    "corruptions/image/_kernels/codecs.py": {"cv2.imdecode"},
    "corruptions/audio/_sound/codecs.py": {"soundfile.read"},
}

PARSING = ("Parsing", "refusing", "reading")
INSIDE = {  # what must stand in a time of parsing, wherever it stands
    name
    for name in DOORS
    if name.startswith(("parquet.", "skops", "joblib", "ort.", "torch.", "cv2.", "simplejpeg"))
    or name == "soundfile.SoundFile"
}


def calls(path):
    """Dotted names of what a file calls, each with its line and whether that is in a `Parsing`."""
    nodes = [*ast.walk(tree(path))]
    spans = [
        (node.lineno, node.end_lineno)
        for node in nodes
        if isinstance(node, ast.With) and any(_parses(item.context_expr) for item in node.items)
    ]
    for node in nodes:
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            yield name, node.lineno, any(a <= node.lineno <= b for a, b in spans)


def _parses(node):
    text = ast.unparse(node)
    return text.partition("(")[0].rpartition(".")[2] in {*PARSING, "parsing"}


FILES = sorted(ROOT.rglob("*.py"))


@pytest.fixture(scope="module")
def doors():
    listed = {}
    for path in FILES:
        place = path.relative_to(ROOT).as_posix()
        if not place.startswith(WORDS):
            listed[place] = list(calls(path))
    return listed


def door(name):
    return next((d for d in DOORS if name == d or name.endswith(f".{d}")), None)


def test_a_format_is_opened_in_one_place(doors):
    elsewhere = [
        f"{place}:{line} {name}"
        for place, names in doors.items()
        for name, line, _ in names
        if (one := door(name)) and place not in DOORS[one] and one not in OWN.get(place, ())
    ]
    assert not elsewhere


def test_what_a_library_raises_there_is_a_refusal(doors):
    open_to_bugs = [
        f"{place}:{line} {name}"
        for place, names in doors.items()
        for name, line, inside in names
        if (one := door(name)) in INSIDE and not inside and one not in OWN.get(place, ())
    ]
    assert not open_to_bugs


def test_every_door_is_used(doors):
    used = {(door(name), place) for place, names in doors.items() for name, _, _ in names}
    unused = [
        (d, place) for d, places in DOORS.items() for place in places if (d, place) not in used
    ]
    assert not unused
