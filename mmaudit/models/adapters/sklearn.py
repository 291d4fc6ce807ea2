"""A scikit-learn model in a skops file: one estimator a modality, or one for all of them."""

from collections.abc import Callable, Mapping
from functools import partial
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
from mmaudit.models.calls.prepared import prepared, renamed
from mmaudit.models.device import only_cpu
from mmaudit.models.estimators.frames import arrangement, modalities_of
from mmaudit.models.estimators.skops_types import strange_types
from mmaudit.models.options import ModelOptions, listed
from mmaudit.names import name
from mmaudit.parsing import archives
from mmaudit.parsing.base import reason, refusing

LIBRARIES = ("joblib", "scikit-learn", "skops")
PICKLES = {".pkl", ".pickle", ".joblib"}
LABELS: Output = "label_probabilities"
HALF = 0.5  # the probability of a label of which nothing is known
Answer = Callable[[Batch], NDArray[np.float64]]
TOGETHER = {"estimator", "modalities"}  # keys of the file of one estimator for all modalities


def danger(request: Request) -> str:
    """Pickles run code; a skops file runs none of types that are not known to be harmless."""
    if Path(request.where).suffix.lower() not in PICKLES:
        return ""
    return "a pickle runs code when it is opened; save the model with skops.io.dump instead"


def file(request: Request) -> Path:
    """The file itself."""
    return Path(request.where)


def load(request: Request) -> Model:
    """Load a skops file, or a trusted pickle.

    The file holds ``{modality: estimator, …}`` (late fusion: the mean of the probabilities of the
    modalities that are present), or ``{"estimator": estimator, "modalities": [name, …]}``, or a
    bare estimator with the option ``modalities=a,b`` (the modalities side by side, in that order),
    which may be left out where the dataset tells: it has one modality that it can take, or the
    columns that it was fitted on by name, each in one modality.
    An estimator that was fitted on a frame is given one, with the names of the source's columns.
    The option ``classes=a,b`` names the classes of an estimator that was fitted on their numbers,
    in the order of its ``classes_``.

    Raises:
        UsageError: The file holds types that nobody has reviewed, or does not say its modalities.
        InputError: It is not such a file, or the estimators do not fit together.
    """
    said = ModelOptions.of(request, {"modalities"}, {"output_name": "an estimator has one output"})
    only_cpu(request.device, "scikit-learn")
    path = Path(request.where)
    held = _pickle(path) if path.suffix.lower() in PICKLES else _skops(path, request)
    return _prepared(held, said, request)


def of(held: Any, request: Request) -> Model:
    """What is loaded of a file, of an estimator, or a dict as a file has it, that is there already.

    Raises:
        UsageError: It does not say its modalities, and the dataset has none or several for it.
        InputError: The estimators do not fit together.
    """
    said = ModelOptions.of(request, set(), {"output_name": "an estimator has one output"})
    return _prepared(held, said, request)


def _prepared(held: Any, said: ModelOptions, request: Request) -> Model:
    model = _model(held, said, request)
    if said.output != LABELS:
        said.answers(model.output, request.spec)
    return prepared(model, said.of_pictures, request.spec)


def _model(held: Any, said: ModelOptions, request: Request) -> "Together | Late | Averaged":
    """What the file holds, as a model."""
    if isinstance(held, dict) and set(held) == TOGETHER:
        return Together(held["estimator"], tuple(held["modalities"]), said, request)
    if isinstance(held, dict):
        return _apart(held, said, request)
    named = request.options.get("modalities")
    modalities = modalities_of(held, request) if named is None else listed(named)
    return Together(held, modalities, said, request)


def _pickle(path: Path) -> Any:
    with refusing("the pickle cannot be read", path, "save it again, with skops.io.dump"):
        return joblib.load(path)


def _skops(path: Path, request: Request) -> Any:
    if not is_zipfile(path):
        raise InputError("this is not a skops file", where=str(path), fix="skops.io.dump(model)")
    archives.check(path)
    with refusing("the skops file cannot be read", path, "save it again"):
        trusted = skops.io.get_untrusted_types(file=path)
        strange = strange_types(path, trusted)
    if strange and not request.trust:
        raise UsageError(
            f"the file holds types that skops does not trust: {', '.join(strange)}",
            where=request.spec,
            fix="--trust, if you trust whoever made the file",
        )
    with refusing("the skops file cannot be read", path, "save it again"):
        return skops.io.load(path, trusted=trusted)


class Together:
    """One estimator over all modalities, side by side in the order of ``modalities``."""

    accepts_missing = False
    device = "cpu"

    def __init__(
        self, estimator: Any, modalities: tuple[str, ...], said: ModelOptions, request: Request
    ) -> None:
        self.modalities = modalities
        self.answer, self.classes = _answering(estimator, modalities, said, request)
        self.output: Output = "values" if self.classes is None else said.output or "probabilities"

    def scores(self, batch: Batch, present: Present) -> NDArray[np.float32]:
        """Answers, ``(n, class)`` or ``(n,)``; ``present`` is not looked at."""
        del present
        return self.answer(batch).astype(np.float32)


class Late:
    """One classifier a modality: the mean of the probabilities of those that are present.

    A sample of which nothing is present gets the same probability for every class, and a half for
    each of several labels.
    """

    accepts_missing = True
    device = "cpu"

    def __init__(
        self, answers: Mapping[str, Answer], classes: tuple[str, ...], output: Output
    ) -> None:
        self.output = output
        self.answers = answers
        self.modalities = tuple(answers)
        self.classes = classes

    def encode(self, modality: str, values: Values) -> NDArray[np.float32]:
        """Probabilities from one modality, ``(n, class)``."""
        return self.answers[modality]({modality: values}).astype(np.float32)

    def fuse(
        self, features: Mapping[str, NDArray[np.float32]], present: Present
    ) -> NDArray[np.float32]:
        """The mean over what is present, ``(n, class)``."""
        there = np.stack([np.asarray(present[m], bool) for m in self.modalities])[..., None]
        probabilities = np.stack([features[m] for m in self.modalities]).astype(np.float64)
        count = there.sum(0)
        total = np.where(there, probabilities, 0).sum(0)
        uniform = HALF if self.output == LABELS else 1 / len(self.classes)
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

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = answers
        self.modalities = tuple(answers)

    def scores(self, batch: Batch, present: Present) -> NDArray[np.float32]:
        """Numbers, ``(n,)``; ``present`` is not looked at."""
        del present
        each = [self.answers[m](batch) for m in self.modalities]
        return np.mean(each, axis=0).astype(np.float32)


def _apart(held: dict[Any, Any], said: ModelOptions, request: Request) -> Late | Averaged:
    spec = request.spec
    if not held or any(not isinstance(one, str) for one in held):
        raise InputError("the file names no modalities", where=spec, fix="{modality: estimator}")
    pairs = {m: _answering(estimator, (m,), said, request) for m, estimator in held.items()}
    answers = {m: answer for m, (answer, _) in pairs.items()}
    classes = {names for _, names in pairs.values()}
    if len(classes) > 1:
        raise InputError(
            "the estimators of the modalities do not have the same classes",
            where=spec,
            fix="fit all of them on the same labels",
        )
    shared = classes.pop()
    if shared is None:
        return Averaged(answers)
    return Late(answers, shared, said.output or "probabilities")


def _answering(
    estimator: Any, modalities: tuple[str, ...], said: ModelOptions, request: Request
) -> tuple[Answer, tuple[str, ...] | None]:
    """How an estimator answers, and its classes; None where its answers are numbers."""
    if said.output == LABELS and hasattr(estimator, "predict_proba"):
        ask, classes = partial(_by_label, estimator.predict_proba), said.classes
        if classes is None:
            what = "an estimator of several labels does not name them"
            raise UsageError(what, where=request.spec, fix="add ,classes=a,b in their order")
    elif hasattr(estimator, "predict_proba") and hasattr(estimator, "classes_"):
        if isinstance(estimator.classes_, list) or getattr(estimator, "multilabel_", False):
            what = "the estimator answers with several labels"
            raise UsageError(what, where=request.spec, fix=f"add ,output={LABELS},classes=a,b")
        own = tuple(map(name, estimator.classes_))
        ask = estimator.predict_proba
        classes = own if said.classes is None else renamed(said.classes, own, request.spec)
    elif not hasattr(estimator, "predict") or is_classifier(estimator):
        raise InputError(
            f"{type(estimator).__name__} gives no probabilities",
            where=request.spec,
            fix="a fitted estimator with predict_proba, as CalibratedClassifierCV makes one",
        )
    else:
        ask, classes = estimator.predict, None
    arrange = arrangement(estimator, modalities, request)

    def answer(batch: Batch) -> NDArray[np.float64]:
        values = arrange(batch)
        try:
            return ask(values)
        except ValueError as error:
            raise InputError(
                f"the estimator cannot take these values: {reason(error)}",
                where=request.spec,
                fix=f"one that was fitted on {' and '.join(modalities)} as the manifest has them",
            ) from error

    return answer, classes


def _by_label(ask: Callable[[Any], Any], values: Any) -> NDArray[np.float64]:
    """Probability of each label by itself, ``(n, label)``; of a list, of no and yes of each."""
    answer = ask(values)
    return np.stack([one[:, -1] for one in answer], axis=1) if isinstance(answer, list) else answer
