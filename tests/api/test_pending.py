"""Cells that are yet to be computed: they read as such, and whatever needs one computes it first, once."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest

import pixeltable as pxt


@pytest.fixture
def half(paused, times_ten, calls) -> pxt.Table:
    """`k` from 0 to 5, `x` ten times that and `y` one more; of the rows from 3 on these are pending."""
    t = pxt.create_table('half', {'k': pxt.Int, 's': pxt.String | None})
    t.add_computed_column(x=times_ten(t.k))
    t.add_computed_column(y=t.x + 1)
    t.insert({'k': k, 's': 'old'} for k in range(3))
    t.insert(({'k': k, 's': 'new'} for k in range(3, 6)), background=True)
    calls.take()
    return t


def cells(t: pxt.Table, *names: str) -> dict[int, tuple[object, ...]]:
    rows = t.select(t.k, **{name: t[name] for name in names}).collect()
    return {row['k']: tuple(row[name] for name in names) for row in rows}


def pending(t: pxt.Table, column: str) -> list[int]:
    return t.where(t[column].errortype == 'Pending').select(t.k).collect()['k']


def test_they_read_as_null_and_can_be_searched(half) -> None:
    assert half.count() == 6
    assert cells(half, 'x', 'y') == {
        0: (0, 1),
        1: (10, 11),
        2: (20, 21),
        3: (None,) * 2,
        4: (None,) * 2,
        5: (None,) * 2,
    }
    assert (pending(half, 'x'), pending(half, 'y')) == ([3, 4, 5], [3, 4, 5])
    assert half.where(half.k == 4).select(m=half.x.errormsg).collect()['m'] == ['not computed yet']
    assert half.where(half.x.errortype == None).count() == 3  # noqa: E711
    assert half.where(half.x > 0).count() == 2


def test_an_expression_over_them_is_null(half) -> None:
    half.add_computed_column(z=half.x * 2, stored=False)
    assert cells(half, 'z')[4] == (None,)
    assert half.where(half.k >= 4).select(n=half.x + half.k).collect()['n'] == [None, None]


def test_a_search_does_not_find_them(paused) -> None:
    @pxt.udf
    def embed(text: str) -> pxt.Array[(2,), pxt.Float]:
        return np.array([len(text), 1], dtype=np.float32)

    t = pxt.create_table('docs', {'text': pxt.String})
    t.add_embedding_index('text', string_embed=embed)
    t.insert(text='a')
    t.insert([{'text': 'aa'}], background=True)
    query = t.order_by(t.text.similarity('aa'), asc=False).limit(2).select(t.text)
    assert query.collect()['text'][0] == 'a'
    paused()
    pxt.jobs()[0].wait()
    assert query.collect()['text'] == ['aa', 'a']


def test_an_update_computes_those_of_its_rows(half, calls) -> None:
    status = half.update({'s': 'changed'}, where=half.k <= 4)
    assert calls.take() == ['3', '4']
    assert (status.num_rows, status.num_computed_values) == (5, 4)
    assert pending(half, 'x') == [5]
    assert cells(half, 's', 'y')[4] == ('changed', 41)
    assert half.update({'k': 7}, where=half.k == 5).num_computed_values == 2
    assert (calls.take(), pending(half, 'y')) == (['7'], [])


def test_so_does_one_that_does_not_cascade(half, calls) -> None:
    half.update({'k': 50}, where=half.k == 5, cascade=False)
    assert (calls.take(), cells(half, 'y')[50]) == (['50'], (501,))


def test_batch_update_and_upsert(half, calls) -> None:
    ids = {row['k']: row['i'] for row in half.select(half.k, i=half.id).collect()}
    half.batch_update([{'id': ids[k], 's': f'new {k}'} for k in (1, 3, 5)])
    assert (calls.take(), pending(half, 'x')) == (['3', '5'], [4])
    assert cells(half, 's', 'y') | {4: ()} == {
        0: ('old', 1), 1: ('new 1', 11), 2: ('old', 21), 3: ('new 3', 31), 4: (), 5: ('new 5', 51)
    }  # fmt: skip


def test_a_new_column_computes_what_it_reads(half, calls) -> None:
    half.add_computed_column(z=half.y * 2)
    assert calls.take() == ['3', '4', '5']
    assert (pending(half, 'x'), pending(half, 'y'), pending(half, 'z')) == ([], [], [])
    assert cells(half, 'z')[5] == (102,)


def test_a_new_column_that_does_not_read_them_leaves_them(half, calls) -> None:
    half.add_computed_column(z=half.k * 2)
    assert (calls.take(), pending(half, 'x'), cells(half, 'z')[5]) == ([], [3, 4, 5], (10,))


def test_recomputing(half, calls) -> None:
    assert half.recompute_columns('y').num_computed_values == 9
    assert (calls.take(), pending(half, 'x'), cells(half, 'y')[3]) == (['3', '4', '5'], [], (31,))


def test_recomputing_only_those(half, calls) -> None:
    status = half.recompute_columns('x', where=half.x.errortype == 'Pending')
    assert (status.num_rows, calls.take(), pending(half, 'y')) == (3, ['3', '4', '5'], [])
    assert cells(half, 'y')[5] == (51,)


def test_recomputing_one_computes_those_that_were_stored_with_it(half, calls) -> None:
    half.recompute_columns('x', where=(half.k == 1) | (half.k == 4))
    assert (calls.take(), pending(half, 'x')) == (['1', '3', '4', '5'], [])


def test_they_are_no_errors_to_be_computed_again(half, calls) -> None:
    assert half.recompute_columns('x', errors_only=True).num_rows == 0
    assert calls.take() == []


def test_versions_and_differences(half) -> None:
    before = half.get_versions(1)[0]['version']
    half.recompute_columns('x')
    then = pxt.get_table(f'half:{before}')
    assert (pending(then, 'x'), pending(half, 'x')) == ([3, 4, 5], [])
    changed = half.diff(before)
    assert [(row['change'], row['id'], row['after']) for row in changed] == [
        ('updated', 4 + k, {'x': 10 * (3 + k), 'y': 10 * (3 + k) + 1}) for k in range(3)
    ]
    half.revert()
    assert pending(half, 'y') == [3, 4, 5]


def test_plain_duckdb(half) -> None:
    rows = duckdb.sql(half.duckdb_sql()).fetchall()
    assert sorted(rows)[2:4] == [(2, 'old', 20, 21), (3, 'new', None, None)]


def test_verify_notes_them(half) -> None:
    report = pxt.verify()
    assert report.ok
    assert [note for note in report.notes if 'not computed yet' in note] == [
        f"table 'half', column {name!r}: some of its cells are not computed yet" for name in ('x', 'y')
    ]


def test_compaction_merges_what_lacks_the_same(half, calls) -> None:
    half.insert([{'k': 6}], background=True)
    half.insert([{'k': 7}])
    half.optimize()
    assert len(half._source().contents.segments) == 3  # a job is about to complete two of them
    for job in pxt.jobs():
        job.cancel()
    half.optimize()
    assert [segment.live_rows for segment in half._source().contents.segments] == [4, 4]
    assert pending(half, 'x') == [3, 4, 5, 6]
    half.recompute_columns('x', where=half.x.errortype == 'Pending')
    assert (sorted(cells(half, 'y')), calls.take()) == ([*range(8)], ['3', '4', '5', '6', '7'])


def test_restoring(half) -> None:
    version = half.get_versions(1)[0]['version']
    half.recompute_columns('x')
    half.delete(where=half.k == 4)
    pxt.restore(half, version=version)
    assert (pending(half, 'x'), cells(half, 'y')[2]) == ([3, 4, 5], (21,))


def test_purging(half) -> None:
    half.purge(where=half.k == 4)
    assert pending(half, 'x') == [3, 5]
    half.recompute_columns('x')
    assert cells(half, 'y')[5] == (51,)


def test_dropping_the_column(half, paused) -> None:
    half.drop_column('y')
    half.drop_column('x')
    paused()
    (job,) = pxt.jobs()
    assert (job.wait(), job.progress) == (True, (6, 6))
