"""Brown noise: rumble whose power falls by 6 dB an octave, as of engines and handling."""

from mmaudit.corruptions.audio._sound.mixing import coloured_noise

CORRUPTION = coloured_noise(exponent=2.0)
