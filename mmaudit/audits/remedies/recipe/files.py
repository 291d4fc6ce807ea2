"""The files of a recipe: a Python file that trains the best method, and the features it needs."""

import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit import parts
from mmaudit.audits.base import Read
from mmaudit.audits.remedies.judging import Ring
from mmaudit.audits.remedies.recipe.choice import RecipeMethod
from mmaudit.audits.remedies.recipe.text import RecipeCondition, RecipeStage, RecipeText
from mmaudit.audits.remedies.unit import Contest, Contestant
from mmaudit.errors import InputError
from mmaudit.parsing import npy
from mmaudit.parsing.documents import from_json
from mmaudit.remedies.base import KIND, RemedyPart

PYTHON, FEATURES = "recipe.py", "features.npz"
MEGABYTE = 1e6


def recipe_files(
    contest: Contest, ring: Ring, read: Read, choice: RecipeMethod
) -> tuple[dict[str, bytes], str]:
    """The files by their names, and what is said of them; no files where there can be no recipe.

    Args:
        contest: What was trained, with its features.
        ring: How it was judged.
        read: Reads what was answered.
        choice: The method.
    """
    contestant = next(c for c in contest.contestants if c.name == choice.name)
    try:
        text = _text(contest, ring, read, choice, contestant).whole()
    except InputError as error:
        return {}, f"There is no {PYTHON}: {error.what}."
    features = archive(dict(_arrays(contest, contestant)))
    size = len(features) / MEGABYTE
    said = (
        f"{PYTHON} trains {choice.name} with numpy and torch alone, from {FEATURES} "
        f"({size:,.1f} MB): {choice.why}."
    )
    return {PYTHON: text.encode(), FEATURES: features}, said


def archive(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Arrays as a NumPy archive without times: the same arrays make the same bytes."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as members:
        for name, array in arrays.items():
            with members.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as out:
                out.write(npy.to_bytes(array))
    return file.getvalue()


def _arrays(contest: Contest, contestant: Contestant) -> Iterator[tuple[str, NDArray[Any]]]:
    """Features, presence, labels and groups of the rows that train and that judge."""
    data = contest.data_of(contestant)
    judged = contest.judged
    yield "modalities", np.array(data.modalities)
    yield "steps", np.array(list(data.steps.values()))
    if data.classes is not None:
        yield "classes", np.array(data.classes)
    yield "train.labels", data.labels
    yield "judged.labels", judged.labels
    for half, groups in (("train", data.groups), ("judged", judged.groups)):
        if groups is not None:
            yield f"{half}.groups", groups
    for m in data.modalities:
        yield f"train.features.{m}", data.features[m]
        yield f"train.present.{m}", data.present[m]
        yield f"judged.features.{m}", judged.clean[m].values
        yield f"judged.present.{m}", judged.clean[m].present
    for i, (spec, view) in enumerate(judged.damaged.items()):
        m = spec.rpartition("@")[2]
        yield f"damage{i}.features.{m}", view.values
        yield f"damage{i}.present.{m}", view.present


def _text(
    contest: Contest, ring: Ring, read: Read, choice: RecipeMethod, contestant: Contestant
) -> RecipeText:
    """What the Python file says, of the first seed."""
    return RecipeText(
        name=choice.name,
        why=choice.why,
        remedy=parts.load(KIND, contestant.remedy).REMEDY,
        stages=tuple(_stages(contest, read, contestant)),
        setup=contest.setup.for_rows(len(contest.data_of(contestant))),
        seed=contest.seeds[0],
        conditions=tuple(_conditions(contest, ring, read, contestant)),
        rows=(len(contest.data_of(contestant)), len(contest.judged)),
    )


def _stages(contest: Contest, read: Read, contestant: Contestant) -> Iterator[RecipeStage]:
    """The method, and in front of it the one whose training it reads."""
    part: RemedyPart = parts.load(KIND, contestant.remedy)
    method = part.METHOD
    if method.BASE:
        base = [
            c
            for c in contest.contestants
            if (c.remedy, c.damaged) == (method.BASE, contestant.damaged)
        ]
        if not base:
            raise InputError(f"{method.BASE}, which it reads, was not trained", fix="--methods '*'")
        yield from _stages(contest, read, base[0])
    facts = from_json(_first(contest, read, contestant, "facts", 0)[0])
    point = {k: float(v) for k, v in sorted(facts["point"].items())} if method.TRAINS else {}
    yield RecipeStage(contestant.remedy, method.__module__, method.__name__, point)


def _conditions(
    contest: Contest, ring: Ring, read: Read, contestant: Contestant
) -> Iterator[RecipeCondition]:
    """All conditions but that of conflict, with what the audit's network of the seed had there."""
    specs = list(contest.judged.damaged)
    for group, scene in enumerate(ring.scenes):
        if not scene.conflict:
            right = _first(contest, read, contestant, ring.score, group)
            yield RecipeCondition(
                name=scene.name,
                damage=specs.index(scene.damage) if scene.damage else -1,
                damaged=scene.damage.rpartition("@")[2],
                present=scene.present,
                audited=float(np.mean(right)),
            )


def _first(
    contest: Contest, read: Read, contestant: Contestant, column: str, group: int
) -> list[Any]:
    """What a method answered with its first seed."""
    unit = contest.contestants.index(contestant) * len(contest.seeds)
    return next(read([column], group=group, first=unit)).column(column).to_pylist()
