import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.balance.greedy_analogue import EPOCHS, HOLD, GatedBranches, speed


def test_alike_branches_listen_alike():
    method, c = GatedBranches(), context(gap=0.01)
    c.widths = {"a": 5, "b": 5}
    p, batch = parameters(method, c), rows(c)
    batch.values["b"] = batch.values["a"]
    with torch.no_grad():
        for name in list(p):
            if ".a" in name:
                p[name.replace(".a", ".b")].copy_(p[name])
        p["squeeze.w"][:, 8:] = p["squeeze.w"][:, :8]
    method.gradients(p, c, batch)
    assert torch.allclose(speed(p, c, "a"), speed(p, c, "b"), atol=1e-5)


def test_gates_that_are_held_do_not_learn():
    method, c = GatedBranches(), context(gap=0.01)
    p, batch = parameters(method, c), rows(c)
    c.memory["hold"] = torch.tensor([[HOLD, 0], [0, 0]])
    gradients = method.gradients(p, c, batch)
    assert not gradients["gate.a.w"][0].any()
    assert gradients["gate.a.w"][1].any()
    assert gradients["gate.b.w"].any()


def test_the_faster_branch_is_held_for_some_updates():
    method, c = GatedBranches(), context(gap=0.0, rows=16)
    p, batch = parameters(method, c), rows(c)
    holds = []
    for c.step in range(EPOCHS + HOLD + 1):
        method.gradients(p, c, batch)
        with torch.no_grad():
            method.step_done(p, c)
        holds.append(c.memory["hold"].sum(-1).tolist())
    assert holds[:EPOCHS] == [[0, 0]] * EPOCHS
    assert [lane for lane, _ in holds[EPOCHS:]] == [*range(HOLD, 0, -1), HOLD]


def test_a_gap_that_none_has_holds_nothing():
    method, c = GatedBranches(), context(gap=1e9, rows=16)
    p, batch = parameters(method, c), rows(c)
    for c.step in range(EPOCHS + 2):
        method.gradients(p, c, batch)
        with torch.no_grad():
            method.step_done(p, c)
    assert not c.memory["hold"].any()
