"""ETMC is TMC with a view of all modalities."""

import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.dynamic.etmc import PseudoView
from mmaudit.remedies.dynamic.tmc import TrustedViews


def test_without_evidence_of_the_view_of_all_it_is_tmc():
    method, c = PseudoView(), context(anneal=0.5)
    p, batch = parameters(method, c), rows(c)
    with torch.no_grad():
        p["pseudo.out.w"].zero_()
        p["pseudo.out.b"].fill_(-50)
        h = method.encoded(p, c, batch)
        own, tmc = (m.fuse(p, c, h, batch.present) for m in (method, TrustedViews()))
    assert torch.allclose(own, tmc, atol=1e-6)
