"""ConfidNet's heads: fitted on held-out rows, they know right from wrong as well as certainty."""

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.dynamic.tcp import confidence
from mmaudit.remedies.training import fit
from planted_fusion import loud_noise


def test_without_a_head_it_is_the_maximum_probability():
    z = torch.tensor([[[2.0, 0, -1], [0.1, 0, 0.3]]])
    zeros = {"truth.a.hidden.w": (5, 4), "truth.a.hidden.b": (4,)}
    zeros |= {"truth.a.out.w": (4, 1), "truth.a.out.b": (1,)}
    p = {name: torch.zeros(1, *shape) for name, shape in zeros.items()}
    assert torch.allclose(confidence(p, "a", torch.ones(1, 2, 5), z), z.softmax(-1).amax(-1))


def test_confidence_tells_right_from_wrong_as_well_as_the_maximum_probability():
    rows = loud_noise(0)
    fitted = fit(
        "dynamic/tcp", rows.train, 0, TrainingSetup(width=32, steps=200, settings=((1e-2, 0.0),))
    )
    p, c = fitted.parameters, fitted.context
    h = {m: torch.from_numpy(fitted.encode(m, x))[None] for m, x in rows.test.features.items()}
    own = fitted.method.confidences(p, c, h)[0].numpy()
    for i, z in enumerate(fitted.method.unimodal(p, c, h).values()):
        right = z[0].argmax(-1).numpy() == rows.test.labels
        most = z[0].softmax(-1).amax(-1).numpy()
        assert roc_auc_score(right, own[:, i]) > roc_auc_score(right, most) - 0.02
        assert np.square(own[:, i] - right).mean() < np.square(most - right).mean()
