"""Models loaded as whoever runs a test names them."""

from mmaudit.models import load as door
from mmaudit.models.access import PERSON, Access


def access(**values):
    """What a person who names a model allows, the rest as it is by itself."""
    return Access(**{"named_by": PERSON, **values})


def load(spec, *, options=None, **values):
    """A model that a person names."""
    return door.load(spec, access(**values), options=options or {})
