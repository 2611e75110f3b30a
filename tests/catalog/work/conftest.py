from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pixeltable.catalog.work.open import WorkDatabase, open_work


@pytest.fixture
def work(home: Path, catalog_url: str | None) -> Iterator[WorkDatabase]:
    """A work database that was not opened yet."""
    home.mkdir()
    work = open_work(home, catalog_url)
    yield work
    work.close()
