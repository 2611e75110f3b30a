from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from pixeltable.catalog.work.open import open_work
from pixeltable.config.settings import Settings
from pixeltable.exec.calls.environment import Calls
from pixeltable.exec.context import Context
from pixeltable.exec.evaluate import Evaluation
from pixeltable.exec.services import close_context, open_context
from pixeltable.exec.vectors import CellError, Vector
from pixeltable.storage.objects.open import Stores


@pytest.fixture
def place_in_postgres(empty_catalog: str) -> str:
    return empty_catalog


@pytest.fixture
def bare_context(tmp_path: Path) -> Iterator[Context]:
    """What execution has of a session, without a catalog."""
    settings = Settings(tmp_path / 'bare', ZoneInfo('UTC'), show_progress=False)
    settings.home.mkdir()
    work = open_work(settings.home, None)
    context = open_context(settings, work, Stores(settings.data_root))
    yield context
    close_context(context)
    work.close()


@pytest.fixture
def plain_calls(bare_context: Context) -> Calls:
    return bare_context.calls()


@pytest.fixture
def evaluate(plain_calls: Calls) -> Callable[..., list[Vector]]:
    """Evaluates nodes over a dict of columns, with errors of fields by name and row."""

    def run(nodes, columns, errors: dict[str, dict[int, CellError]] | None = None) -> list[Vector]:
        batch = pa.table(columns)
        return asyncio.run(Evaluation(batch, ZoneInfo('UTC'), plain_calls, errors).vectors(nodes))

    return run
