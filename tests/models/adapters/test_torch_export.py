"""Exported programs: refused unopened without trust, and read with it."""

import hashlib
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

import model_examples as examples
from loading import load
from mmaudit.errors import InputError, UsageError

WANTED = examples.network()(
    *(torch.from_numpy(v) for v in examples.batch()[0].values()),
    torch.from_numpy(np.stack(list(examples.batch()[1].values()), axis=1)),
).detach()


class Runs:
    """A pickle that makes a file when it is opened."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def tampered(good: Path, bad: Path, payload: bytes) -> None:
    """A copy of an exported program in which the sample inputs are another pickle."""
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        names = source.namelist()
        inner = [n for n in names if "sample_inputs" in n and n.endswith(".pt")]
        assert len(inner) == 1
        for name in names:
            target.writestr(name, payload if name in inner else source.read(name))


def malicious(ran: Path) -> bytes:
    """What `torch.save` writes, with a pickle in it that runs code."""
    buffer = io.BytesIO()
    torch.save(Runs(ran), buffer)
    return buffer.getvalue()


def place(spec):
    return Path(spec.partition(":")[2].partition(",")[0])


def test_a_tampered_program_is_refused_before_it_is_opened(tmp_path):
    good = place(examples.export(tmp_path))
    bad, ran = tmp_path / "bad.pt2", tmp_path / "ran"
    tampered(good, bad, malicious(ran))
    with pytest.raises(UsageError, match="pickle") as refused:
        load(f"export:{bad},output=logits")
    assert refused.value.exit_code == 2
    assert "--trust" in refused.value.fix
    assert not ran.exists()
    pin = hashlib.sha256(good.read_bytes()).hexdigest()
    with pytest.raises(InputError, match="not the one that was pinned"):
        load(f"export:{bad},output=logits", trust=True, sha256=pin)
    assert not ran.exists()
    told = [sys.executable, "-c", f"import torch; torch.export.load({str(bad)!r})"]
    subprocess.run(told, capture_output=True, check=False)
    assert ran.exists()  # torch runs it: the refusal was what kept it from running


@pytest.mark.parametrize("named", [True, False])
def test_an_exported_program_takes_its_inputs_by_place_or_name(tmp_path, named):
    loaded = load(examples.export(tmp_path, named=named), trust=True, device="cpu")
    np.testing.assert_allclose(loaded.model.scores(*examples.batch()), WANTED, atol=1e-6)
    assert loaded.info.accepts_missing


@pytest.mark.parametrize("n", [1, 4, 7, 9])
def test_a_program_that_is_fixed_to_a_batch_is_padded_and_cut(tmp_path, n):
    loaded = load(examples.export(tmp_path, fixed=True), trust=True, device="cpu")
    assert (loaded.model.least, loaded.model.most) == (4, 4)
    batch, present = examples.batch(n)
    free = load(examples.export(tmp_path), trust=True, device="cpu")
    got = loaded.model.scores(batch, present)
    np.testing.assert_allclose(got, free.model.scores(batch, present), atol=1e-6)


def test_classes_are_the_numbers_of_the_columns_unless_named(tmp_path):
    spec = examples.export(tmp_path).replace(",classes=x,y,z", "")
    assert load(spec, trust=True, device="cpu").info.classes == ("0", "1", "2")
