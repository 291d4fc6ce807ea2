"""Loaders of other libraries, as their users call them; they leave files open and say nothing."""

import gc
import io
import warnings
from contextlib import contextmanager

import pytest


@contextmanager
def _leaving_files_open():
    """What another library leaves open is closed here, and is no warning of ours.

    Late in a long session, the search for it would walk through all that was loaded before, which
    took 0.8 s each time: that is put aside, once what is garbage of it is gone.
    """
    with warnings.catch_warnings():
        gc.collect(1)
        gc.freeze()
        warnings.simplefilter("ignore")
        yield
        gc.collect()


def datasets(builder, cache, **how):
    """What Hugging Face datasets load: for each split its features and its rows, media decoded."""
    hub = pytest.importorskip("datasets")
    network = pytest.importorskip("huggingface_hub.constants")
    with pytest.MonkeyPatch.context() as patch, _leaving_files_open():
        for settings in (network, hub.config):  # nothing is asked of the network, while this lasts
            patch.setattr(settings, "HF_HUB_OFFLINE", True)
        hub.disable_progress_bars()
        try:
            loaded = hub.load_dataset(builder, **how, cache_dir=str(cache))
            return {split: (rows.features, list(rows)) for split, rows in loaded.items()}
        finally:
            hub.enable_progress_bars()


def save(splits, pictures, folder):
    """Rows of splits with a picture each, as ``save_to_disk`` writes them, in two shards a split."""
    with pytest.MonkeyPatch.context() as patch, _leaving_files_open():
        patch.setenv("HF_HUB_OFFLINE", "1")
        library = pytest.importorskip("datasets")
        library.disable_progress_bars()
        types = {"id": "string", "caption": "string", "x": "float32", "age": "int16"}
        features = {name: library.Value(kind) for name, kind in types.items()}
        features |= {"kind": library.ClassLabel(names=["u", "v"]), "image": library.Image()}
        features["emb"] = library.List(library.Value("float32"))
        made = {}
        for split, rows in splits.items():
            images = [{"bytes": data, "path": None} for data in pictures[: len(rows)]]
            own = [
                {**r, "id": f"{split}{r['id']}", "image": i}
                for r, i in zip(rows, images, strict=True)
            ]
            made[split] = library.Dataset.from_list(own, library.Features(features))
        library.DatasetDict(made).save_to_disk(folder, num_shards=dict.fromkeys(made, 2))


def saved(folder):
    """What ``load_from_disk`` loads: for each split its features, its rows and its fingerprint."""
    with pytest.MonkeyPatch.context() as patch, _leaving_files_open():
        patch.setenv("HF_HUB_OFFLINE", "1")
        loaded = pytest.importorskip("datasets").load_from_disk(str(folder))
        return {s: (dict(d.features), list(d), d._fingerprint) for s, d in loaded.items()}


def encoded(image, form):
    """The bytes of a picture of Pillow."""
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


def webdataset(tar):
    """The samples of an archive as webdataset decodes them."""
    library = pytest.importorskip("webdataset")
    with _leaving_files_open():
        return list(library.WebDataset(str(tar), shardshuffle=False).decode("pil"))


def torchvision():
    """``torchvision.datasets``, also where its binary fits another torch."""
    pytest.importorskip("torch")
    from mmaudit.models.torchvision import ensure

    ensure()
    return pytest.importorskip("torchvision.datasets")
