"""Arrays by what they hold; the function that takes one says its shape if it is not said here."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]  # numbers that are computed with
Reals = NDArray[np.floating]  # numbers of any precision
Ints = NDArray[np.int64]  # counts, or positions of samples
Bools = NDArray[np.bool_]
Vectors = NDArray[np.float32]  # (sample, feature): embeddings, features
Scores = NDArray[np.float32]  # (sample, class): what a model answers
Labels = NDArray[np.generic]  # (sample,): classes by number, or target values
Mask = NDArray[np.bool_]  # (sample, modality): whether it is there, modalities in the model's order
