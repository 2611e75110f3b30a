"""A ledger on either database, with one event loop for its calls."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pixeltable.catalog.work.open import WorkDatabase, open_work
from pixeltable.exec.ledger.ledger import Ledger
from pixeltable.exec.loop import LoopThread

sys.path.insert(0, str(Path(__file__).parent))  # for `ledger_calls`

BERLIN = ZoneInfo('Europe/Berlin')


@pytest.fixture
def catalog_url(either_catalog: str | None) -> str | None:
    return either_catalog


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / 'home').mkdir()
    return tmp_path / 'home'


@pytest.fixture
def open_ledger(folder: Path, catalog_url: str | None) -> Iterator[Callable[..., Ledger]]:
    """Opens the ledger of the home as another process would."""
    opened: list[tuple[Ledger, WorkDatabase]] = []

    def open_ledger(limit: int = 2**31) -> Ledger:
        work = open_work(folder, catalog_url)
        opened.append((Ledger(work, limit, BERLIN), work))
        return opened[-1][0]

    yield open_ledger
    for ledger, work in opened:
        ledger.close()
        work.close()


@pytest.fixture
def ledger(open_ledger: Callable[..., Ledger]) -> Ledger:
    return open_ledger()


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    loop = LoopThread()
    yield loop
    loop.close()
