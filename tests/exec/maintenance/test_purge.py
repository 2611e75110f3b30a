from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pixeltable as pxt
from pixeltable.api.default import session
from pixeltable.catalog.catalog import Catalog
from pixeltable.storage import flush

pytestmark = pytest.mark.filterwarnings('ignore::pixeltable.PixeltableWarning')


@pytest.fixture
def grep(home: Path, text_of: Callable[[int], str]) -> Callable[[int | str], list[str]]:
    """The files of the home that hold a text, or that of row `n` in any form."""

    def found(what: int | str) -> list[str]:
        start = what if isinstance(what, str) else text_of(what)[:12]
        files = (path for path in home.rglob('*') if path.is_file() and path.parent.name != 'logs')  # see `not_reached`
        contents = ((path, path.read_bytes()) for path in files)
        forms = (start.encode(), start.upper().encode())
        return sorted(path.relative_to(home).parts[0] for path, data in contents if any(form in data for form in forms))

    return found


@pytest.mark.parametrize('n', [3, 5, 7, 8, 201, 202, 204])
def test_a_row_is_gone_from_everywhere(t: pxt.Table, rows: Any, grep: Any, objects: Any, named: Any, n: int) -> None:
    """Rows in Parquet and inlined ones; one that failed, some that were updated, some that were deleted."""
    pxt.create_snapshot('kept', pxt.get_table('t:4'))
    before = {version: rows(pxt.get_table(f't:{version}')) for version in range(1, 7)}
    assert grep(n) != []
    status = t.purge(where=t.n == n)
    assert grep(n) == []
    for version, had in before.items():
        assert rows(pxt.get_table(f't:{version}')) == [row for row in had if row['n'] != n]
    assert (status.rows, status.objects) == (1, len({n} & set(range(200))))
    assert status.versions == sum(any(row['n'] == n for row in had) for had in before.values())
    assert objects() == named()
    assert all(any(what in each for each in status.not_reached) for what in ('backups', 'logs'))
    assert t.get_versions(1)[0]['deletes'] == (n not in (8, 202))
    t.insert(n=n, s='new')
    assert t.where(t.n == n).collect()['s'] == ['new']


def test_a_row_goes_under_all_its_values(t: pxt.Table, rows: Any, grep: Any, text_of: Any) -> None:
    """It matched in a past version only."""
    t.purge(where=t.s == text_of(7))
    assert 7 not in [row['n'] for row in rows(t)]
    assert grep(7) == []
    assert [row['n'] for row in rows(t) if row['s'] == 'changed'] == [201]


def test_a_value_that_no_version_sees_goes_alone(t: pxt.Table, rows: Any, grep: Any, text_of: Any) -> None:
    t.vacuum(retain=1)
    before = rows(t)
    assert grep(7) == ['data']  # in the place of a row that was updated
    status = t.purge(where=t.s == text_of(7))
    assert (status.rows, status.versions, status.files) == (0, 0, 1)
    assert grep(7) == []
    assert rows(t) == before


def test_nothing_matches(t: pxt.Table, objects: Any) -> None:
    before, versions = objects(), t.get_versions()
    assert t.purge(where=t.n == 4711).message.startswith('Purged 0 rows from 0 versions')
    assert (objects(), t.get_versions()) == (before, versions)


def test_all_rows(t: pxt.Table, objects: Any) -> None:
    assert t.purge(where=t.n >= 0).rows == 206
    assert objects() == set()
    assert [pxt.get_table(f't:{version}').count() for version in range(8)] == [0] * 8


def test_a_column_that_was_dropped(t: pxt.Table, grep: Any, text_of: Any) -> None:
    t.drop_column('loud')
    t.drop_column('s')
    t.purge(where=pxt.get_table('t:6').s == text_of(10))
    assert grep(10) == []
    assert (t.count(), pxt.get_table('t:6').where(pxt.get_table('t:6').n == 10).count()) == (203, 0)


def test_a_column_that_is_computed(t: pxt.Table, rows: Any) -> None:
    t.purge(where=t.loud == 'CHANGED')
    assert not {7, 201} & {row['n'] for row in rows(t)}


@pytest.mark.parametrize('with_key', [True, False])
def test_every_type(grace: Any, grep: Any, with_key: bool) -> None:
    columns = {
        'key': pxt.String,
        'j': pxt.Json | None,
        'u': pxt.UUID | None,
        'b': pxt.Binary | None,
        'ts': pxt.Timestamp | None,
        'v': pxt.Array[(3,), pxt.Float] | None,
        'a': pxt.Array | None,
    }
    t = pxt.create_table('types', columns, primary_key='key' if with_key else None)

    def row(n: int) -> dict[str, Any]:
        vector = np.full(3, n, np.float32)
        secret = f'secret {n:04}'
        return {
            'key': secret,
            'j': {'x': secret},
            'u': uuid.UUID(int=n),
            'b': secret.encode(),
            'v': vector,
            'a': vector,
        }

    t.insert([row(n) for n in range(300)])
    t.insert([row(n) for n in range(300, 303)])
    t.purge(where=t.key.isin(['secret 0017', 'secret 0301']))
    assert grep('secret 0017') == grep('secret 0301') == []
    assert t.order_by(t.key).collect()['j'] == [{'x': f'secret {n:04}'} for n in range(303) if n not in (17, 301)]
    t.insert([row(17)])
    if with_key:
        assert t.where(t.key == 'secret 0100').count() == 1
        with pytest.raises(pxt.RequestError, match='0100'):
            t.insert([row(100)])


def test_rows_that_come_and_move_meanwhile_are_found(
    t: pxt.Table, rows: Any, grep: Any, fill: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before its first commit rows are inserted and updated, before the second all are moved to other segments."""
    monkeypatch.setattr(flush, 'MAX_INLINED', 1)
    commit = Catalog.commit
    others = [lambda: fill(t, 1000, 300), lambda: t.update({'n': 1007}, where=t.n == 3), t.optimize]

    def interrupted(self: Catalog, change: Any) -> Any:
        if change.operation == 'purge' and others:
            others.pop(0)()
        return commit(self, change)

    monkeypatch.setattr(Catalog, 'commit', interrupted)
    assert t.purge(where=t.n.isin([1, 1007])).rows == 3
    assert grep(1) == grep(1007) == grep(3) == []
    assert not {1, 3, 1007} & {row['n'] for row in rows(t)}
    assert t.count() == 204 + 300 - 3


def test_writers_plan_again(t: pxt.Table, rows: Any, grep: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    commit, others = Catalog.commit, [lambda: t.purge(where=t.n == 10)]

    def interrupted(self: Catalog, change: Any) -> Any:
        if change.operation == 'update' and others:
            others.pop(0)()
        return commit(self, change)

    monkeypatch.setattr(Catalog, 'commit', interrupted)
    assert t.update({'s': t.s + '!'}, where=t.n < 20).num_rows == 18
    t.vacuum(retain=1)
    assert grep(10) == []


@pytest.mark.usefixtures('t')
def test_a_reader_under_way_reads_again(reopen: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    from pixeltable.api.query import Query

    reopen()
    t = pxt.get_table('t')
    result, others = Query._result, [lambda: t.purge(where=t.n == 10)]

    def interrupted(self: Query, prepared: Any) -> Any:
        if others:
            others.pop(0)()
        return result(self, prepared)

    monkeypatch.setattr(Query, '_result', interrupted)
    assert 10 not in t.select(t.n, t.s).collect()['n']


def test_another_session_forgets_too(t: pxt.Table, rows: Any) -> None:
    from pixeltable.session import Session

    other = Session(session().settings)
    try:
        other.catalog.contents(t._table_id)
        t.purge(where=t.n == 10)
        source = other.engine.source(t._table_id)
        assert 10 not in [n for table in source.read(['c1']) for n in table.column(0).to_pylist()]
    finally:
        other.close()


@pytest.mark.parametrize('where', [None, 'n = 3', True])
def test_it_needs_a_condition(t: pxt.Table, where: Any) -> None:
    with pytest.raises(pxt.RequestError):
        t.purge(where=where)
    with pytest.raises(TypeError):
        t.purge()  # type: ignore[call-arg]


def test_not_of_a_snapshot(t: pxt.Table) -> None:
    with pytest.raises(pxt.RequestError, match='past version'):
        pxt.snapshot(t, name='x').purge(where=t.n == 1)
