"""The text of a recipe: what it is, what was chosen, and the sources that train it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from textwrap import fill
from typing import Any

from mmaudit.audits.remedies.recipe.closure import WIDTH, assembled
from mmaudit.audits.remedies.recipe.sources import Definition
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import TrainingSetup
from mmaudit.version import VERSION, installed

RECIPE = "mmaudit.remedies.recipe"
ROOTS = {
    "follow": Definition(RECIPE, "follow"),
    "TrainingRecipe": Definition(RECIPE, "TrainingRecipe"),
    "TrainingSetup": Definition("mmaudit.remedies.context", "TrainingSetup"),
}
ROWS = "Trained on {:,} rows and judged on {:,}, which lie in features.npz beside this file."
ASIDE = (
    "`python recipe.py` prints how right it is under each condition, beside what the network of "
    "the audit with the same seed had, and writes recipe-weights.npz. Modalities in conflict are "
    "not judged here."
)
LIKE = (
    "The setting is the one that was best on held-out training rows. The code is the audit's own: "
    "a lane is one network, and there is one here, or one a fold of the training rows."
)


@dataclass(frozen=True, slots=True)
class RecipeStage:
    """A training.

    Attributes:
        remedy: Name of the remedy.
        module: The module of its class.
        method: Its class.
        point: Its setting; empty where it trains nothing itself.
    """

    remedy: str
    module: str
    method: str
    point: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeCondition:
    """A condition that rows are judged under.

    Attributes:
        name: Its name.
        damaged: The modality that is damaged; empty for none.
        damage: Number of the damage; -1 for none.
        present: Modalities that are there.
        audited: What the network of the audit had: accuracy, or mean squared error.
    """

    name: str
    damaged: str
    damage: int
    present: tuple[str, ...]
    audited: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeText:
    """What the file says.

    Attributes:
        name: The method in the tables.
        why: Why this one.
        remedy: What the method says of itself.
        stages: The trainings, in their order.
        setup: What is the same for every method.
        seed: The seed.
        conditions: What rows are judged under.
        rows: Rows that train, and that judge.
    """

    name: str
    why: str
    remedy: Remedy
    stages: tuple[RecipeStage, ...]
    setup: TrainingSetup
    seed: int
    conditions: tuple[RecipeCondition, ...]
    rows: tuple[int, int]

    def whole(self) -> str:
        """The file.

        Raises:
            InputError: A source needs more than numpy and torch.
        """
        methods = [Definition(stage.module, stage.method) for stage in self.stages]
        code = assembled([*ROOTS.values(), *methods])
        names = {key: code.names[place] for key, place in ROOTS.items()}
        stages = "\n".join(
            f"            ({code.names[place]}(), POINTS[{stage.remedy!r}]),".replace("'", '"')
            for place, stage in zip(methods, self.stages, strict=True)
        )
        end = f"""\
if __name__ == "__main__":
    RECIPE = {names["TrainingRecipe"]}(
        stages=[
{stages}
        ],
        setup={names["TrainingSetup"]}(**SETUP),
        seed=SEED,
        conditions=CONDITIONS,
        audited=AUDITED,
    )
    print(*{names["follow"]}(RECIPE, Path(__file__).parent), sep="\\n")
"""
        blocks = (self._head(), code.imports, self._settings(), f"\n{code.text}\n", end)
        return "\n\n".join(blocks)

    def _head(self) -> str:
        """What this is, for whoever opens it first."""
        versions = ", ".join(f"{k} {v}" for k, v in installed("numpy", "torch").items())
        analogue = self.remedy.analogue
        about = (
            f"Why this method: {self.why}.",
            f"Source: {self.remedy.source}.",
            *([f"An analogue: {analogue}."] if analogue else []),
            f"{ROWS.format(*self.rows)} {ASIDE}",
            f"{LIKE} By mmaudit {VERSION}, Apache-2.0, with {versions}.",
        )
        wrapped = [fill(_plain(text), WIDTH, break_long_words=False) for text in about]
        lines = [f"{self.name}, trained without mmaudit.", *wrapped]
        return '"""' + "\n\n".join(lines) + '\n"""'

    def _settings(self) -> str:
        """What was chosen, as plain values."""
        setup = {k: v for k, v in asdict(self.setup).items() if k != "settings"}
        points = {stage.remedy: dict(stage.point) for stage in self.stages}
        judged = {c.name: (c.damaged, c.damage, c.present) for c in self.conditions}
        audited = {c.name: round(c.audited, 6) for c in self.conditions}
        settings = {
            "SEED": self.seed,
            "SETUP": setup,
            "POINTS": points,
            "CONDITIONS": judged,
            "AUDITED": audited,
        }
        says = {"CONDITIONS": "  # what is damaged, by which damage of the file, what is there"}
        return "\n".join(f"{k} = {literal(v, says.get(k, ''))}" for k, v in settings.items())


def _plain(text: str) -> str:
    """Text that may stand in a docstring."""
    return text.replace("\\", "/").replace('"""', "'''")


def literal(value: Any, note: str = "", margin: str = "") -> str:
    """A value as Python has it; a table with one key a line.

    Args:
        value: Numbers, texts, and sequences and tables of these.
        note: What stands behind its first bracket.
        margin: What its lines begin with.

    Example:
        >>> print(literal({"a": (1, ("b",))}))
        {
            "a": (1, ("b",)),
        }
    """
    if not isinstance(value, Mapping):
        return _inline(value)
    inner, rows = f"{margin}    ", []
    for key, item in value.items():
        row = f"{inner}{_inline(key)}: {_inline(item)},"
        if len(row) > WIDTH:
            row = f"{inner}{_inline(key)}: {literal(item, margin=inner)},"
        rows.append(row)
    return "\n".join([f"{{{note}", *rows, f"{margin}}}"])


def _inline(value: Any) -> str:
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False)
        case Mapping():
            return "{" + ", ".join(f"{_inline(k)}: {_inline(v)}" for k, v in value.items()) + "}"
        case Sequence():
            items = [_inline(item) for item in value]
            return f"({', '.join(items)}{','[: len(items) == 1]})"
        case _:
            return repr(value)
