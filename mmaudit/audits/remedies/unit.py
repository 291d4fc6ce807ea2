"""The pure function of a unit: one method trained with one seed, and what it answers."""

import json
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Floats
from mmaudit.aside import with_facts
from mmaudit.audits.remedies.answering import TRUST, Answering
from mmaudit.audits.remedies.conditions import DAMAGED, JudgedCondition
from mmaudit.audits.remedies.conflict import ConflictDraw
from mmaudit.audits.remedies.contributions import FusionGame
from mmaudit.audits.remedies.features import FeatureRows
from mmaudit.measures.games.ties import share_right
from mmaudit.names import CLEAN, CPU_SECONDS
from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.data import FusionData
from mmaudit.remedies.fitted import FittedFusion
from mmaudit.remedies.saved import to_bytes
from mmaudit.remedies.training import Bases, fit
from mmaudit.samples.skipped import with_skipped
from mmaudit.seeds import digests

TINY = 1e-12
PHI, FLOAT = "phi", pa.float64()


@dataclass(frozen=True, slots=True)
class Contestant:
    """What is trained: a remedy, and which rows it is trained on.

    Attributes:
        name: Its name in tables: the remedy's, and ``+damaged`` where damaged rows are among its.
        remedy: Name of the remedy.
        damaged: Whether it is trained on damaged rows too.
    """

    name: str
    remedy: str
    damaged: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Contest:
    """Every method with every seed; unit ``i`` is method ``i // seeds`` with seed ``i % seeds``.

    Attributes:
        contestants: What is trained.
        seeds: The seeds.
        setup: What is the same for every method.
        training: Training rows.
        damaged: Training rows with damaged copies of them; None where nobody is trained on these.
        judged: The samples that judge.
        scenes: The conditions.
        conflict: The conflict; None without one.
        seed: Seed of the coalitions, where not all are asked.
        processes: Whether units run in processes.
    """

    contestants: tuple[Contestant, ...]
    seeds: tuple[int, ...]
    setup: TrainingSetup
    training: FusionData
    damaged: FusionData | None
    judged: FeatureRows
    scenes: tuple[JudgedCondition, ...]
    conflict: ConflictDraw | None
    seed: int
    processes: bool = True
    _bases: dict[bool, Bases] = field(default_factory=lambda: {False: {}, True: {}})

    def __len__(self) -> int:
        return len(self.contestants) * len(self.seeds)

    def __call__(self, rows: range) -> pa.Table:
        """Train and judge; one row a condition and sample, conditions one after the other."""
        seconds = dict[str, float]()
        tables = [self._judged(*divmod(i, len(self.seeds)), seconds) for i in rows]
        whole = with_skipped(pa.concat_tables(tables), self.judged.skipped)
        return with_facts(whole, {CPU_SECONDS: seconds})

    def row_group(self, table: pa.Table) -> int:
        """All rows of one condition."""
        del table
        return len(self.judged)

    def _judged(self, place: int, seed: int, seconds: dict[str, float]) -> pa.Table:
        contestant = self.contestants[place]
        fitted = self.trained(contestant, self.seeds[seed])
        seconds[contestant.name] = fitted.seconds
        answering = Answering(fitted, self.judged, self.conflict)
        tables = [self.answers(answering, scene) for scene in self.scenes]
        whole = pa.concat_tables(tables)
        whole = whole.add_column(0, "method", _same(contestant.name, whole.num_rows))
        whole = whole.add_column(1, "seed", pa.array(np.full(whole.num_rows, fitted.facts.seed)))
        once = pa.nulls(whole.num_rows - 1)
        facts = json.dumps(asdict(fitted.facts), sort_keys=True)
        extra = {"facts": (facts, pa.string()), "model": (to_bytes(fitted), pa.binary())}
        for name, (value, kind) in extra.items():
            column = pa.concat_arrays([pa.array([value], kind), once.cast(kind)])
            whole = whole.append_column(name, column)
        return whole

    def brief(self, steps: int, look: int) -> "Contest":
        """The same with so many updates and a look every so many, which shares no training."""
        setup = replace(self.setup, steps=steps, look=look)
        return replace(self, setup=setup, _bases={False: {}, True: {}})

    def data_of(self, contestant: Contestant) -> FusionData:
        """The rows that one is trained on."""
        return self.damaged if contestant.damaged and self.damaged is not None else self.training

    def trained(self, contestant: Contestant, seed: int) -> FittedFusion:
        """Train it."""
        data = self.data_of(contestant)
        return fit(contestant.remedy, data, seed, self.setup, self._bases[contestant.damaged])

    def answers(self, answering: Answering, scene: JudgedCondition) -> pa.Table:
        """What is said under one condition."""
        n, labels = len(self.judged), self.judged.labels
        answer = answering.under(scene)
        columns = {
            "condition": _same(scene.name, n),
            "id": pa.array(self.judged.ids, pa.string()),
            **self._by_modality(answering, scene),
        }
        if self.training.classes is None:
            error = (answer[:, 0] - labels) ** 2
            return pa.table(columns | {"error": pa.array(error, pa.float64())})
        own = answer[np.arange(n), labels]
        return pa.table(
            columns
            | {
                "correct": pa.array(share_right(answer, labels), pa.float64()),
                "confidence": pa.array(answer.max(1), pa.float64()),
                "loss": pa.array(-np.log(np.maximum(own, TINY)), pa.float64()),
            }
        )

    def _by_modality(self, answering: Answering, scene: JudgedCondition) -> dict[str, pa.Array]:
        """Contributions of clean modalities, and trust in clean and damaged ones; else nulls."""
        names, n = tuple(self.judged.clean), len(self.judged)
        said = dict[str, Floats]()
        if scene.family == CLEAN and len(names) > 1:
            said[PHI] = self._game().contributions(answering.of_coalition)
        if scene.family in {CLEAN, DAMAGED}:
            said |= answering.trust(scene)
        return {
            f"{column}_{m}": _numbers(said[column][:, k]) if column in said else pa.nulls(n, FLOAT)
            for column in (PHI, *TRUST)
            for k, m in enumerate(names)
        }

    def _game(self) -> FusionGame:
        """The game of each sample."""
        return FusionGame(
            task="number" if self.training.classes is None else "class",
            truth=self.judged.labels,
            present=np.stack([view.present for view in self.judged.clean.values()], axis=1),
            keys=digests(self.seed, "remedies/coalitions", self.judged.ids),
        )


def _numbers(values: Floats) -> pa.Array:
    """A column of numbers, null where there is none."""
    return pa.array(values, FLOAT, mask=np.isnan(values))


def _same(name: str, n: int) -> pa.Array:
    """A name, ``n`` times."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, np.int32)), pa.array([name]))
