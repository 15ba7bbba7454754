"""What several tests need."""

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture
def shared_data():
    """The folder with PTB and tiny-shakespeare, which is not part of the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"{SHARED_DATA} is absent: PTB and tiny-shakespeare are needed")
    return SHARED_DATA
