import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.balance.mla import AlternatingHead, without


def test_a_projection_is_the_inverse_of_what_was_seen():
    directions = torch.randn(5, 1, 4, generator=torch.Generator().manual_seed(0)).double()
    projection = torch.eye(4).double().unsqueeze(0)
    for r in directions:
        projection = without(projection, r, 0.1)
    total = sum(r.unsqueeze(2) * r.unsqueeze(1) for r in directions)
    expected = 0.1 * torch.linalg.inv(0.1 * torch.eye(4).double() + total)
    assert torch.allclose(projection, expected, atol=1e-12)


def test_a_direction_is_left_out_nearly_all():
    r = torch.tensor([[3.0, 4.0]])
    projection = without(torch.eye(2).unsqueeze(0), r, 0.01)
    assert (projection @ r.unsqueeze(2)).norm() < 0.01
    across = torch.tensor([[[-4.0], [3.0]]])
    assert torch.allclose(projection @ across, across, atol=1e-6)


def test_the_head_learns_from_one_modality_and_encoders_from_their_own():
    method, c = AlternatingHead(), context("abc")
    p, batch = parameters(method, c), rows(c)
    for c.step, m in enumerate("abc"):
        gradients = method.gradients(p, c, batch)
        h = method.encoded(p, c, batch)[m]
        logits = torch.bmm(h, p["shared.w"]) + p["shared.b"].unsqueeze(1)
        loss = c.losses(logits, batch.labels).mean(1).sum()
        for name in ("shared.w", f"encoder.{m}.w"):
            true = torch.autograd.grad(loss, p[name], retain_graph=True)[0]
            assert torch.allclose(gradients[name], true, atol=1e-6)
        assert all(gradients[f"encoder.{other}.w"].any() for other in "abc")


def test_an_update_of_the_head_is_projected():
    method, c = AlternatingHead(), context("ab")
    p, batch = parameters(method, c), rows(c)
    for c.step in range(2):
        method.gradients(p, c, batch)
        before, first = p["shared.w"].detach().clone(), c.memory.get("projection")
        with torch.no_grad():
            p["shared.w"] += 1.0
            method.step_done(p, c)
    moved = p["shared.w"].detach() - before
    assert torch.allclose(moved, first @ torch.ones_like(moved), atol=1e-5)
