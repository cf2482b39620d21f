"""What several test files share."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the real district and the published optima; never needed in CI."""
    folder = ROOT.parent / "shared"
    if os.environ.get("CI"):
        pytest.skip("CI runs without the shared data")
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}")
    return folder
