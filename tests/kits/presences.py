"""Which modalities are there, written as one text of marks a modality."""

import torch


def there(*columns):
    """Presence of ``a``, ``b``, … in the rows of one lane, each a text as ``"101"``."""
    return {
        m: torch.tensor([[mark == "1" for mark in column]])
        for m, column in zip("abcdef", columns, strict=False)
    }
