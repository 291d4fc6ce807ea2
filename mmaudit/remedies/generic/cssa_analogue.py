"""CSSA: channels that a gate closes are switched to the others', and modalities are averaged."""

import torch

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneContext
from mmaudit.remedies.exchange import mean_of_others
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, linear, linear_shapes
from mmaudit.remedies.method import Encoded, Method, There

REMEDY = Remedy(
    challenge="varying",
    head="additive",
    source="Cao et al. 2023 (channel switching and spatial attention), CVPR workshops; for more "
    "than two modalities, a channel is switched to the mean of the others",
    analogue="a gate of each channel's own stands for a convolution over channels, whose order "
    "means nothing here, and the mean and the largest number for a map; a channel that is not "
    "switched is scaled by its gate, without which the gate would learn nothing",
    grid=({"limit": 0.002}, {"limit": 0.05}, {"limit": 0.2}),
)


class ChannelSwitch(Method):
    """A gate a channel, two scales a row, and one layer over the mean."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Encoders, gates, scales, and the layer."""
        gates = {f"gate.{m}.{end}": (c.setup.width,) for m in c.modalities for end in ("one", "b")}
        scales = {f"row.{m}.{end}": (2,) for m in c.modalities for end in ("one", "b")}
        head = linear_shapes("head", c.setup.width, c.outputs)
        return self.encoder_shapes(c) | gates | scales | head

    def switched(self, p: Parameters, c: LaneContext, h: Encoded) -> Encoded:
        """Encodings whose closed channels are the others'."""
        other, out = mean_of_others(h), {}
        for m in c.modalities:
            slope, level = (p[f"gate.{m}.{end}"].unsqueeze(1) for end in ("one", "b"))
            gate = (slope * h[m] + level).sigmoid()
            out[m] = torch.where(gate < c.option("limit", 2), other[m], gate * h[m])
        return out

    def logits(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Logits, or numbers, ``(lane, n, output)``."""
        del present
        rows = []
        for m, x in self.switched(p, c, h).items():
            said = torch.stack([x.mean(-1), x.amax(-1)], -1)
            slope, level = (p[f"row.{m}.{end}"].unsqueeze(1) for end in ("one", "b"))
            rows.append(x * (slope * said + level).sigmoid().prod(-1, keepdim=True))
        return linear(p, "head", torch.stack(rows).mean(0))


METHOD = ChannelSwitch
