"""Low pass: what is above a frequency lost, as behind a wall or on a telephone."""

from mmaudit.corruptions.audio._sound.filters import below, pass_filter

CORRUPTION = pass_filter(
    below,
    cutoffs_hz=(4000.0, 3000.0, 2000.0, 1000.0, 500.0),
    reference="LowPassFilter of audiomentations and AugLy",
)
