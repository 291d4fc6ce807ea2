"""What holds of both torch formats."""

import pickle

import pytest

import model_examples as examples
from loading import load
from mmaudit.errors import InputError, UsageError


@pytest.mark.parametrize("adapter", ["export", "torchscript"])
def test_without_trust_nobody_looks_whether_the_file_is_there(adapter):
    with pytest.raises(UsageError, match=r"opened|opening"):
        load(f"{adapter}:not/there.pt2,output=logits")


def test_values_of_the_wrong_shape_are_an_input_error(tmp_path):
    batch, present = examples.batch()
    wrong = {**batch, "a": batch["a"][:, :3].copy()}
    for spec in (examples.torchscript(tmp_path), examples.export(tmp_path)):
        loaded = load(spec, trust=True, device="cpu")
        with pytest.raises(InputError, match="refuses these values"):
            loaded.model.scores(wrong, present)


@pytest.mark.parametrize("content", [b"", b"nonsense", pickle.dumps({"a": 1})])
@pytest.mark.parametrize("adapter", ["export", "torchscript"])
def test_other_files_are_refused(tmp_path, adapter, content):
    (tmp_path / "model.bin").write_bytes(content)
    with pytest.raises(InputError):
        load(f"{adapter}:{tmp_path / 'model.bin'},output=logits", trust=True, device="cpu")
