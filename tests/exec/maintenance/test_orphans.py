from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable._support.time_ids import new_id
from pixeltable.api.default import session
from pixeltable.catalog.catalog import Catalog
from pixeltable.exec.maintenance import leases

pytestmark = pytest.mark.filterwarnings('ignore::pixeltable.PixeltableWarning')


@pytest.fixture
def catalog_url(either_catalog: str | None) -> str | None:
    return either_catalog


@pytest.fixture
def folder(t: pxt.Table, home: Path) -> Path:
    return home / 'data' / 'tables' / t._table_id


def lying_around(folder: Path, name: str, age: float = 0) -> Path:
    path = folder / name
    path.write_bytes(b'left behind')
    os.utime(path, times=(time.time() - age,) * 2)
    return path


def test_what_nobody_names_goes(t: pxt.Table, folder: Path, rows: Any) -> None:
    before = rows(t)
    orphan, filter_ = (lying_around(folder, f'{new_id()}.{suffix}') for suffix in ('parquet', 'keys'))
    old = lying_around(
        folder, f'{os.urandom(6).hex()}4{os.urandom(9).hex()}0.parquet'
    )  # as releases of format 1 named it
    stranger = lying_around(folder, 'notes.txt')
    unfinished, under_way = lying_around(folder, '.writing-1', 61), lying_around(folder, '.writing-2')
    status = t.vacuum()
    assert (status.orphans, status.bytes) == (4, 3 * len(b'left behind'))
    assert [path.exists() for path in (orphan, filter_, old, unfinished)] == [False] * 4
    assert (stranger.exists(), under_way.exists()) == (True, True)
    assert rows(t) == before


def test_what_a_crashed_creation_left(t: pxt.Table, folder: Path) -> None:
    other = folder.parent / new_id()
    other.mkdir()
    orphan = lying_around(other, f'{new_id()}.parquet')
    assert t.vacuum().orphans == 0
    assert pxt.vacuum().orphans == 1
    assert not orphan.exists()


def test_young_ones_may_belong_to_a_writer(t: pxt.Table, folder: Path, grace: Any) -> None:
    grace(60)
    lying_around(folder, f'{new_id()}.parquet', age=3600)  # its name is young
    assert t.vacuum().orphans == 0


def interrupted(monkeypatch: pytest.MonkeyPatch, meanwhile: Any) -> None:
    """Has `meanwhile` called before each insert commits, when its files are written already."""
    commit = Catalog.commit

    def interrupting(self: Catalog, change: Any) -> Any:
        if change.operation == 'insert':
            meanwhile()
        return commit(self, change)

    monkeypatch.setattr(Catalog, 'commit', interrupting)


def test_a_writer_of_this_process_is_safe(t: pxt.Table, fill: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(monkeypatch, t.vacuum)
    fill(t, 1000, 500)
    assert t.where(t.n >= 1000).count() == len(t.where(t.n >= 1000).select(t.s).collect()) == 500


def test_a_writer_that_lost_its_file_does_not_commit(
    t: pxt.Table, fill: Any, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that slept so long that another one took it for dead."""
    before = rows(t)
    monkeypatch.setattr(leases.Leases, 'writing_since', lambda self: None)
    interrupted(monkeypatch, t.vacuum)
    with pytest.raises(pxt.ConcurrencyError, match='vacuum_grace_s') as caught:
        fill(t, 1000, 500)
    assert caught.value.error_code is pxt.ErrorCode.CONCURRENT_MODIFICATION
    assert rows(t) == before


def test_a_lease_protects_a_writer(t: pxt.Table, fill: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As another process would see it: it knows the lease and not the writer."""

    def vacuumed_by_another() -> None:
        with monkeypatch.context() as patch:
            session().catalog.hold('other', (), session().engine.context.store.uncommitted.times(), 2**62)
            patch.setattr(leases.Leases, 'writing_since', lambda self: None)
            assert t.vacuum().orphans == 0

    interrupted(monkeypatch, vacuumed_by_another)
    fill(t, 1000, 500)
    assert t.where(t.n >= 1000).count() == len(t.where(t.n >= 1000).select(t.s).collect()) == 500


def test_an_operation_that_fails_leaves_an_orphan(t: pxt.Table, objects: Any, named: Any) -> None:
    with pytest.raises(pxt.Error):
        t.insert([{'n': n, 's': f'{n}5'} for n in range(3000)], on_error='abort')
    t.vacuum()
    assert objects() == named()
