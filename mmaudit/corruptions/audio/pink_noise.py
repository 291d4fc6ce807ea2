"""Pink noise: rush whose power falls by 3 dB an octave, as of wind and traffic far away."""

from mmaudit.corruptions.audio._sound.mixing import coloured_noise

CORRUPTION = coloured_noise(exponent=1.0)
