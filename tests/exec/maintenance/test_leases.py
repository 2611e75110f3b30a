from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.api.default import session
from pixeltable.exec.maintenance.leases import Leases

pytestmark = pytest.mark.filterwarnings('ignore::pixeltable.PixeltableWarning')


@pytest.fixture
def catalog_url(either_catalog: str | None) -> str | None:
    return either_catalog


@pytest.fixture
def leases(t: pxt.Table) -> Iterator[Leases]:
    """Of a process that looks every 10 ms, and of no session."""
    gc.collect()
    leases = Leases(session().catalog, session().engine.context.store.uncommitted, 0.04)
    yield leases
    leases.close()


def held() -> list[int]:
    return [row[0] for row in session().catalog._database.connection().command('SELECT "commit" FROM leases')]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_reader_that_takes_long_gets_one(t: pxt.Table, leases: Leases) -> None:
    source = leases.note(t._source())
    commit = source.contents.commit
    assert held() == []
    wait_for(lambda: held() == [commit])
    t.insert(n=1000)
    time.sleep(0.1)
    assert held() == [commit]
    del source
    gc.collect()
    wait_for(lambda: held() == [])


def test_a_writer_gets_one(t: pxt.Table, leases: Leases) -> None:
    commit = session().catalog.last_commit()
    store = session().engine.context.store
    with store.uncommitted.named():
        leases.note(t._source())  # which starts the thread
        wait_for(lambda: held() == [commit])
    # What was written belongs to nobody who is still there.
    store.uncommitted._held.clear()
    wait_for(lambda: held() == [])


def test_short_readers_cost_nothing(t: pxt.Table, leases: Leases) -> None:
    for _ in range(50):
        leases.note(t._source())
    gc.collect()
    assert leases.commits() == set()
    time.sleep(0.05)
    assert held() == []


def test_they_are_given_back_at_the_end(t: pxt.Table, leases: Leases) -> None:
    source = leases.note(t._source())
    wait_for(lambda: held() == [source.contents.commit])
    leases.close()
    assert held() == []


def test_a_lease_keeps_a_version_that_another_process_reads(t: pxt.Table, leases: Leases, rows: Any) -> None:
    t.optimize()
    commit = session().catalog.version(t._table_id, 2).commit
    session().catalog.hold('another process', [commit], (), 2**62)
    t.vacuum(retain=1)
    source = session().engine.source(t._table_id, commit)
    assert sum(table.num_rows for table in source.read(['c1', 'c2'])) == 200


def test_those_of_a_crashed_process_expire(t: pxt.Table, leases: Leases) -> None:
    session().catalog.hold('crashed', [1], (), time.time_ns() // 1000 - 1)
    assert held() == [1]
    t.vacuum()
    assert held() == []


def test_the_thread_outlives_a_database_that_is_away(
    t: pxt.Table, leases: Leases, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: list[int] = []
    hold = leases._catalog.hold

    def failing(*arguments: Any) -> None:
        failed.append(1)
        raise pxt.ServiceUnavailableError(pxt.ErrorCode.DATABASE_UNAVAILABLE, 'away')

    monkeypatch.setattr(leases._catalog, 'hold', failing)
    source = leases.note(t._source())
    wait_for(lambda: len(failed) > 1)
    monkeypatch.setattr(leases._catalog, 'hold', hold)
    wait_for(lambda: held() == [source.contents.commit])
