from __future__ import annotations

import datetime

import numpy as np
import pytest

import pixeltable as pxt
from pixeltable.storage import flush, segments


def rows(result: pxt.ResultSet) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in result]


def test_inserted_deleted_and_updated_rows(t) -> None:
    t.update({'s': 'x'}, where=t.k == 1)
    t.delete(t.k == 3)
    t.insert(k=9, s='new', f=None)
    assert rows(t.diff(1)) == [
        ('updated', 2, {'s': 'b'}, {'s': 'x'}),
        ('deleted', 4, {'k': 3, 's': 'd', 'f': 1.5}, None),
        ('inserted', 6, None, {'k': 9, 's': 'new', 'f': None}),
    ]


def test_the_other_way_round_is_the_inverse(t) -> None:
    t.update({'s': 'x'}, where=t.k == 1)
    t.delete(t.k == 3)
    t.insert(k=9, s='new')
    inverse = {'inserted': 'deleted', 'deleted': 'inserted', 'updated': 'updated'}
    forth = [(inverse[change], id_, after, before) for change, id_, before, after in rows(t.diff(1, 4))]
    assert rows(t.diff(4, 1)) == forth


def test_nothing_between_a_state_and_itself(t) -> None:
    assert len(t.diff(1, 1)) == len(t.diff(1)) == 0
    assert t.diff(1).schema == {'change': 'String', 'id': 'Int', 'before': 'Json | None', 'after': 'Json | None'}


def test_snapshots_and_times_name_states(t) -> None:
    pxt.snapshot(t, name='before')
    between = t.get_versions(1)[0]['created_at']
    t.delete(t.k > 0)
    assert rows(t.diff('before')) == rows(t.diff(1, 2)) == rows(t.diff(between, datetime.datetime.now()))
    assert rows(t.at('before').diff(2)) == rows(t.diff(2, 1))


def test_computed_cells_change_with_their_inputs(t) -> None:
    t.add_computed_column(double=t.k * 2)
    t.update({'k': 7}, where=t.k == 4)
    assert rows(t.diff(2)) == [('updated', 5, {'k': 4, 'double': 8}, {'k': 7, 'double': 14})]


def test_a_recomputed_column(t, monkeypatch) -> None:
    @pxt.udf
    def shifted(n: int) -> int:
        import os

        return n + int(os.environ['SHIFT'])

    monkeypatch.setenv('SHIFT', '1')
    t.add_computed_column(m=shifted(t.k))
    monkeypatch.setenv('SHIFT', '2')
    t.recompute_columns('m', where=t.k > 2)
    assert rows(t.diff(2)) == [('updated', 4, {'m': 4}, {'m': 5}), ('updated', 5, {'m': 5}, {'m': 6})]


def test_columns_that_came_or_went_make_no_row_differ(t) -> None:
    t.add_computed_column(double=t.k * 2)
    t.drop_column('f')
    t.rename_column('s', 'text')
    assert len(t.diff(1)) == 0
    t.update({'text': 'x'}, where=t.k == 0)
    t.delete(t.k == 1)
    t.insert(k=9, text='y')
    assert rows(t.diff(1)) == [
        ('updated', 1, {'s': 'a'}, {'text': 'x'}),
        ('deleted', 2, {'k': 1, 's': 'b', 'f': 0.5}, None),
        ('inserted', 6, None, {'k': 9, 'text': 'y', 'double': 18}),
    ]


def test_an_update_to_the_same_value_is_none(t) -> None:
    t.update({'s': 'a'}, where=t.k < 2)
    assert [row['id'] for row in t.diff(1)] == [2]


def test_a_column_that_is_dropped_and_added_again_is_another_one(t) -> None:
    t.drop_column('f')
    t.add_column(f=pxt.Float | None)
    assert len(t.diff(1)) == 0


def test_restored_and_reverted_states_are_equal(t) -> None:
    t.delete(t.k == 1)
    t.update({'s': 'x'})
    pxt.restore(t, version=1)
    assert len(t.diff(1)) == 0
    t.revert()
    assert len(t.diff(3)) == 0
    assert len(t.diff(1)) == 5


def test_a_flush_changes_nothing(t, monkeypatch) -> None:
    monkeypatch.setattr(flush, 'MAX_INLINED', 1)
    for k in range(10, 14):
        t.insert(k=k, s='more', f=float('nan'))
    t._session.flush(t._table_id)
    assert len(t.diff(5)) == 0
    t.delete(t.k == 12)
    assert [row['id'] for row in t.diff(5)] == [8]


def test_every_type_becomes_json(t) -> None:
    types = {'a': pxt.Array[(2,), np.int32] | None, 'b': pxt.Binary | None, 'd': pxt.Date | None}
    table = pxt.create_table('types', types)
    table.insert(a=np.array([1, 2], np.int32), b=b'x', d=datetime.date(2024, 1, 2))
    table.insert([{'a': None}])
    after = {'a': [1, 2], 'b': 'eA==', 'd': '2024-01-02'}
    assert rows(table.diff(0)) == [('inserted', 1, None, after), ('inserted', 2, None, dict.fromkeys('abd'))]


@pytest.mark.parametrize('inline', [1 << 20, 0], ids=['inlined', 'parquet'])
def test_only_segments_that_differ_are_read(t, monkeypatch, inline) -> None:
    monkeypatch.setattr(segments, 'INLINE_BYTES', inline)
    for start in range(100, 600, 100):
        t.insert({'k': k, 's': str(k)} for k in range(start, start + 100))
    before = t.get_metadata()['version']
    t.update({'s': 'x'}, where=t.k == 250)
    t.delete(t.k == 333)
    t.insert(k=1000, s='new')
    store = t._session.engine.context.store
    monkeypatch.setattr(store.cache, 'get', lambda key: None)
    read = []
    get, get_range = store.objects.get, store.objects.get_range
    monkeypatch.setattr(store.objects, 'get', lambda key: read.append(key) or get(key))
    monkeypatch.setattr(store.objects, 'get_range', lambda key, *part: read.append(key) or get_range(key, *part))
    assert [row['id'] for row in t.diff(before)] == [156, 239, 506]
    touched = 0 if inline else 4  # two old segments, the updated row, the new one
    assert len(set(read)) == touched


def test_a_column_that_did_not_change_is_not_read(t, monkeypatch) -> None:
    monkeypatch.setattr(segments, 'INLINE_BYTES', 0)
    t.insert({'k': k, 's': str(k)} for k in range(100))
    t.add_computed_column(double=t.k * 2)
    before = t.get_metadata()['version']
    t.recompute_columns('double')
    columns = []
    read_segment = type(t._source()).read_segment

    def reading(self, index, segment, fields, *rest, **options):
        columns.extend(fields)
        return read_segment(self, index, segment, fields, *rest, **options)

    monkeypatch.setattr(type(t._source()), 'read_segment', reading)
    assert len(t.diff(before)) == 0
    assert set(columns) == {'c4'}


def test_a_view_differs_in_what_it_shows_of_its_base(t) -> None:
    v = pxt.create_view('v', t.where(t.k > 0), additional_columns={'twice': t.k * 2, 'note': pxt.String | None})
    w = pxt.create_view('w', v.where(v.twice < 9).select(v.s, v.note, v.twice))
    v.update({'note': 'seen'}, where=v.k == 1)
    t.update({'s': 'x'}, where=t.k == 1)
    t.delete(t.k == 3)
    t.insert(k=4, s='new')
    expected = [
        ('updated', 1, {'note': None, 's': 'b'}, {'note': 'seen', 's': 'x'}),
        ('deleted', 3, {'twice': 6, 'note': None, 'k': 3, 's': 'd', 'f': 1.5}, None),
        ('inserted', 5, None, {'twice': 8, 'note': None, 'k': 4, 's': 'new', 'f': None}),
    ]
    assert rows(v.diff(0)) == expected
    assert [row[0] for row in rows(w.diff(0))] == ['updated', 'deleted', 'inserted']
    assert rows(w.diff(0))[0] == ('updated', 1, {'s': 'b', 'note': None}, {'s': 'x', 'note': 'seen'})
    told = [(row['change'], row['before'], row['after']) for row in v.changes(since=0)]
    assert told[:2] == [('updated', {'note': None}, {'note': 'seen'}), ('updated', {'s': 'b'}, {'s': 'x'})]
    assert [change for change, _, _ in told[2:]] == ['deleted', 'inserted']
    assert len(v.changes()) == len(v.changes(since=0)) + 4
