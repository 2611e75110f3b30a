"""Makes the parts importable: tests are modules without a package. Files and flushes come often."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    from scenarios import SMALL_LIMITS

    for owner, name, value in SMALL_LIMITS:
        monkeypatch.setattr(owner, name, value)
