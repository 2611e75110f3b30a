"""`pxt.verify` and `pxt.repair` on both databases; what they find is tested in tests/exec/maintenance."""

from __future__ import annotations

import pytest

import pixeltable as pxt
from pixeltable.storage.objects.open import open_store


@pytest.fixture
def built(t, calls) -> pxt.Table:
    path = calls.path

    @pxt.udf
    def double(k: int) -> int:
        with open(path, 'a') as log:
            log.write(f'{k}\n')
        return 2 * k

    t.add_computed_column(d=double(t.k))
    pxt.snapshot(t, name='s', tags=['x'])
    t.update({'s': 'new'}, where=t.k == 3)
    t.delete(where=t.k == 0)
    calls.take()
    return t


def test_all_is_well(built, calls) -> None:
    report = pxt.verify()
    assert (report.ok, report.problems, report.notes) == (True, (), ())
    assert (report.tables, report.cells) == (1, 4)
    assert calls.take() == ['1', '2', '3', '4']
    assert pxt.verify(built, sample=2).cells == 2
    assert pxt.verify('t', sample=0).cells == 0


def test_a_file_that_is_gone(home, reopen) -> None:
    t = pxt.create_table('t', {'k': pxt.Int})
    t.insert({'k': k} for k in range(9000))
    t.add_computed_column(d=t.k * 2)
    first, second = sorted((home / 'data').rglob('*.parquet'), key=lambda path: path.stat().st_mtime_ns)
    second.unlink()
    reopen()
    (problem,) = pxt.verify(sample=0).problems
    assert (problem.table, problem.file, problem.what) == (
        't',
        f'{second.relative_to(home / "data").as_posix()!r}',
        'it is missing',
    )
    t = pxt.get_table('t')
    with pytest.raises(pxt.NotFoundError, match='does not exist in the store'):
        t.select(t.d).collect()
    report = pxt.repair('t')
    assert (report.ok, len(report.repaired)) == (True, 1)
    assert t.select(t.d).collect()['d'] == [2 * k for k in range(9000)]
    first.unlink()
    reopen()
    report = pxt.repair()
    assert [problem.table for problem in report.problems] == ['t']
    assert 'restore it from a backup' in repr(report)


def test_objects_in_a_bucket(s3_root: str, reopen) -> None:
    t = pxt.create_table('t', {'k': pxt.Int}, data=s3_root)
    t.insert({'k': k} for k in range(9000))
    t.add_computed_column(d=t.k * 2)
    assert pxt.verify().ok
    store = open_store(s3_root)
    keys = sorted(found.key for found in store.list('tables/'))  # their names begin with the time
    content = bytes(store.get(keys[1]))
    store.put(keys[1], content[:1000] + b'x' + content[1001:])
    store.put(f'{keys[1]}.orphan', b'')
    reopen()
    report = pxt.verify('t', sample=0)
    assert [problem.file for problem in report.problems] == [repr(f'{s3_root}/{keys[1]}')]
    assert pxt.repair().ok
    assert pxt.get_table('t').collect()['d'][-1] == 17_998
    assert any(note.startswith('2 objects of') for note in pxt.verify().notes)  # the damaged one, too


def test_reports_are_readable(built) -> None:
    assert repr(pxt.verify(sample=0)).startswith('Checked 1 table, ')
    assert repr(pxt.repair()).startswith('Nothing to repair')


@pytest.mark.parametrize('table', [1, pxt.String, ['t']])
def test_not_a_table(table) -> None:
    with pytest.raises(pxt.RequestError, match='table is a table or the path of one'):
        pxt.verify(table)
