"""A recipe: one method trained with one seed and one setting, from arrays in a file.

`mmaudit remedies` writes this as one file beside its features, with everything that it needs of
mmaudit's own sources, so that the best method can be trained where mmaudit is not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mmaudit.arrays import Bools, Floats, Vectors
from mmaudit.remedies.context import LaneContext, TrainingSetup
from mmaudit.remedies.data import FeatureSource, FusionData, Standard, scale_of
from mmaudit.remedies.lanes import Lane, rows_of, train
from mmaudit.remedies.layers import Parameters
from mmaudit.remedies.method import Method
from mmaudit.remedies.validation import split


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRecipe:
    """What is trained, and what it is asked.

    Attributes:
        stages: The method with its setting; in front of it the one whose training it reads, if any.
        setup: What is the same for every method.
        seed: The seed.
        conditions: Of each condition, the modality that is damaged, the number of the damage among
            the arrays, and which modalities are there; -1 for no damage.
        audited: What the network of the audit had under each: accuracy, or mean squared error.
    """

    stages: Sequence[tuple[Method, Mapping[str, float]]]
    setup: TrainingSetup
    seed: int
    conditions: Mapping[str, tuple[str, int, Sequence[str]]]
    audited: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class RecipeNetwork:
    """What came of a recipe.

    Attributes:
        method: The method.
        parameters: Of one lane.
        context: What the method may know.
        standards: How each modality is standardised.
        number: Mean and deviation by which a number is no longer standardised.
    """

    method: Method
    parameters: Parameters
    context: LaneContext
    standards: Mapping[str, Standard]
    number: tuple[float, float]

    @torch.no_grad()
    def answers(self, features: Mapping[str, Vectors], present: Mapping[str, Bools]) -> Floats:
        """Probabilities ``(n, class)``, or numbers ``(n, 1)``.

        Args:
            features: Of each modality in its own units, ``(n, d)``.
            present: Which are there, ``(n,)``.
        """
        p, c = self.parameters, self.context
        there = {m: torch.from_numpy(present[m])[None] for m in c.modalities}
        h = {
            m: self.method.encode(
                p, c, m, torch.from_numpy(self.standards[m](features[m], present[m]))[None]
            )
            for m in c.modalities
        }
        answer = self.method.fuse(p, c, h, there)[0].double().numpy()
        return answer * self.number[1] + self.number[0]

    def save(self, path: Path) -> None:
        """Write the weights, and how features are standardised, as a NumPy archive."""
        arrays: dict[str, Any] = {name: p[0].numpy() for name, p in self.parameters.items()}
        for m, scale in self.standards.items():
            arrays |= {f"mean.{m}": scale.mean, f"deviation.{m}": scale.deviation}
        np.savez(path, **arrays)


def learn(recipe: TrainingRecipe, data: FusionData) -> RecipeNetwork:
    """Train the stages of a recipe, each by what the one before it came to.

    Where there are few rows, a method is trained on all of them to the end. What it fits after its
    training sees rows that were held out, there those of each fold.
    """
    standards = {m: scale_of(x, data.present[m]) for m, x in data.features.items()}
    rows = rows_of(data, standards, data.number)
    cut = split(data, recipe.seed, recipe.setup.validation)
    lanes = [Lane(recipe.seed, {}, *pair) for pair in cut.pairs]
    whole = Lane(recipe.seed, {}, np.arange(len(data)), np.arange(0))
    parameters: Parameters = {}  # of the stage before
    for method, point in recipe.stages:
        if method.TRAINS:
            own = [replace(lane, point=point) for lane in lanes]
            tried = train(method, data, rows, own, recipe.setup, _repeated(parameters, len(own)))
            final = tried
            if cut.refits:
                last = [replace(whole, point=point)]
                final = train(method, data, rows, last, recipe.setup, parameters or None)
            parameters = final.parameters
        held_out = rows.whole([lane.held_out for lane in lanes])
        after = replace(tried.context, memory={}, base=None)
        more = method.after(tried.parameters, after, held_out)
        parameters |= {name: p.detach().mean(0, keepdim=True) for name, p in more.items()}
    context = replace(final.context, memory={}, base=None)
    return RecipeNetwork(method, parameters, context, standards, data.number)


def _repeated(parameters: Parameters, lanes: int) -> Parameters | None:
    """One network in as many lanes; None without any."""
    return {name: torch.cat([p] * lanes) for name, p in parameters.items()} or None


def follow(recipe: TrainingRecipe, folder: Path) -> list[str]:
    """Train, save the weights, and say how right it is under each condition.

    Args:
        recipe: The recipe.
        folder: Where ``features.npz`` lies, and ``recipe-weights.npz`` comes to lie.
    """
    torch.set_num_threads(1)  # products as small as these lose more by sharing than they gain
    with np.load(folder / "features.npz", allow_pickle=False) as file:
        arrays = dict(file)
    modalities = arrays["modalities"].tolist()
    data = FusionData(
        features={m: arrays[f"train.features.{m}"] for m in modalities},
        present={m: arrays[f"train.present.{m}"] for m in modalities},
        labels=arrays["train.labels"],
        classes=tuple(arrays["classes"].tolist()) if "classes" in arrays else None,
        groups=arrays.get("train.groups"),
        sources={
            m: FeatureSource(kind="vector", steps=steps)
            for m, steps in zip(modalities, arrays["steps"].tolist(), strict=True)
        },
    )
    network = learn(recipe, data)
    network.save(folder / "recipe-weights.npz")
    lines = []
    for name, condition in recipe.conditions.items():
        answer = network.answers(*judged(arrays, modalities, *condition))
        own = rating(data, answer, arrays["judged.labels"])
        lines.append(f"{name}: {own:.4f}, in the audit {recipe.audited[name]:.4f}")
    return lines


def judged(
    arrays: Mapping[str, Any],
    modalities: Sequence[str],
    damaged: str,
    damage: int,
    there: Sequence[str],
) -> tuple[dict[str, Vectors], dict[str, Bools]]:
    """Features of the judged rows under a condition, and which are there."""
    features, present = {}, {}
    for m in modalities:
        rows = f"damage{damage}" if damage >= 0 and m == damaged else "judged"
        features[m], present[m] = arrays[f"{rows}.features.{m}"], arrays[f"{rows}.present.{m}"]
        if m not in there:
            present[m] = np.zeros_like(present[m])
    return features, present


def rating(data: FusionData, answer: Floats, labels: Floats) -> float:
    """Accuracy, or mean squared error."""
    if data.task == "class":
        return float((answer.argmax(1) == labels).mean())
    return float(((answer[:, 0] - labels) ** 2).mean())
