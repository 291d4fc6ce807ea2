"""The pure function of a unit: one method trained with one seed, and what it answers."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Bools, Floats, Vectors
from mmaudit.audits.remedies.conditions import JudgedCondition, Swap
from mmaudit.audits.remedies.features import FeatureRows, FeatureView
from mmaudit.measures.games.ties import share_right
from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.data import FusionData
from mmaudit.remedies.fitted import FittedFusion
from mmaudit.remedies.saved import to_bytes
from mmaudit.remedies.training import Bases, fit
from mmaudit.samples.skipped import with_skipped

TINY = 1e-12


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
        swap: The conflict; None without one.
        processes: Whether units run in processes.
    """

    contestants: tuple[Contestant, ...]
    seeds: tuple[int, ...]
    setup: TrainingSetup
    training: FusionData
    damaged: FusionData | None
    judged: FeatureRows
    scenes: tuple[JudgedCondition, ...]
    swap: Swap | None
    processes: bool = True
    _bases: dict[bool, Bases] = field(default_factory=lambda: {False: {}, True: {}})

    def __len__(self) -> int:
        return len(self.contestants) * len(self.seeds)

    def __call__(self, rows: range) -> pa.Table:
        """Train and judge; one row a condition and sample, conditions one after the other."""
        tables = [self._judged(*divmod(i, len(self.seeds))) for i in rows]
        return with_skipped(pa.concat_tables(tables), self.judged.skipped)

    def row_group(self, table: pa.Table) -> int:
        """All rows of one condition."""
        del table
        return len(self.judged)

    def _judged(self, place: int, seed: int) -> pa.Table:
        contestant = self.contestants[place]
        fitted = self._fitted(contestant, self.seeds[seed])
        answers = Answering(fitted, self.judged, self.swap)
        tables = [self._rows(answers.under(scene), scene) for scene in self.scenes]
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

    def _fitted(self, contestant: Contestant, seed: int) -> FittedFusion:
        data = self.damaged if contestant.damaged and self.damaged is not None else self.training
        return fit(contestant.remedy, data, seed, self.setup, self._bases[contestant.damaged])

    def _rows(self, answer: Floats, scene: JudgedCondition) -> pa.Table:
        """What is said under one condition."""
        n, labels = len(self.judged), self.judged.labels
        columns = {
            "condition": _same(scene.name, n),
            "id": pa.array(self.judged.ids, pa.string()),
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


def _same(name: str, n: int) -> pa.Array:
    """A name, ``n`` times."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, np.int32)), pa.array([name]))


@dataclass(frozen=True, slots=True, eq=False)
class Answering:
    """A trained method and what it has encoded: each modality once, clean and damaged."""

    fitted: FittedFusion
    judged: FeatureRows
    swap: Swap | None
    encoded: dict[str, tuple[Vectors, Bools]] = field(default_factory=dict)

    def under(self, scene: JudgedCondition) -> Floats:
        """Answers under one condition, ``(n, output)``."""
        h, there = dict[str, Vectors](), dict[str, Bools]()
        damaged = scene.damage.rpartition("@")[2]
        for place, (m, view) in enumerate(self.judged.clean.items()):
            if scene.damage and m == damaged:
                h[m], there[m] = self._encoded(m, scene.damage, self.judged.damaged)
            else:
                h[m], there[m] = self._encoded(m, m, {m: view})
            if scene.conflict and self.swap is not None:
                h[m], there[m] = self.swap.of(place, h[m], there[m])
            if m not in scene.present:
                there[m] = np.zeros_like(there[m])
        return self.fitted.fuse(h, there)

    def _encoded(
        self, modality: str, key: str, views: Mapping[str, FeatureView]
    ) -> tuple[Vectors, Bools]:
        if key not in self.encoded:
            view = views[key]
            self.encoded[key] = (self.fitted.encode(modality, view.values), view.present)
        return self.encoded[key]
