"""The functions of audits in Python: one each, made from what the audit says of itself.

Names, defaults and help are written once, in the audit's ``Options``; the command line's flags
and a config's keys are made from the same place, so the three cannot drift apart.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from mmaudit import parts
from mmaudit.audits.declaration import KIND, declaration
from mmaudit.models.access import PERSON
from mmaudit.options import make
from mmaudit.runs.folder import Run
from mmaudit.runs.keywords import Keyword, describe
from mmaudit.runs.run import audit
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.dataset import open as open_dataset

FIRST = {
    "dataset": Keyword("a manifest, a data path, or an opened dataset", str | Path | Dataset),
    "model": Keyword(
        "ADAPTER:WHERE, any object with modalities and scores, or a fitted estimator",
        object | None,
        None,
    ),
}
ACCESS = {
    "out": Keyword("run directory; a temporary one where there is none", str | Path | None, None),
    "trust": Keyword("open model files that can run code", bool, default=False),
    "sha256": Keyword("digest that the model file must have", str | None, None),
    "quiet": Keyword("say nothing on stderr", bool, default=False),
}


def load(path: str | Path) -> Dataset:
    """Open a dataset: a manifest, or a data path from which one is inferred.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     file = Path(folder, "pairs.jsonl")
        ...     size = file.write_text('{"caption": "a small brown dog runs", "price": 3}')
        ...     print(load(file).kinds)
        {'text': 'text', 'table': 'table'}
    """
    return open_dataset(path)


@cache
def function(name: str) -> Callable[..., Run]:
    """The function of one audit, ``(dataset, model, *, options …) -> Run``."""
    options = declaration(name).options

    def run(dataset: str | Path | Dataset, model: object | None = None, **keywords: Any) -> Run:
        access = {key: keywords.pop(key, ACCESS[key].default) for key in ACCESS}
        values = make(options, keywords, beside=ACCESS, alone=True)
        return audit(name, dataset, model, values, named_by=PERSON, **access)

    run.__name__ = run.__qualname__ = name
    describe(run, parts.summary(KIND, name), FIRST, [options], ACCESS, returns=Run)
    return run
