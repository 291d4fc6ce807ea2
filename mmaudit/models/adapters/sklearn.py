"""A scikit-learn model in a skops file: one estimator a modality, or one for all of them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import joblib
import numpy as np
import skops.io
from numpy.typing import NDArray
from sklearn.base import is_classifier

from mmaudit.errors import InputError, UsageError
from mmaudit.models.base import Batch, Model, Output, Present, Request, Values
from mmaudit.models.batches import rows_of, stacked
from mmaudit.models.device import only_cpu
from mmaudit.models.options import listed, only
from mmaudit.names import name
from mmaudit.parsing import archives
from mmaudit.parsing.base import refusing

FRAMES = "only supported for dataframes"  # as scikit-learn says that columns are named
LIBRARIES = ("joblib", "scikit-learn", "skops")
PICKLES = {".pkl", ".pickle", ".joblib"}
TOGETHER = {"estimator", "modalities"}  # keys of the file of one estimator for all modalities


def danger(request: Request) -> str:
    """Pickles run code; a skops file runs none of types that are not known to be harmless."""
    if Path(request.where).suffix not in PICKLES:
        return ""
    return "a pickle runs code when it is opened; save the model with skops.io.dump instead"


def file(request: Request) -> Path:
    """The file itself."""
    return Path(request.where)


def load(request: Request) -> Model:
    """Load a skops file, or a trusted pickle.

    The file holds ``{modality: estimator, …}`` (late fusion: the mean of the probabilities of the
    modalities that are present), or ``{"estimator": estimator, "modalities": [name, …]}``, or a
    bare estimator with the option ``modalities=a,b`` (the modalities side by side, in that order).
    The option ``classes=a,b`` names the classes of an estimator that was fitted on their numbers,
    in the order of its ``classes_``.

    Raises:
        UsageError: The file holds types that nobody has reviewed, or does not say its modalities.
        InputError: It is not such a file, or the estimators do not fit together.
    """
    only(request, {"modalities", "classes"})
    only_cpu(request.device, "scikit-learn")
    path = Path(request.where)
    held = _pickle(path) if path.suffix in PICKLES else _skops(path, request)
    if isinstance(held, dict) and set(held) == TOGETHER:
        return Together(held["estimator"], tuple(held["modalities"]), request)
    if isinstance(held, dict):
        return _apart(held, request)
    if "modalities" not in request.options:
        raise UsageError(
            "the file holds one estimator and does not say which modalities it takes",
            where=request.spec,
            fix="add ,modalities=a,b in the order of its columns",
        )
    return Together(held, listed(request.options["modalities"]), request)


def _pickle(path: Path) -> Any:
    with refusing("the pickle cannot be read", path, "save it again, with skops.io.dump"):
        return joblib.load(path)


def _skops(path: Path, request: Request) -> Any:
    if not is_zipfile(path):
        raise InputError("this is not a skops file", where=str(path), fix="skops.io.dump(model)")
    archives.check(path)
    with refusing("the skops file cannot be read", path, "save it again"):
        strange = skops.io.get_untrusted_types(file=path)
    if strange and not request.trust:
        raise UsageError(
            f"the file holds types that skops does not trust: {', '.join(strange)}",
            where=request.spec,
            fix="--trust, if you trust whoever made the file",
        )
    with refusing("the skops file cannot be read", path, "save it again"):
        return skops.io.load(path, trusted=strange)


class Together:
    """One estimator over all modalities, side by side in the order of ``modalities``."""

    accepts_missing = False
    device = "cpu"

    def __init__(self, estimator: Any, modalities: tuple[str, ...], request: Request) -> None:
        self.modalities, self.spec = modalities, request.spec
        self.answer, self.classes = _answering(estimator, request)
        self.output: Output = "values" if self.classes is None else "probabilities"

    def scores(self, batch: Batch, present: Present) -> NDArray[np.float32]:
        """Answers, ``(n, class)`` or ``(n,)``; ``present`` is not looked at."""
        del present
        flat = [_flat(batch[m], m) for m in self.modalities]
        if any(not isinstance(columns, np.ndarray) for columns in flat):
            raise InputError(
                "one estimator over all modalities cannot take text",
                fix="one pipeline a modality: skops.io.dump({modality: pipeline, …})",
            )
        try:
            return self.answer(np.concatenate(flat, axis=1)).astype(np.float32)
        except ValueError as error:
            if FRAMES not in str(error):
                raise
            raise InputError(
                "the estimator takes columns by their names, and rows are handed over without",
                where=self.spec,
                fix="fit it with columns by number, as ColumnTransformer([(…, [0, 1])]) has them",
            ) from error


class Late:
    """One classifier a modality: the mean of the probabilities of those that are present.

    A sample of which nothing is present gets the same probability for every class.
    """

    accepts_missing = True
    device = "cpu"
    output: Output = "probabilities"

    def __init__(
        self, answers: Mapping[str, Callable[[Any], NDArray[np.float64]]], classes: tuple[str, ...]
    ) -> None:
        self.answers = answers
        self.modalities = tuple(answers)
        self.classes = classes

    def encode(self, modality: str, values: Values) -> NDArray[np.float32]:
        """Probabilities from one modality, ``(n, class)``."""
        return self.answers[modality](_flat(values, modality)).astype(np.float32)

    def fuse(
        self, features: Mapping[str, NDArray[np.float32]], present: Present
    ) -> NDArray[np.float32]:
        """The mean over what is present, ``(n, class)``."""
        there = np.stack([np.asarray(present[m], bool) for m in self.modalities])[..., None]
        probabilities = np.stack([features[m] for m in self.modalities]).astype(np.float64)
        count = there.sum(0)
        total = np.where(there, probabilities, 0).sum(0)
        uniform = 1 / len(self.classes)
        return np.where(count, total / np.maximum(count, 1), uniform).astype(np.float32)

    def scores(self, batch: Batch, present: Present) -> NDArray[np.float32]:
        """The mean over what is present, ``(n, class)``."""
        n = len(batch[self.modalities[0]])
        features = {}
        for m in self.modalities:
            features[m] = np.zeros((n, len(self.classes)), np.float32)
            rows = np.flatnonzero(present[m])
            if rows.size:  # absent values are not looked at, whatever their shape
                features[m][rows] = self.encode(m, stacked(list(rows_of(batch[m], rows))))
        return self.fuse(features, present)


class Averaged:
    """One regressor a modality: the mean of their answers."""

    accepts_missing = False  # nothing says what the answer is where nothing is present
    device = "cpu"
    classes = None
    output: Output = "values"

    def __init__(self, answers: Mapping[str, Callable[[Any], NDArray[np.float64]]]) -> None:
        self.answers = answers
        self.modalities = tuple(answers)

    def scores(self, batch: Batch, present: Present) -> NDArray[np.float32]:
        """Numbers, ``(n,)``; ``present`` is not looked at."""
        del present
        each = [self.answers[m](_flat(batch[m], m)) for m in self.modalities]
        return np.mean(each, axis=0).astype(np.float32)


def _apart(held: dict[Any, Any], request: Request) -> Model:
    spec = request.spec
    if not held or any(not isinstance(one, str) for one in held):
        raise InputError("the file names no modalities", where=spec, fix="{modality: estimator}")
    pairs = {m: _answering(estimator, request) for m, estimator in held.items()}
    answers = {m: answer for m, (answer, _) in pairs.items()}
    classes = {names for _, names in pairs.values()}
    if len(classes) > 1:
        raise InputError(
            "the estimators of the modalities do not have the same classes",
            where=spec,
            fix="fit all of them on the same labels",
        )
    shared = classes.pop()
    return Averaged(answers) if shared is None else Late(answers, shared)


def _answering(
    estimator: Any, request: Request
) -> tuple[Callable[[Any], NDArray[np.float64]], tuple[str, ...] | None]:
    """How an estimator answers, and its classes; None where its answers are numbers."""
    if hasattr(estimator, "predict_proba") and hasattr(estimator, "classes_"):
        return estimator.predict_proba, _classes(estimator, request)
    if not hasattr(estimator, "predict") or is_classifier(estimator):
        raise InputError(
            f"{type(estimator).__name__} gives no probabilities",
            where=request.spec,
            fix="a fitted estimator with predict_proba, as CalibratedClassifierCV makes one",
        )
    return estimator.predict, None


def _classes(estimator: Any, request: Request) -> tuple[str, ...]:
    """The classes of an estimator, as it was fitted on them or as the option ``classes`` says."""
    own = tuple(map(name, estimator.classes_))
    if "classes" not in request.options:
        return own
    names = listed(request.options["classes"])
    if len(names) != len(own):
        raise UsageError(
            f"classes names {len(names)}, the estimator has {len(own)}: {', '.join(own[:10])}",
            where=request.spec,
            fix="name all of them, in that order",
        )
    return names


def _flat(values: Values, modality: str) -> Any:
    """Values as the estimator takes them: texts as they are, arrays as ``(n, numbers)`` float64."""
    if len(values) and isinstance(values[0], str):
        return list(values)
    if not isinstance(values, np.ndarray):
        shapes = sorted({np.shape(value) for value in values})
        raise InputError(
            f"the values of {modality!r} have different shapes: {shapes[:3]}",
            fix="scikit-learn needs values of one shape",
        )
    if values.dtype == object:
        return values
    return values.reshape(len(values), -1).astype(np.float64)
