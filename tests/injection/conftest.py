import pytest

import keypad_like


@pytest.fixture(scope="session")
def everything(tmp_path_factory):
    """The manifest of a small dataset with every kind of modality."""
    return keypad_like.write(tmp_path_factory.mktemp("everything"))
