"""What the models of every adapter owe."""

import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit import parts
from mmaudit.inference.check import check_answers
from mmaudit.inference.self_check import row_independence, stages_agree
from mmaudit.models.access import PERSON, Access
from mmaudit.models.base import Batch, Present, Request
from mmaudit.models.batches import length, take, take_present
from mmaudit.models.calls.gradients import gradient_of
from mmaudit.models.load import KIND, Loaded, load
from mmaudit.testing.questions import ask, frozen, global_randomness, require

TOLERANCE = 1e-6  # of answers that a smaller batch may round otherwise


@dataclass(frozen=True, slots=True)
class AdapterSubject:
    """A model that an adapter loaded, and samples to ask it about."""

    spec: str
    loaded: Loaded
    batch: Batch
    present: Present

    @property
    def name(self) -> str:
        """Name of the adapter."""
        return self.spec.partition(":")[0]

    @property
    def n(self) -> int:
        """How many samples there are."""
        return length(self.batch)

    def scores(self, rows: Any = None) -> NDArray[np.float32]:
        """The model's own answers about some samples; about all by default."""
        if rows is None:
            return self.loaded.model.scores(self.batch, self.present)
        some = take(self.batch, rows), take_present(self.present, rows)
        return self.loaded.model.scores(*some)


def check_adapter(
    spec: str,
    batch: Batch,
    present: Present | None = None,
    *,
    trust: bool = True,
    skip: Collection[str] = (),
) -> None:
    """Ask a model that an adapter loads what every model owes.

    Does the adapter say what it is, and what is dangerous? Are answers float32, finite, one row a
    sample? May batches be split anywhere, and samples be asked alone and in any order? Do two
    stages, where there are two, agree with one? Are inputs left alone, though they may not be
    written to? Is global randomness untouched? Does loading it again give the same answers? Are
    gradients, where it has them, those of each sample alone?

    Args:
        spec: A model that the adapter can load, ``adapter:where``.
        batch: Values of at least four samples for each modality, as `mmaudit.models.base.Model`
            says.
        present: Which of them are there, ``(n,)`` bool for each modality; all by default.
        trust: Whether the model's file may run code.
        skip: Names of questions that do not concern it.

    Raises:
        ContractError: It fails a question, which is named.
    """
    ask(spec, subject(spec, batch, present, trust=trust), QUESTIONS, skip)


def subject(
    spec: str, batch: Batch, present: Present | None = None, *, trust: bool = True
) -> AdapterSubject:
    """The model of a spec, with samples to ask it about."""
    every = {m: np.ones(length(batch), np.bool_) for m in batch}
    access = Access(named_by=PERSON, trust=trust, device="cpu")
    return AdapterSubject(spec, load(spec, access), batch, present or every)


def the_adapter_says_what_it_is_and_what_is_dangerous(of: AdapterSubject) -> None:
    """The first line of its docstring is a sentence, and ``danger`` gives a text."""
    summary = parts.summary(KIND, of.name)
    require(summary.endswith("."), f"the docstring begins with {summary!r}, no whole sentence")
    danger = parts.load(KIND, of.name).danger(Request(spec=f"{of.name}:x:y", where="x:y"))
    require(isinstance(danger, str), f"danger gives {danger!r}")


def answers_are_float32_one_row_a_sample(of: AdapterSubject) -> None:
    """Of the shape that the model's output says, and finite."""
    answers = of.scores()
    require(answers.dtype == np.float32, f"answers are {answers.dtype}")
    require(len(answers) == of.n, f"{len(answers)} answers about {of.n} samples")
    check_answers(answers, of.n, of.loaded.info)


def batches_may_be_split_anywhere(of: AdapterSubject) -> None:
    """Two batches answer as one."""
    whole = of.scores()
    for cut in range(1, of.n):
        halves = [of.scores(range(cut)), of.scores(range(cut, of.n))]
        _same(np.concatenate(halves), whole, f"cut at {cut}")


def one_sample_alone_is_answered_alike(of: AdapterSubject) -> None:
    """A sample's answer does not depend on its neighbours."""
    whole = of.scores()
    for row in range(of.n):
        _same(of.scores([row]), whole[[row]], f"row {row} alone")


def the_order_of_samples_does_not_matter(of: AdapterSubject) -> None:
    """Answers follow their samples."""
    order = np.random.default_rng(0).permutation(of.n)
    _same(of.scores(order.tolist()), of.scores()[order], "in another order")


def it_passes_the_checks_that_audits_make(of: AdapterSubject) -> None:
    """Rows are independent, and two stages agree with one."""
    row_independence(of.loaded, of.batch, of.present)
    stages_agree(of.loaded, of.batch, of.present)


def inputs_are_left_alone_and_may_be_read_only(of: AdapterSubject) -> None:
    """Arrays that may not be written to are accepted."""
    held = [*of.batch.values(), *of.present.values()]
    before = [frozen(values) for values in held]
    for values in held:
        if isinstance(values, np.ndarray):
            values.flags.writeable = False
    of.scores()
    require([frozen(values) for values in held] == before, "an input was changed")


def global_randomness_is_untouched(of: AdapterSubject) -> None:
    """Neither NumPy's nor Python's, nor torch's where it is loaded."""
    before, torch_before = global_randomness(), _torch_randomness()
    of.scores()
    require(global_randomness() == before, "global randomness was drawn from")
    require(_torch_randomness() == torch_before, "torch's global randomness was drawn from")


def loading_it_again_gives_the_same_answers(of: AdapterSubject) -> None:
    """What travels to another process is the spec."""
    again = subject(of.spec, of.batch, of.present)
    _same(again.scores(), of.scores(), "loaded again", tolerance=0.0)
    require(again.loaded.info == of.loaded.info, "loaded again, it says other things of itself")


def gradients_are_those_of_each_sample_alone(of: AdapterSubject) -> None:
    """Those that it has are as large as the values, finite, and 0 where one is absent."""
    ask_for, output = gradient_of(of.loaded.model), of.loaded.info.output
    if ask_for is None or output == "embeddings":
        return
    several = len(of.loaded.info.classes or ()) if output.startswith("label_") else 0
    labels = np.zeros((of.n, several) if several else of.n, np.float64 if several else np.int64)
    whole = ask_for(of.batch, of.present, labels)
    rows = np.arange(1, of.n)
    some = ask_for(take(of.batch, rows), take_present(of.present, rows), labels[rows])
    for m, slope in whole.items():
        shape = np.shape(of.batch[m])
        require(np.shape(slope) == shape, f"the gradient of {m!r} has shape {np.shape(slope)}")
        require(bool(np.isfinite(slope).all()), f"the gradient of {m!r} is not finite")
        require(not np.any(slope[~of.present[m]]), f"{m!r} has a gradient where it is absent")
        most = np.abs(slope).max(initial=0.0)
        _same(slope[rows], some[m], f"the gradient of {m!r} without the first sample", 1e-4 * most)


def _torch_randomness() -> Any:
    torch = sys.modules.get("torch")
    return None if torch is None else torch.get_rng_state().tolist()


def _same(a: Any, b: Any, when: str, tolerance: float = TOLERANCE) -> None:
    far = float(np.abs(np.asarray(a, np.float64) - b).max(initial=0.0))
    require(far <= tolerance, f"{when}, answers are off by {far:.2g}")


QUESTIONS: tuple[Callable[[AdapterSubject], None], ...] = (
    the_adapter_says_what_it_is_and_what_is_dangerous,
    answers_are_float32_one_row_a_sample,
    batches_may_be_split_anywhere,
    one_sample_alone_is_answered_alike,
    the_order_of_samples_does_not_matter,
    it_passes_the_checks_that_audits_make,
    inputs_are_left_alone_and_may_be_read_only,
    global_randomness_is_untouched,
    loading_it_again_gives_the_same_answers,
    gradients_are_those_of_each_sample_alone,
)
