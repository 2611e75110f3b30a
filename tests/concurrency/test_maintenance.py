"""Threads write, read, compact and vacuum at the same time, without a grace period: nobody loses or misses anything."""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.api.default import session

pytestmark = pytest.mark.usefixtures('team')


@pytest.fixture
def catalog_url() -> None:
    """What is at stake here are files; their names in the catalog are tested on both databases elsewhere."""
    return None


def together(*work: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(len(work)) as pool:
        return [future.result(timeout=120) for future in [pool.submit(each) for each in work]]


def test_everything_at_once(tasks: ModuleType, home: Path) -> None:
    session().settings = dataclasses.replace(session().settings, vacuum_grace_s=0)
    t = pxt.get_table('t')
    t.insert(tasks.rows_of('counter', 5))

    def tidy() -> None:
        for _ in range(25):
            t.optimize()
            t.vacuum(retain=1)

    inserted, more, _, _, torn = together(
        lambda: tasks.insert('a', 15),
        lambda: tasks.insert('b', 15),
        lambda: tasks.increment(15),
        tidy,
        lambda: tasks.read(40),
    )
    assert torn == []
    rows = list(t.collect())
    assert len(rows) == inserted + more + 5
    assert all((row['double'], row['triple']) == (row['n'] * 2, row['n'] * 3) for row in rows)
    assert sorted(row['n'] for row in rows if row['batch'] == 'counter') == list(range(15, 20))
    session().maintenance.drain()  # what it is writing still has no name
    gc.collect()  # what a reader holds is kept by a vacuum, and a source may be in a cycle
    t.optimize()
    t.vacuum(retain=1)
    assert len(list((home / 'data').rglob('*.parquet'))) == len(session().catalog.named_objects()) == 1
