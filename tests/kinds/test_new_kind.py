"""A kind of modality in a file of another package does everything that our own kinds do."""

import importlib

import numpy as np
import pyarrow as pa
import pytest

from mmaudit import parts
from mmaudit.audits.contributions.pieces.detail import check_opened
from mmaudit.errors import InputError, UsageError
from mmaudit.inference.fillers import blank, mean, zeros
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.prepare import prepare
from mmaudit.injection.preview import sheet
from mmaudit.injection.run import corrupt_dataset
from mmaudit.injection.torch_dataset import Corrupted
from mmaudit.kinds import base
from mmaudit.manifest.infer import infer
from mmaudit.samples import dataset as data
from mmaudit.samples.decode import decode, stack
from mmaudit.samples.gallery import Exhibit, gallery
from mmaudit.samples.statistics import column_statistics

KIND = '''"""Colours: ``(3,)`` whole numbers from texts as ``#ff8000``."""

from hashlib import sha256

import numpy as np
import pyarrow as pa
from PIL import Image

from mmaudit.kinds.base import Claim, Fill, Kind, LooksLike, Pieces, Undecodable


def decode(cell, usual):
    if cell is None:
        return None
    try:
        return np.array([int(cell[i : i + 2], 16) for i in (1, 3, 5)], np.int64)
    except ValueError as error:
        raise Undecodable(f"not a colour: {cell}") from error


def text(colour):
    return "#%02x%02x%02x" % tuple(colour.tolist())


def claims(columns):
    for column in columns:
        if all(isinstance(v, str) and v.startswith("#") and len(v) == 7 for v in column.values):
            yield Claim(column.name, (column.name,), "texts as #rrggbb")


def pieces(colour):
    return Pieces(("red", "green", "blue"), lambda mask: np.where(mask, colour, 0), (3,))


KIND = Kind(
    decode=decode,
    encode=lambda colour, rate: text(colour).encode(),
    digest=lambda colour: sha256(text(colour).encode()).hexdigest(),
    arrays=lambda colours, names, usual: [
        pa.array([None if c is None else text(c) for c in colours], pa.string())
    ],
    empty=lambda first, shape: np.zeros(3, np.int64),
    looks_like=(LooksLike(1, claims),),
    fill=Fill(
        holds=lambda value: isinstance(value, np.ndarray) and value.dtype == np.int64,
        zeros=lambda colours: np.zeros(3, np.int64),
        blank=lambda colours: np.full(3, 255, np.int64),
        mean=lambda colours: np.mean(list(colours), axis=0),
    ),
    always_mean=True,
    pieces=pieces,
    size=lambda colour: float(colour.sum()),
    blocks=lambda colours: iter([(np.array(colours, np.float64), [])] if colours else []),
    show=lambda colour, rate: {"text": text(colour)},
    preview=lambda clean, colour, size: Image.new("RGB", size, tuple(colour.tolist())),
)
'''
FADE = '''"""Fade: a colour is darker."""

from typing import NamedTuple

import numpy as np

from mmaudit.corruptions.base import Corruption
from mmaudit.doses.base import Dose


class Severity(NamedTuple):
    share: float


CORRUPTION = Corruption(
    apply=lambda clean, severity, words: (clean * severity.share).astype(np.int64),
    severities=tuple(Severity(s) for s in (0.9, 0.8, 0.6, 0.4, 0.2)),
    units={"share": "1"},
    keeps=frozenset({"shape", "dtype"}),
    dose=Dose(
        name="darkness",
        unit="1",
        rises=True,
        measure=lambda clean, worse: float((clean - worse).sum()),
    ),
    source="ours",
)
'''
MEMORIES = (parts.names, parts.foreign, parts._points, base.load_kind)


def forget():
    for memory in MEMORIES:
        memory.cache_clear()
    importlib.invalidate_caches()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Writes modules and entry points of another package."""
    folder = tmp_path / "package"
    (folder / "stranger-1.dist-info").mkdir(parents=True)
    info = folder / "stranger-1.dist-info"
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1\n")

    def write(**modules):
        lines = [f"[{parts.GROUP}]"]
        for number, (place, source) in enumerate(modules.items()):
            module = f"{tmp_path.name}_{number}".replace("-", "_")
            (folder / f"{module}.py").write_text(source)
            lines.append(f"{place.replace('__', '/')} = {module}")
        (info / "entry_points.txt").write_text("\n".join(lines))
        forget()

    monkeypatch.syspath_prepend(str(folder))
    yield write
    forget()


@pytest.fixture
def colours(package, tmp_path):
    """A dataset of colours, one of them absent and one of them none."""
    package(kinds__colour=KIND, corruptions__colour__fade=FADE)
    rng = np.random.default_rng(0)
    rows = ["key,paint,label"]
    rows += [f"s{i},#{rng.integers(2**24):06x},{'ab'[i % 2]}" for i in range(30)]
    rows += ["s30,,a", "s31,#zzzzzz,b"]
    path = tmp_path / "paints.csv"
    path.write_text("\n".join(rows) + "\n")
    manifest = tmp_path / "dataset.toml"
    manifest.write_text(
        'schema = 1\n[source]\npath = "paints.csv"\nid = "key"\n'
        '[modality.paint]\nkind = "colour"\ncolumn = "paint"\n'
        '[target]\ncolumn = "label"\nkind = "class"\n'
    )
    return manifest


def test_init_sees_it(colours):
    assert infer(colours.with_name("paints.csv")).modalities["paint"].kind == "colour"


def test_it_is_opened_decoded_filled_and_measured(colours):
    dataset = data.open(colours)
    samples = decode(dataset, dataset.read(range(len(dataset))))
    assert [(s.id, s.reason) for s in samples.skipped] == [("s31", "not a colour: #zzzzzz")]
    assert samples.present["paint"].sum() == 30
    array = stack(samples.values["paint"], "colour")
    assert array.shape == (31, 3)
    assert not array[-1].any()
    donors = [v for v in samples.values["paint"] if v is not None]
    assert zeros(donors, "paint").tolist() == [[0, 0, 0]]
    assert blank(donors, "paint").tolist() == [[255, 255, 255]]
    assert mean(donors, "paint").tolist() == [np.rint(np.mean(donors, axis=0)).tolist()]
    assert column_statistics(dataset, "paint").count.tolist() == [30, 30, 30]


def test_it_is_cut_and_shown(colours):
    check_opened(("paint",), {"paint": "colour"})
    cut = base.load_kind("colour").pieces(np.array([1, 2, 3]))
    assert cut.without(np.array([True, False, True])).tolist() == [1, 0, 3]
    shown = gallery(data.open(colours), [Exhibit(0, "first")]).to_pylist()
    assert [(row["kind"], row["text"][0]) for row in shown] == [("colour", "#")]


def test_it_is_made_worse_drawn_and_written(colours, tmp_path):
    options = CorruptOptions(apply=("colour/fade:5", "missing/mcar_modality:3"))
    assert sheet(prepare(data.open(colours), options, None)).size[0] > 0
    worse = Corrupted(colours, ["colour/fade:5"])
    clean = data.open(colours)
    first = decode(clean, clean.read([0])).values["paint"][0]
    assert worse[0]["paint"].tolist() == (first * 0.2).astype(np.int64).tolist()
    out = tmp_path / "worse"
    corrupt_dataset(colours, out, options, max_skipped=1, quiet=True)
    written = data.open(out / "dataset.toml")
    assert written.kinds == {"paint": "colour"}
    cells = written.cells("paint", range(len(written)))
    assert cells.type == pa.string()
    assert cells.null_count > 1


def test_a_kind_that_is_not_there_is_refused_with_all_that_are(package, tmp_path):
    (tmp_path / "a.csv").write_text("x\n1\n")
    manifest = tmp_path / "dataset.toml"
    manifest.write_text(
        'schema = 1\n[source]\npath = "a.csv"\n[modality.x]\nkind = "smell"\ncolumn = "x"\n'
    )
    with pytest.raises(UsageError) as refusal:
        data.open(manifest)
    expected = "'image', 'text', 'audio', 'series', 'table' or 'vector'"
    assert refusal.value.what == f"modality.x.kind: Input should be {expected}"
    assert refusal.value.fix == "one of image, text, audio, series, table, vector"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("DECODE = 1\n", "KIND, a Kind, and has None"),
        ("KIND = 'colour'\n", "KIND, a Kind, and has 'colour'"),
        (KIND.replace("always_mean", "media"), "rewrite in its KIND; and suffixes in its KIND"),
    ],
)
def test_a_file_that_says_too_little_is_refused(package, source, message):
    package(kinds__colour=source)
    with pytest.raises(InputError) as refusal:
        base.load_kind("colour")
    assert message in refusal.value.what
