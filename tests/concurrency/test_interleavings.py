"""Every operation with every other one just before its commit: the outcome is that of one after the other."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.api import default
from pixeltable.storage import flush, segments

Meanwhile = Callable[..., contextlib.AbstractContextManager[list[bool]]]


@pxt.udf
def shifted(n: int) -> int:
    import os

    return n + int(os.environ['SHIFT'])


@pytest.fixture
def catalog_url() -> None:
    """The requirements of a commit are the same on both databases; `test_conflicts.py` looks at some on both."""
    return None


@pytest.fixture
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, 'INLINE_BYTES', 1 << 10)
    monkeypatch.setattr(flush, 'MAX_INLINED', 1)


@pytest.fixture(scope='module')
def made() -> Iterator[Path]:
    """Where the first test puts the home that all begin with, before it opens a copy."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder, 'home')


@pytest.fixture
def t(
    made: Path, tmp_path: Path, reopen: Callable[[], None], _small_limits: None, monkeypatch: pytest.MonkeyPatch
) -> pxt.Table:
    """Rows in a large and in small segments, some deleted, with two versions after a snapshot."""
    if not made.exists():
        reopen()
        make(monkeypatch)
        default.session().close()
        shutil.move(tmp_path / 'home', made)
    shutil.copytree(made, tmp_path / 'home')
    reopen()
    monkeypatch.setenv('SHIFT', '100')
    return pxt.get_table('t')


def make(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('SHIFT', '1')
    t = pxt.create_table('t', {'n': pxt.Int})
    t.add_computed_column(double=t.n * 2)
    t.add_computed_column(stamp=shifted(t.n))
    t.add_computed_column(total=t.stamp + 1)
    for start, size in ((0, 200), (200, 2), (202, 1), (203, 1)):
        t.insert([{'n': n} for n in range(start, start + size)])
    t.delete(where=(t.n % 50 == 7) | (t.n == 200))
    pxt.snapshot(t, name='before')
    monkeypatch.setenv('SHIFT', '10')
    t.recompute_columns('stamp')
    t.recompute_columns('double')


OPERATIONS: dict[str, tuple[str, str, Callable[[pxt.Table], Any]]] = {
    'insert': ('insert', 'insert', lambda t: t.insert([{'n': 1000}, {'n': 1001}])),
    'large insert': ('insert', 'insert', lambda t: t.insert([{'n': n} for n in range(2000, 2300)])),
    'update': ('update, delete', 'update', lambda t: t.update({'n': t.n + 5000}, where=t.n % 3 == 0)),
    'delete': ('update, delete', 'delete', lambda t: t.delete(where=t.n % 4 == 0)),
    'recompute': ('recompute_columns', 'recompute', lambda t: t.recompute_columns('stamp')),
    'recompute some': ('recompute_columns', 'recompute', lambda t: t.recompute_columns('stamp', where=t.n % 5 == 0)),
    'add column': ('computed column', 'add column', lambda t: t.add_computed_column(extra=t.stamp * 3)),
    'add plain column': ('column', 'add column', lambda t: t.add_column(plain=pxt.Int | None)),
    'drop column': ('column', 'drop column', lambda t: t.drop_column('double')),
    'rename column': ('column', 'rename column', lambda t: t.rename_column('stamp', 'renamed')),
    'flush': ('compaction', 'flush', lambda t: t._session.flush(t._table_id)),
    'optimize': ('compaction', 'optimize', lambda t: t.optimize()),
    'snapshot': ('snapshot', 'snapshot', lambda t: pxt.snapshot(t, name='other')),
    'revert': ('revert', 'revert', lambda t: t.revert()),
    'restore': ('restore', 'restore', lambda t: pxt.restore(t, snapshot='before')),
    'vacuum': ('vacuum', 'vacuum', lambda t: t.vacuum(retain=1)),
    'purge': ('purge', 'purge', lambda t: t.purge(where=t.n % 7 == 3)),
}
"""What the documentation calls it, the name of its commit, and how it is done."""


def assert_consistent(t: pxt.Table) -> None:
    """Every derived cell follows from the others, and every reader agrees on which rows there are."""
    rows = list(t.select(row_id=t.id, **{name: t[name] for name in t.columns()}).collect())
    assert len({row['row_id'] for row in rows}) == len(rows) == t.count()
    for row in rows:
        stamp = row['renamed'] if 'renamed' in row else row['stamp']
        assert row.get('double', row['n'] * 2) == row['n'] * 2
        assert stamp - row['n'] in (1, 10, 100)
        assert row['total'] == stamp + 1
        assert row.get('extra', stamp * 3) == stamp * 3


@pytest.mark.parametrize('other', OPERATIONS)
@pytest.mark.parametrize('operation', OPERATIONS)
def test_one_operation_inside_another(
    t: pxt.Table, meanwhile: Meanwhile, documented: dict[tuple[str, str], str], operation: str, other: str
) -> None:
    label, kind, work = OPERATIONS[operation]
    other_label, _, other_work = OPERATIONS[other]
    # The second may find that a name is taken or gone, or that the version to revert has become a snapshot.
    no_longer = (pxt.AlreadyExistsError, pxt.NotFoundError, *([pxt.RequestError] if other == 'snapshot' else []))
    with meanwhile(kind, lambda: other_work(t)) as refused, contextlib.suppress(*no_longer):
        work(t)
    assert {'no': not refused[0], 'yes': refused[0]}.get(documented[label, other_label], True)
    assert_consistent(t)
    t.update({'n': t.n + 1}, where=t.n % 2 == 0)
    assert_consistent(t)


def test_a_recomputation_that_is_undone_leaves_nothing_in_an_update(t: pxt.Table, meanwhile: Meanwhile) -> None:
    t.add_column(note=pxt.Int | None)
    t.recompute_columns('stamp')
    with meanwhile('update', t.revert):
        t.update({'note': 1})
    assert {row['stamp'] - row['n'] for row in t.collect()} == {10}


def test_a_flush_keeps_a_column_that_comes_back(t: pxt.Table, meanwhile: Meanwhile) -> None:
    t.drop_column('double')
    with meanwhile('flush', t.revert):
        t._session.flush(t._table_id)
    assert all(row['double'] == row['n'] * 2 for row in t.collect())


def test_an_insert_catches_up_with_several_columns(t: pxt.Table, meanwhile: Meanwhile) -> None:
    def add(name: str, value: Any) -> Callable[[], Any]:
        return lambda: t.add_computed_column(**{name: value()})

    with meanwhile('insert', add('more', lambda: shifted(t.stamp)), add('most', lambda: t.more + t.double)):
        t.insert([{'n': 7}])
    (row,) = t.where(t.n == 7).collect()
    assert (row['more'], row['most']) == (207, 221)


def test_an_insert_lacks_a_value_that_is_required_meanwhile(home: Path, meanwhile: Meanwhile) -> None:
    t = pxt.create_table('t', {'n': pxt.Int})
    with meanwhile('insert', lambda: t.add_column(m=pxt.Int)), pytest.raises(pxt.RequestError, match="'m'"):
        t.insert([{'n': 1}])
    assert t.count() == 0


def test_a_column_name_that_is_taken_meanwhile(t: pxt.Table, meanwhile: Meanwhile) -> None:
    with meanwhile('add column', lambda: t.add_column(extra=pxt.Int | None)), pytest.raises(pxt.AlreadyExistsError):
        t.add_computed_column(extra=t.n + 1)
    assert t.columns().count('extra') == 1


def test_a_column_is_renamed_or_goes_while_it_is_altered(t: pxt.Table, meanwhile: Meanwhile) -> None:
    with meanwhile('alter column', lambda: t.add_btree_index('double', idx_name='own')):
        t.alter_computed_column(double=t.n + t.n)
    assert list(t.get_metadata()['indexes']) == ['own']
    with meanwhile('alter column', lambda: t.rename_column('double', 'twice')), pytest.raises(pxt.NotFoundError):
        t.alter_computed_column(double=t.n * 3)
    assert t.columns() == ['n', 'twice', 'stamp', 'total']
    with meanwhile('alter column', lambda: t.drop_column('twice')), pytest.raises(pxt.NotFoundError):
        t.alter_computed_column(twice=t.n * 3)


def test_a_table_is_moved_while_its_record_changes(t: pxt.Table, meanwhile: Meanwhile) -> None:
    with meanwhile('move', lambda: t.set_retention(versions=5)) as refused:
        pxt.move('t', 'other')
    assert refused == [True, False]
    retention = t._schema().table.retention
    assert retention is not None
    assert (t._path, retention.versions) == ('other', 5)
    with meanwhile('move', lambda: pxt.move('other', 'third')), pytest.raises(pxt.NotFoundError):
        pxt.move('other', 'fourth')
    assert pxt.list_tables() == ['third']


def test_a_view_takes_the_place_of_one_that_goes_meanwhile(t: pxt.Table, meanwhile: Meanwhile) -> None:
    pxt.create_view('v', t.where(t.n < 2))

    def go() -> None:
        pxt.drop_table('v')
        t.add_column(note=pxt.Int | None)

    with meanwhile('create view', go) as refused:
        v = pxt.create_view('v', t.where(t.n < 3), if_exists='replace')
    assert (refused, v.count()) == ([True, False], 3)
