import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from mmaudit.errors import InputError, UsageError
from mmaudit.kinds import audio, image
from mmaudit.kinds.base import Shape
from mmaudit.samples import dataset as data
from mmaudit.samples.memory import COPIES, batches, budget, spans

D = 64
STREAM = """
import sys
from pathlib import Path
from mmaudit.samples import dataset as data
from mmaudit.samples.decode import decode, stack
dataset = data.open(Path(sys.argv[1]))
for start in range(0, len(dataset), 2048):
    batch = dataset.read(range(start, min(start + 2048, len(dataset))))
    stack(decode(dataset, batch).values["x"], "vector")
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak.split()[1]) // 1024)
"""


def peak_mib(folder, n, group):
    schema = pa.schema([("x", pa.list_(pa.float32(), D))])
    x = np.random.default_rng(0).standard_normal((min(n, group), D), dtype=np.float32)
    part = pa.table({"x": pa.FixedSizeListArray.from_arrays(x.ravel(), D)}, schema=schema)
    with parquet.ParquetWriter(folder / "data.parquet", schema) as writer:
        for start in range(0, n, group):
            writer.write_table(part.slice(0, n - start), row_group_size=group)
    told = [sys.executable, "-c", STREAM, str(folder / "data.parquet")]
    return int(subprocess.run(told, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
@pytest.mark.parametrize(("n", "group", "most"), [(500_000, 2**20, 100), (1_000_000, 2**16, 200)])
def test_memory_does_not_grow_with_what_rows_carry(tmp_path, n, group, most):
    few, many = (peak_mib(tmp_path, count, group) for count in (5_000, n))
    assert most < n * D * 4 / 2**20  # what is carried: 122 and 244 MiB
    assert many - few < most  # row numbers, ids, and a cache with an upper bound


def weighed(tmp_path, sides):
    folder = tmp_path / "data"
    folder.mkdir()
    rng = np.random.default_rng(0)
    pictures = [image.encode(rng.integers(0, 255, (s, s, 3), np.uint8)) for s in sides]
    table = pa.table({"id": [f"s{i}" for i in range(len(sides))], "image": pictures})
    parquet.write_table(table, folder / "rows.parquet")
    (folder / "dataset.toml").write_text(
        'schema = 1\nname = "d"\n[source]\npath = "rows.parquet"\nid = "id"\n'
        '[modality.image]\nkind = "image"\ncolumn = "image"\n'
    )
    return data.open(folder / "dataset.toml"), [
        len(p) + COPIES * 3 * s * s for p, s in zip(pictures, sides, strict=True)
    ]


def test_spans_have_every_sample_once_in_order_and_keep_to_the_memory(tmp_path):
    sides = [8, 40, 9, 31, 64, 5, 5, 5, 60, 20] * 9
    dataset, weights = weighed(tmp_path, sides)
    every = np.arange(len(sides))
    for memory in (max(weights), 2 * max(weights), 10 * max(weights), sum(weights)):
        some = list(spans(dataset, every, memory, batch=3))
        assert np.concatenate(some).tolist() == every.tolist()
        assert all(sum(weights[i] for i in span) <= memory for span in some)
        assert all(len(span) for span in some)
    assert len(some) == 1


def test_spans_have_whole_batches_where_one_fits(tmp_path):
    dataset, weights = weighed(tmp_path, [32] * 23)
    some = list(spans(dataset, np.arange(23), 11 * max(weights), batch=4))
    assert [len(span) for span in some] == [8, 8, 7]


def test_a_sample_above_the_memory_is_refused_with_its_weight_and_the_option(tmp_path):
    dataset, weights = weighed(tmp_path, [8, 8, 300, 8])
    with pytest.raises(InputError, match=r"'s2' takes 1\.\d MB .* has 0.5 MB of --memory"):
        list(spans(dataset, np.arange(4), 500_000))
    assert weights[2] > 500_000


@pytest.mark.parametrize("amount", ["", "0MB", "much", "-1GB", "1e3MB", "5", "12 XB"])
def test_what_is_no_amount_of_memory_is_refused(amount):
    with pytest.raises(UsageError, match="is no amount of memory"):
        budget(amount, 1)


def test_workers_share_the_memory_and_none_said_is_half_of_what_there_is():
    assert budget("1GB", 4) == 250_000_000
    assert budget("1GiB", 4) == 2**28
    assert 2 * budget(None, 2) <= budget(None, 1) <= machine() // 2


def machine():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def test_what_headers_tell_is_what_decoding_takes():
    rng = np.random.default_rng(0)
    for shape, depth in (((9, 7, 3), np.uint8), ((9, 7, 1), np.uint8), ((9, 7, 3), np.uint16)):
        pixels = rng.integers(0, 255, shape, depth)
        assert image.KIND.weight(image.encode(pixels), Shape()) == pixels.nbytes
    for form in ("jpeg", "webp"):
        pixels = rng.integers(0, 255, (9, 7, 3), np.uint8)
        assert image.KIND.weight(image.encode(pixels, form), Shape()) >= pixels.nbytes
    assert image.KIND.weight(image.encode(pixels), Shape(max_pixels=62)) == 0
    sound = np.zeros((1000, 2), np.float32)
    for exact in (True, False):
        weight = audio.KIND.weight(audio.encode(sound, 8000, exact=exact), Shape())
        assert sound.nbytes <= weight <= sound.nbytes + 200


class Counting:
    """A reader that counts the rows that are taken."""

    def __init__(self, reader):
        self.reader, self.taken = reader, 0

    def __getattr__(self, name):
        return getattr(self.reader, name)

    def __len__(self):
        return len(self.reader)

    def take(self, columns, rows):
        self.taken += len(rows)
        return self.reader.take(columns, rows)


def test_batches_keep_to_the_memory_and_every_file_is_read_once(tmp_path):
    dataset, weights = weighed(tmp_path, [8, 40, 9, 31, 64, 5, 5, 5, 60, 20] * 9)
    positions = np.arange(len(weights))[::-1]
    dataset.source.reader = reader = Counting(dataset.source.reader)
    for memory in (max(weights), 3 * max(weights), sum(weights)):
        reader.taken = 0
        names = [b.column("id").to_pylist() for b in batches(dataset, positions, memory)]
        assert [name for some in names for name in some] == [f"s{i}" for i in positions]
        assert max(sum(weights[int(name[1:])] for name in some) for some in names) <= memory
        assert reader.taken == len(positions)


def test_a_batch_without_samples_is_read_and_one_too_heavy_is_refused(tmp_path):
    dataset, _ = weighed(tmp_path, [8, 8, 300, 8])
    assert [b.num_rows for b in batches(dataset, np.zeros(0, np.int64), 1)] == [0]
    with pytest.raises(InputError, match=r"'s2' takes 1\.\d MB .* has 0.5 MB of --memory"):
        list(batches(dataset, np.arange(4), 500_000))
