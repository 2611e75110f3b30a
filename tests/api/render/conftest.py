"""What is drawn does not depend on where the catalog is."""

from __future__ import annotations

import pytest


@pytest.fixture
def catalog_url() -> None:
    return None
