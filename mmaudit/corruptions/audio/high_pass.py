"""High pass: what is below a frequency lost, as from a tiny loudspeaker."""

from mmaudit.corruptions.audio._sound.filters import above, pass_filter

CORRUPTION = pass_filter(
    above,
    cutoffs_hz=(200.0, 400.0, 800.0, 1600.0, 3200.0),
    reference="HighPassFilter of audiomentations and AugLy",
)
