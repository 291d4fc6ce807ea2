"""Loaders of other libraries, as their users call them; they leave files open and say nothing."""

import gc
import warnings
from contextlib import contextmanager

import pytest


@contextmanager
def _leaving_files_open():
    """What another library leaves open is closed here, and is no warning of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
        gc.collect()


def datasets(builder, cache, **how):
    """What Hugging Face datasets load: for each split its features and its rows, media decoded."""
    with pytest.MonkeyPatch.context() as patch, _leaving_files_open():
        patch.setenv("HF_HUB_OFFLINE", "1")  # nothing is asked of the network
        hub = pytest.importorskip("datasets")
        hub.disable_progress_bars()
        loaded = hub.load_dataset(builder, **how, cache_dir=str(cache))
        return {split: (rows.features, list(rows)) for split, rows in loaded.items()}


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
