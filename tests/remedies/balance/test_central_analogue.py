import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.balance.central_analogue import CentralConnections
from mmaudit.remedies.method import Method


def test_without_connections_no_modality_hears_of_another():
    method, c = CentralConnections(), context()
    p, batch = parameters(method, c), rows(c)
    h = method.encoded(p, c, batch)
    for back in (0.0, 1.0):
        with torch.no_grad():
            for m in "ab":
                p[f"back.{m}.w"] *= back
        once = mixed(method, p, c, h)
        assert (once.abs() > 1e-4).any() == bool(back)
        with torch.no_grad():
            for m in "ab":
                p[f"back.{m}.w"].copy_(torch.ones_like(p[f"back.{m}.w"]) / 8)


def mixed(method, p, c, h):
    """What both modalities together add beside what each does: 0 where none hears of another."""
    nothing = {m: torch.zeros_like(e) for m, e in h.items()}
    said = [
        method.logits(p, c, {"a": (h if a else nothing)["a"], "b": (h if b else nothing)["b"]}, {})
        for a, b in ((1, 1), (1, 0), (0, 1), (0, 0))
    ]
    return said[0] - said[1] - said[2] + said[3]


def test_its_encoders_are_those_of_concatenation():
    c = context()
    assert CentralConnections().shapes(c).items() >= Method().shapes(c).items()
