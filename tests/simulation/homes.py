"""Homes in this process: opened one at a time, watched if a test wants it, and checked like homes that were found."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from scenarios import SETTINGS, Inserts, state
from sqlite_calls import watched_sqlite
from watching import WatchedDisk, Watcher

import pixeltable as pxt
from pixeltable.api import default
from pixeltable.catalog import home as catalog_home
from pixeltable.config.settings import Settings
from pixeltable.session import Session
from pixeltable.storage.objects import local


@contextmanager
def opened(folder: Path, catalog: str | None = None, data: str | None = None) -> Iterator[Session]:
    """The home that everything in `pxt` uses inside the block. Its catalog and data may lie elsewhere."""
    session = Session(Settings(folder, ZoneInfo('UTC'), catalog=catalog, data=data, **SETTINGS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(default, '_session', session)
        patch.setattr(default, '_process', os.getpid())
        try:
            yield session
        finally:
            session.close()


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Inside, `watcher` is told of all that homes and stores below its root do, if they are opened inside, too."""
    with ExitStack() as stack:
        stack.enter_context(watched_sqlite(watcher))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for module in (local, catalog_home):
            patch.setattr(module, 'Disk', lambda: WatchedDisk(watcher))
        yield


def check(scenario: Inserts, acknowledged: int, *, may_be_next: bool) -> int:
    """The open home is sound: it holds what it must, and everything in it agrees. Returns the number of the next operation."""
    number = state(scenario, acknowledged, may_be_next=may_be_next)
    report = pxt.verify(sample=1)
    assert report.ok, str(report)
    return number


def check_next(scenario: Inserts, number: int) -> None:
    """The next operation works, and so do new tables."""
    scenario.do(number)
    check(scenario, number + 1, may_be_next=False)
    probe = pxt.create_table('probe', {'a': pxt.Int}, if_exists='replace')
    probe.insert(a=1)
    assert probe.collect()['a'] == [1]


Check = Callable[[bool], None]
