"""What every remedy owes; it is trained on a toy that is easy."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch

from mmaudit import parts
from mmaudit.arrays import Bools, Floats, Vectors
from mmaudit.remedies.base import KIND, POINTS, RemedyPart
from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.data import FeatureSource, FusionData
from mmaudit.remedies.fitted import FittedFusion
from mmaudit.remedies.saved import from_bytes, to_bytes
from mmaudit.remedies.training import fit, fit_seeds
from mmaudit.testing.questions import ask, frozen, global_randomness, require

TRAINED_ON, ASKED_ABOUT, CLASSES = 640, 60, 3  # rows, rows, classes
WIDTHS = {"a": 6, "b": 9, "c": 6}  # features of each modality
STEPS = {"a": 2, "b": 3, "c": 1}  # of time that they are of
QUICK = TrainingSetup(width=8, steps=48, look=24, settings=((1.5e-2, 0.0),))
BRIEF = TrainingSetup(
    width=8, steps=12, look=6, settings=((1.5e-2, 0.0),)
)  # where nothing has to be learned
LEARNS = 0.85  # share that is right at least, of a toy of which nearly all can be
EXPLAINS = 0.6  # share of the variance of a number
ALIKE = 2e-5  # products of matrices differ by their sizes
POISON = 1e30


@dataclass(frozen=True)
class RemedySubject:
    """A remedy, and the toy that it is tried on.

    Attributes:
        name: Name of the part.
        part: The remedy.
        task: ``class`` or ``number``.
    """

    name: str
    part: RemedyPart
    task: str

    @cached_property
    def training(self) -> FusionData:
        """Training rows, complete."""
        return toy(self.task, TRAINED_ON, 1, self.part.REMEDY.most)

    @cached_property
    def others(self) -> FusionData:
        """Other rows of the same kind."""
        return toy(self.task, ASKED_ABOUT, 2, self.part.REMEDY.most)

    @cached_property
    def fitted(self) -> FittedFusion:
        """It, trained once."""
        return fit(self.name, self.training, 0, QUICK)

    @cached_property
    def brief(self) -> bytes:
        """It, trained for a moment, as a file."""
        return self.trained_briefly()

    def trained_briefly(self, data: FusionData | None = None) -> bytes:
        """It, trained for a moment anew, as a file."""
        return to_bytes(fit(self.name, data or self.training, 0, BRIEF))


def toy(task: str, rows: int, seed: int, most: int | None = None) -> FusionData:
    """TensorRows of which every modality says the target, with noise of its own.

    Args:
        task: ``class`` or ``number``.
        rows: How many.
        seed: Of the noise; what the modalities say of a target is the same for all.
        most: Modalities at most.
    """
    world, own = np.random.default_rng(0), np.random.default_rng(seed)
    labels = own.integers(0, CLASSES, rows)
    numbers = own.normal(size=rows)
    features: dict[str, Vectors] = {}
    for m, width in list(WIDTHS.items())[:most]:
        means, slope = 1.5 * world.normal(size=(CLASSES, width)), 1.5 * world.normal(size=width)
        said = means[labels] if task == "class" else numbers[:, None] * slope
        features[m] = (said + own.normal(size=(rows, width))).astype(np.float32)
    return FusionData(
        features=features,
        present={m: np.ones(rows, np.bool_) for m in features},
        labels=labels.astype(np.int64) if task == "class" else numbers,
        classes=tuple("abc") if task == "class" else None,
        sources={m: FeatureSource(kind="vector", steps=STEPS[m]) for m in features},
    )


def answers(
    fitted: FittedFusion, features: Mapping[str, Vectors], present: Mapping[str, Bools]
) -> Floats:
    """What a trained method answers, ``(row, output)``."""
    return fitted.fuse({m: fitted.encode(m, x) for m, x in features.items()}, present)


def check_remedy(name: str, *, skip: Collection[str] = ()) -> None:
    """Ask a remedy what every remedy owes; needs torch.

    Does it say what it is, and its source? Is it the same when it is trained again, and a seed the
    same alone as beside others? Has every parameter a gradient? Does it learn what is easy? Does it
    answer with probabilities, or finite numbers, each row by itself, alike under other rows of its
    batch? Is what is absent not looked at, in training and after? Are the weights that it says of
    modalities, where it says some, weights of what is there? Does it come back from a file as
    it was? Are what it is handed and global randomness left alone?

    Args:
        name: Name of the remedy, as ``dynamic/tmc``.
        skip: Names of questions that do not concern it.

    Raises:
        ContractError: It fails a question, which is named.

    Example:
        >>> check_remedy("control/late_mean")
    """
    part: RemedyPart = parts.load(KIND, name)
    for task in part.REMEDY.tasks:
        ask(name, RemedySubject(name, part, task), QUESTIONS, skip)


def it_says_what_it_is_and_where_it_comes_from(of: RemedySubject) -> None:
    """A summary, a source, and a grid as large as every other's."""
    require(parts.summary(KIND, of.name), "its module has no docstring")
    require(of.part.REMEDY.source.strip(), "it has no source")
    require(len(of.part.REMEDY.grid) == POINTS, "its grid is not as large as the others'")
    named = of.name.endswith("_analogue")
    require(named == bool(of.part.REMEDY.analogue), "only an analogue, and each, is named so")


def a_seed_is_the_same_alone_and_beside_others(of: RemedySubject) -> None:
    """In lanes with another seed, not a bit differs."""
    beside = fit_seeds(of.name, of.training, (5, 0), BRIEF)[1]
    require(of.brief == to_bytes(beside), "another seed beside it changes it")


def it_learns_what_is_easy(of: RemedySubject) -> None:
    """TensorRows that it was not trained on."""
    out = answers(of.fitted, of.others.features, of.others.present)
    if of.task == "class":
        right = float((out.argmax(1) == of.others.labels).mean())
        require(right >= LEARNS, f"{right:.2f} of a toy that is easy are right")
    else:
        share = 1 - float(((out[:, 0] - of.others.labels) ** 2).mean()) / float(
            of.others.labels.var()
        )
        require(share >= EXPLAINS, f"{share:.2f} of the variance of a toy that is easy is told")


def it_answers_with_probabilities_or_finite_numbers(of: RemedySubject) -> None:
    """With everything there, with each modality alone, and with nothing."""
    n, names = len(of.others), of.others.modalities
    for there in (names, *((m,) for m in names), ()):
        present = {m: np.full(n, m in there) for m in names}
        out = answers(of.fitted, of.others.features, present)
        require(np.isfinite(out).all(), f"not finite with {there}")
        if of.task == "class":
            require((out >= 0).all() and np.allclose(out.sum(1), 1, atol=1e-4), "no probabilities")


def a_row_is_answered_by_itself(of: RemedySubject) -> None:
    """Not by the others of its batch, nor their order."""
    features, present = of.others.features, some_absent(of.others)
    whole = answers(of.fitted, features, present)
    for i in range(3):
        row = slice(i, i + 1)
        alone = answers(
            of.fitted,
            {m: x[row] for m, x in features.items()},
            {m: there[row] for m, there in present.items()},
        )
        require(np.allclose(alone, whole[row], atol=ALIKE), "other rows change an answer")
    turned = answers(
        of.fitted,
        {m: x[::-1].copy() for m, x in features.items()},
        {m: there[::-1].copy() for m, there in present.items()},
    )
    require(np.allclose(turned[::-1], whole, atol=ALIKE), "the order changes an answer")


def what_is_absent_is_not_looked_at(of: RemedySubject) -> None:
    """Neither in training nor after."""
    present = some_absent(of.training)
    one = replace(of.training, present=present)
    other = replace(one, features=_poisoned(of.training.features, present))
    require(
        of.trained_briefly(one) == of.trained_briefly(other),
        "a value that is absent changes the training",
    )
    there = some_absent(of.others)
    clean, poisoned = (
        answers(of.fitted, features, there)
        for features in (of.others.features, _poisoned(of.others.features, there))
    )
    require(np.array_equal(clean, poisoned), "a value that is absent changes an answer")


def its_trust_is_of_what_is_there(of: RemedySubject) -> None:
    """Where it says weights they sum to 1; evidence is 0 or more; what is absent has no weight."""
    present = some_absent(of.others)
    encoded = {m: of.fitted.encode(m, x) for m, x in of.others.features.items()}
    there = np.stack(list(present.values()), 1)
    trust, evidence = of.fitted.trust(encoded, present), of.fitted.evidence(encoded, present)
    if trust is not None:
        require(trust.shape == there.shape, "its trust is not one weight a modality")
        require(bool((trust >= 0).all()), "a weight is below 0")
        require(np.allclose(trust.sum(1), 1, atol=1e-5), "weights do not sum to 1")
        require(bool((trust[~there] == 0).all()), "what is absent has weight")
    if evidence is not None:
        require(evidence.shape == (*there.shape, CLASSES), "evidence is not one for each class")
        require(bool((evidence[there] >= 0).all()), "evidence is below 0")


def it_comes_back_from_a_file(of: RemedySubject) -> None:
    """With the same answers, bit for bit."""
    again = from_bytes(to_bytes(of.fitted), "a file")
    before, after = (answers(f, of.others.features, of.others.present) for f in (of.fitted, again))
    require(np.array_equal(before, after), "from a file it answers otherwise")


def it_is_the_same_again_and_leaves_all_as_it_was(of: RemedySubject) -> None:
    """The same bytes; what it is trained on stays what it was, and nothing global is drawn from."""
    first = of.brief
    state, randomness = torch.random.get_rng_state(), global_randomness()
    before = frozen([dict(of.training.features), of.training.labels])
    again = of.trained_briefly()
    require(first == again, "trained again it is another")
    require(before == frozen([dict(of.training.features), of.training.labels]), "rows were changed")
    require(global_randomness() == randomness, "global randomness was drawn from")
    require(torch.equal(state, torch.random.get_rng_state()), "torch's randomness was drawn from")


def some_absent(data: FusionData) -> dict[str, Bools]:
    """Each modality is absent from a quarter of the rows, never all of a row."""
    rows = np.arange(len(data))
    return {m: (rows + i) % 4 > 0 for i, m in enumerate(data.modalities)}


def _poisoned(features: Mapping[str, Vectors], present: Mapping[str, Bools]) -> dict[str, Vectors]:
    return {m: np.where(present[m][:, None], x, np.float32(POISON)) for m, x in features.items()}


QUESTIONS: tuple[Callable[[RemedySubject], None], ...] = (
    it_says_what_it_is_and_where_it_comes_from,
    a_seed_is_the_same_alone_and_beside_others,
    it_learns_what_is_easy,
    it_answers_with_probabilities_or_finite_numbers,
    a_row_is_answered_by_itself,
    what_is_absent_is_not_looked_at,
    its_trust_is_of_what_is_there,
    it_comes_back_from_a_file,
    it_is_the_same_again_and_leaves_all_as_it_was,
)
