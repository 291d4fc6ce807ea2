"""What an adaptivity audit will do, decided before it starts: task, policy, damage, cost."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Ints
from mmaudit.audits.adaptivity.answers import passes
from mmaudit.audits.adaptivity.damage.damage import Damage, damage
from mmaudit.audits.adaptivity.natural import NaturalDose, natural_doses
from mmaudit.audits.adaptivity.options import USUAL, Options
from mmaudit.errors import UsageError
from mmaudit.inference.absence import default_policy, parse
from mmaudit.inference.check import check_classes
from mmaudit.inference.donors import Donors
from mmaudit.inference.inputs import Inputs, model_kinds
from mmaudit.inference.recorded import table_of
from mmaudit.measures.games import paired
from mmaudit.models.load import Loaded
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.memory import budget

EXACT = 8  # modalities up to which every coalition is asked, unless a budget says otherwise
BUDGET = 256  # passes a sample, clean and damaged each, beyond that, where none was given
USUAL_SAMPLES = 1000  # of training, at most, that say what entropy is usual
SIDES = 2  # clean and damaged
TASKS = {
    "probabilities": "class",
    "logits": "class",
    "values": "number",
    "label_probabilities": "multilabel",
    "label_logits": "multilabel",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What was decided.

    Attributes:
        loaded: The model.
        kinds: Kind of each of the model's modalities, in the model's order.
        task: ``class``, ``number`` or ``multilabel``.
        order: The model's column of each of the dataset's classes; None where answers are not
            judged.
        policy: The absence policy.
        why: Why it is that.
        pairs: How many pairs of coalitions are sampled; 0 asks every coalition.
        donors: What stands in for absent values, collected once.
        damage: What is done to every sample.
        natural: Checks of natural quality that trust is held against; none unless asked for.
    """

    loaded: Loaded
    kinds: Mapping[str, str]
    task: str
    order: Ints | None
    policy: str
    why: str
    pairs: int
    donors: Donors
    damage: Damage
    natural: tuple[NaturalDose, ...] = ()

    @property
    def weighted(self) -> bool:
        """Whether the model says its own fusion weights."""
        return callable(getattr(self.loaded.model, "weights", None))


def decide(options: Options, inputs: Inputs) -> Decided:
    """Decide from what was asked, and refuse what cannot be.

    Raises:
        UsageError: There is no such policy or corruption, nothing could be damaged (in bursts:
            nothing goes on in time), the budget pays for nothing, or the model's answers have no
            shares.
        InputError: The dataset and the model do not go together.
    """
    loaded = _loaded(inputs)
    kinds = model_kinds(inputs.dataset, loaded.info.modalities)
    if len(kinds) < 2:
        raise UsageError(
            "trust moves between modalities, and the model has one",
            where=loaded.info.spec,
            fix="a model of two or more modalities",
        )
    if not 0 < options.margin < 1:
        raise UsageError(f"a margin of {options.margin:g} judges nothing", fix="--margin 0.1")
    memory = budget(options.memory, options.workers)
    donors = Donors(inputs.whole, loaded.info.modalities, options.seed, memory)
    policy, why = options.absent, "as asked"
    if policy is None:
        policy, why = default_policy(loaded, donors)
    parse(policy)
    done = damage(
        options.corruptions,
        USUAL,
        kinds,
        inputs.dataset,
        inputs.whole,
        options.seed,
        in_bursts=options.bursts,
    )
    return Decided(
        loaded=loaded,
        kinds=kinds,
        task=TASKS[loaded.info.output],
        order=_order(inputs, loaded),
        policy=policy,
        why=why,
        pairs=_pairs(options.budget, len(kinds)),
        donors=donors,
        damage=done,
        natural=natural_doses(kinds, inputs.dataset) if options.natural else (),
    )


def training(setup: Decided, inputs: Inputs, seed: int) -> Dataset | None:
    """Training samples whose answers say what entropy is usual.

    Args:
        setup: What was decided.
        inputs: The data.
        seed: The run's seed.

    Returns:
        `USUAL_SAMPLES` at most, by the seed and their ids; None where answers are not of classes,
        or no split is the training's.
    """
    split = inputs.whole.split_for("train")
    if setup.task != "class" or split is None:
        return None
    return inputs.whole.select(split=split, limit=USUAL_SAMPLES, seed=seed)


def training_cost(setup: Decided, n: int) -> str:
    """How often the model is asked about training samples, said before it is."""
    each = len(setup.kinds) * max(parse(setup.policy)[1], 1)
    return f"{n:,} training samples, each modality alone: {each * n:,} more passes"


def cost(setup: Decided, n: int) -> str:
    """How often the model is asked, said before it is."""
    each = passes_a_sample(setup)
    how = f"{setup.pairs} pairs of subsets" if setup.pairs else "every subset of the modalities"
    what = "fusions" if setup.loaded.info.two_stage else "forward passes"
    return f"{each:,} {what} a sample ({how}, clean and damaged), {each * n:,} for {n:,} samples"


def passes_a_sample(setup: Decided) -> int:
    """How often the model is asked about a sample, clean and damaged."""
    subsets = passes(len(setup.kinds), setup.pairs)
    return SIDES * ((subsets - 1) * max(parse(setup.policy)[1], 1) + 1)


def _loaded(inputs: Inputs) -> Loaded:
    if inputs.model is None:
        raise UsageError("adaptivity needs a model", fix="--model ADAPTER:WHERE")
    info = inputs.model.info
    if table_of(inputs.model) is not None:
        raise UsageError(
            "a table of answers cannot be asked about samples that are damaged as they are asked",
            where=info.spec,
            fix="a model that runs here",
        )
    if info.output not in TASKS:
        raise UsageError(
            f"a model that answers with {info.output} says no shares of an answer",
            where=info.spec,
            fix="a model of probabilities, logits or numbers",
        )
    return inputs.model


def _order(inputs: Inputs, loaded: Loaded) -> Ints | None:
    """The model's column of each of the dataset's classes, where its answers can be judged."""
    if TASKS[loaded.info.output] != "class" or inputs.dataset.target_kind != "class":
        return None
    theirs, ours = loaded.info.classes or (), inputs.dataset.classes or ()
    check_classes(loaded.info, ours)
    return np.array([theirs.index(name) for name in ours], np.int64)


def _pairs(budget: int | None, modalities: int) -> int:
    """How many pairs of coalitions are sampled; 0 asks every coalition."""
    every = passes(modalities, 0)
    if budget is None and modalities <= EXACT:
        return 0
    most = BUDGET if budget is None else budget // SIDES
    if every <= most:
        return 0
    count, least = paired.affordable(modalities, most), paired.least(modalities)
    if count < least:
        fewest = min(paired.passes(modalities, least), every)
        raise UsageError(
            f"{most} passes of a sample, clean and damaged each, are too few for {modalities} "
            "modalities",
            fix=f"--budget {SIDES * fewest} or more",
        )
    return count
