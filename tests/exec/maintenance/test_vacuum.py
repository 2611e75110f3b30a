from __future__ import annotations

import datetime
import gc
from pathlib import Path
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable._support.time_ids import new_id
from pixeltable.api.default import session
from pixeltable.exec.engine import Engine
from pixeltable.exec.maintenance import vacuum as module

pytestmark = pytest.mark.filterwarnings('ignore::pixeltable.PixeltableWarning')


@pytest.fixture
def catalog_url(either_catalog: str | None) -> str | None:
    return either_catalog


def test_a_compacted_table_is_all_that_is_left(t: pxt.Table, rows: Any, objects: Any, named: Any) -> None:
    before = rows(t)
    t.optimize()
    status = t.vacuum(retain=1)
    assert (status.versions, status.waiting, len(objects())) == (6, 0, 1)
    assert status.files > 3
    assert status.bytes > 0
    assert objects() == named()
    assert rows(t) == before
    assert t.vacuum(retain=1).message.startswith('Vacuumed 0 versions: removed 0 files (0 bytes)')


def test_versions_are_gone_or_whole(t: pxt.Table, rows: Any) -> None:
    kept = {version: rows(pxt.get_table(f't:{version}')) for version in (5, 6)}
    t.optimize()
    t.vacuum(retain=2)
    assert {version: rows(pxt.get_table(f't:{version}')) for version in (5, 6)} == kept
    for version in range(5):
        with pytest.raises(pxt.NotFoundError, match='vacuumed'):
            pxt.get_table(f't:{version}').count()
    assert [each['vacuumed'] for each in t.get_versions()] == [False, False, *[True] * 5]


def test_snapshots_are_kept(t: pxt.Table, rows: Any) -> None:
    pxt.snapshot(pxt.get_table('t:2'), name='named')
    pxt.create_snapshot('own', pxt.get_table('t:3'))
    before = rows(pxt.get_table('own'))
    t.optimize()
    t.vacuum(retain=1)
    assert rows(pxt.get_table('own')) == before
    assert pxt.get_snapshot('t', 'named').count() == 200
    pxt.restore('t', snapshot='named')
    assert t.count() == 200


@pytest.mark.parametrize('restored_first', [True, False])
def test_a_restore_and_a_vacuum(t: pxt.Table, restored_first: bool, rows: Any) -> None:
    before = rows(pxt.get_table('t:2'))
    t.delete()
    if restored_first:
        pxt.restore('t', version=2)
        t.vacuum(retain=1)
        assert rows(t) == before
    else:
        t.vacuum(retain=1)
        with pytest.raises(pxt.NotFoundError, match='vacuumed'):
            pxt.restore('t', version=2)
        assert t.count() == 0


def test_with_a_grace_period_readers_have_time(t: pxt.Table, grace: Any, rows: Any, objects: Any) -> None:
    t.optimize()
    old = pxt.get_table('t:2')
    before, files = rows(old), objects()
    source = old._source()  # a reader that was told of the version
    grace(60)
    status = t.vacuum(retain=1)
    assert (status.versions, status.waiting, status.files) == (6, 6, 0)
    assert objects() == files
    assert sum(table.num_rows for table in source.read(['c1'])) == len(before)
    with pytest.raises(pxt.NotFoundError, match='vacuumed'):
        rows(old)
    del source
    gc.collect()
    grace(0)
    assert (t.vacuum().versions, len(objects())) == (0, 1)


def test_who_reads_in_this_process_is_never_disturbed(t: pxt.Table, engine: Engine) -> None:
    t.optimize()
    source = pxt.get_table('t:2')._source()
    t.vacuum(retain=1)
    assert sum(table.num_rows for table in source.read(['c1', 'c2'])) == 200


def test_retention_of_a_table(t: pxt.Table) -> None:
    t.set_retention(versions=3)
    assert t.get_metadata()['version'] == 6
    assert t.vacuum().versions == 4
    t.set_retention(age=datetime.timedelta(hours=1))
    assert t.vacuum().versions == 0
    t.set_retention(versions=1, age=datetime.timedelta(0))
    assert t.vacuum().versions == 2
    t.set_retention()
    t.insert(n=1)
    assert t.vacuum().versions == 0
    assert t.vacuum(retain=datetime.timedelta(0)).versions == 1


@pytest.mark.parametrize('retain', [0, -1, True, 1.5, 'all', datetime.timedelta(-1)])
def test_what_retains_nothing(t: pxt.Table, retain: Any) -> None:
    with pytest.raises(pxt.RequestError, match='not'):
        t.vacuum(retain=retain)
    with pytest.raises(pxt.RequestError, match='not'):
        pxt.vacuum(retain)


def test_it_happens_by_itself_if_there_is_a_retention(grace: Any, fill: Any) -> None:
    t = pxt.create_table('t', {'n': pxt.Int, 's': pxt.String})
    t.set_retention(versions=5)
    for n in range(200):
        fill(t, n, 1)
    session().maintenance._work.__self__._grace_s = 0  # type: ignore[attr-defined]
    fill(t, 200, 1)
    session().maintenance.drain()
    assert sum(not each['vacuumed'] for each in t.get_versions()) < 150
    assert t.count() == 201


def test_a_home_with_dropped_tables_and_functions(t: pxt.Table, home: Path, objects: Any) -> None:
    before = len(session().catalog._database.connection().command('SELECT * FROM functions'))
    other = pxt.create_table('other', {'x': pxt.Int})
    other.insert([{'x': x} for x in range(1000)])
    offset = 1
    other.add_computed_column(y=_local(offset)(other.x))
    pxt.drop_table('other')
    status = pxt.vacuum()
    assert (status.tables, status.functions) == (1, 1)
    assert len(session().catalog._database.connection().command('SELECT * FROM functions')) == before
    with pytest.raises(pxt.NotFoundError):
        pxt.restore('other')
    assert t.count() == 204


def test_a_table_with_a_data_root_of_its_own(grace: Any, fill: Any, tmp_path: Path) -> None:
    t = pxt.create_table('own', {'n': pxt.Int, 's': pxt.String}, data=tmp_path / 'elsewhere')
    for start in (0, 200):
        fill(t, start, 200)
    t.optimize()
    (tmp_path / 'elsewhere' / 'tables' / t._table_id / f'{new_id()}.parquet').write_bytes(b'left behind')
    assert (t.vacuum(retain=1).orphans, t.count()) == (1, 400)

    def files() -> int:
        return sum(path.is_file() for path in (tmp_path / 'elsewhere' / 'tables').rglob('*'))

    assert files() == 1
    pxt.drop_table('own')
    assert (pxt.vacuum().tables, files()) == (1, 0)


def test_a_dropped_table_waits(t: pxt.Table, grace: Any, rows: Any) -> None:
    before = rows(t)
    t.set_retention(age=datetime.timedelta(hours=1))
    pxt.drop_table('t')
    assert pxt.vacuum().tables == 0
    pxt.restore('t')
    assert rows(pxt.get_table('t')) == before
    pxt.get_table('t').set_retention()
    pxt.drop_table('t')
    grace(60)
    assert pxt.vacuum().tables == 0
    grace(0)
    assert pxt.vacuum(retain=datetime.timedelta(hours=1)).tables == 0
    assert pxt.vacuum(retain=1).tables == 1


def test_a_crash_before_the_objects_are_deleted(
    t: pxt.Table, objects: Any, named: Any, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(t)
    t.optimize()

    def crash(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, 'delete_objects', crash)
        with pytest.raises(KeyboardInterrupt):
            t.vacuum(retain=1)
    assert named() < objects()
    assert rows(t) == before
    assert t.vacuum().orphans == 1
    assert objects() == named()


def _local(offset: int) -> Any:
    @pxt.udf
    def shifted(x: int) -> int:
        return x + offset

    return shifted
