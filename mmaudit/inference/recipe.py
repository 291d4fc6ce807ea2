"""Recipe: how a model was asked for, which is what travels to another process instead of it."""

from dataclasses import asdict, dataclass
from functools import cache

from mmaudit.inference.inputs import Access, Inputs
from mmaudit.models.load import Loaded, load
from mmaudit.samples.dataset import Dataset


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recipe:
    """How a model under some absence policies was made."""

    spec: str
    access: Access
    whole: Dataset
    policies: tuple[str, ...]
    seed: int

    def loaded(self) -> Loaded:
        """The model, loaded once a process, however often work comes in."""
        return _loaded(self.spec, self.access)


def recipe(inputs: Inputs, loaded: Loaded, policies: tuple[str, ...], seed: int) -> Recipe | None:
    """How another process gets the same; None where the model is the user's own object."""
    if inputs.access is None:
        return None
    return Recipe(
        spec=loaded.info.spec,
        access=inputs.access,
        whole=inputs.whole,
        policies=policies,
        seed=seed,
    )


@cache
def _loaded(spec: str, access: Access) -> Loaded:
    return load(spec, **asdict(access))
