"""Gradients: how a model's loss rises with the values it is given, filled in for torch modules.

The loss is the cross-entropy of the true class, the squared error of a number, or the mean binary
cross-entropy of several labels. An attack needs its direction and not its size, so a gradient may
be any positive multiple of d loss / d value, another one for each sample. What is filled in makes
use of that: the slope of the loss by the answers is scaled to 1, so that a confident model, whose
loss is 0 in float32, has a gradient all the same wherever its logits have one.
"""

import inspect
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats
from mmaudit.errors import InputError
from mmaudit.models.base import Batch, Output, Present, Values

GRADIENT = "gradient"  # the method
FORWARD = ("batch", "present")  # parameters of a ``forward`` that takes tensors of modalities
Ask = Callable[[Batch, Present, NDArray[Any]], Mapping[str, NDArray[Any]]]


def gradient_of(model: object) -> Ask | None:
    """The method of a model that gives gradients; None where it has none."""
    method = getattr(model, GRADIENT, None)
    return method if callable(method) else None


def takes_tensors(model: object) -> bool:
    """Whether a model has ``forward(batch, present)``, which answers on tensors."""
    forward = getattr(model, "forward", None)
    if not callable(forward):
        return False
    try:
        return tuple(inspect.signature(forward).parameters)[:2] == FORWARD
    except (TypeError, ValueError):  # a compiled function that does not say what it takes
        return False


def filled_in(model: Any, torch: ModuleType) -> Ask:
    """The method ``gradient`` of a model that has ``forward(batch, present)`` on tensors.

    Args:
        model: It, with torch modules in evaluation mode.
        torch: The module torch.
    """

    def gradient(batch: Batch, present: Present, labels: NDArray[Any]) -> dict[str, Any]:
        with torch.inference_mode(mode=False), torch.enable_grad():
            tensors, there = _tensors(model, batch, present, torch)
            inputs = {m: t.requires_grad_() for m, t in tensors.items() if torch.is_tensor(t)}
            answer = _answer(model.forward({**tensors}, there))
            numbers = answer.detach().double().cpu().numpy()
            slope = torch.from_numpy(slopes(_output(model), numbers, labels))
            if not answer.requires_grad:
                return {m: np.zeros(t.shape, np.float32) for m, t in inputs.items()}
            by_input = torch.autograd.grad(
                answer, [*inputs.values()], slope.to(answer), allow_unused=True
            )
        return {
            m: np.zeros(t.shape, np.float32) if g is None else g.detach().cpu().numpy()
            for (m, t), g in zip(inputs.items(), by_input, strict=True)
        }

    return gradient


def scores_by_forward(model: Any, torch: ModuleType) -> Callable[[Batch, Present], Any]:
    """The method ``scores`` of such a model that has none of its own."""

    def scores(batch: Batch, present: Present) -> Any:
        tensors, there = _tensors(model, batch, present, torch)
        return _answer(model.forward(tensors, there)).detach().float().cpu().numpy()

    return scores


def _answer(answer: Any) -> Any:
    if not hasattr(answer, "detach"):
        raise InputError(
            f"forward answered with {type(answer).__name__}, not with a tensor",
            fix="forward(batch, present) that returns one tensor, (n, class)",
        )
    return answer


def _tensors(
    model: Any, batch: Batch, present: Present, torch: ModuleType
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Arrays of numbers as float32 tensors beside the model; texts and ragged values stay."""
    place = next((p.device for p in _parameters(model, torch)), torch.device("cpu"))
    values = {m: _tensor(v, place, torch) for m, v in batch.items()}
    there = {m: torch.from_numpy(np.array(p, np.bool_)).to(place) for m, p in present.items()}
    return values, there


def _tensor(values: Values, place: Any, torch: ModuleType) -> Any:
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiub":
        return values
    return torch.from_numpy(values.astype(np.float32)).to(place)  # a copy: the values stay


def _parameters(model: Any, torch: ModuleType) -> Any:
    parts = [model, *vars(model).values()]
    return (p for part in parts if isinstance(part, torch.nn.Module) for p in part.parameters())


def _output(model: Any) -> Output:
    usual: Output = "values" if getattr(model, "classes", None) is None else "probabilities"
    output: Output = getattr(model, "output", usual)
    return output


def slopes(output: Output, answers: NDArray[Any], labels: NDArray[Any]) -> Floats:
    """D loss / d answer of each sample, up to a positive factor of its own.

    Args:
        output: What the answers are.
        answers: They, ``(n, class)``, ``(n,)`` or ``(n, 1)``.
        labels: The true column ``(n,)``, the true number ``(n,)``, or whether each label is true
            ``(n, class)``, NaN where that is not judged.

    Returns:
        As large as the answers; the largest of each sample is 1 or -1.
    """
    z = answers.astype(np.float64)
    if output in {"logits", "probabilities"}:
        true = np.zeros(z.shape, np.bool_)
        true[np.arange(len(z)), labels.astype(np.int64)] = True
        if output == "probabilities":
            return np.where(true, -1.0, 0.0)
        rivals = np.where(true, -np.inf, z)
        weights = np.exp(rivals - rivals.max(axis=1, keepdims=True))
        return np.where(true, -1.0, weights / weights.sum(axis=1, keepdims=True))
    if output == "values":
        above = z - labels.astype(np.float64).reshape(z.shape) >= 0  # level: either way is worse
        return np.where(above, 1.0, -1.0)
    truth = labels.astype(np.float64)
    if output == "label_logits":
        slope = np.where(truth == 1, -1 / (1 + np.exp(np.clip(z, -700, 700))), 0.0)
        slope = np.where(truth == 0, 1 / (1 + np.exp(np.clip(-z, -700, 700))), slope)
    else:
        own = np.clip(np.where(truth == 1, z, 1 - z), 1e-12, None)
        slope = np.where(truth == 1, -1 / own, np.where(truth == 0, 1 / own, 0.0))
    return slope / np.maximum(np.abs(slope).max(axis=1, keepdims=True), 1e-300)
