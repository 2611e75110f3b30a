"""What is stale and why, and computing it again: functions are in a module that is edited while the program stands still."""

from __future__ import annotations

import pytest

import pixeltable as pxt
from pixeltable.storage.segments import SegmentStore

CODE = """
PLUS = 1

def helper(k):
    return k + PLUS

@pxt.udf
def f(k: int) -> int:
    return helper(k) * 10

@pxt.udf
def g(x: int, model: str = 'one') -> str:
    return f'{model} {x}'
"""
OTHER = CODE.replace('helper(k) * 10', 'helper(k) * 100')


@pytest.fixture
def coded(users_module, t) -> pxt.Table:
    """`t` with `x = f(k)`, `y = g(x)` and `z = y + '!'`."""
    code = users_module.write(CODE)
    table = pxt.get_table('t')
    table.add_computed_column(x=code.f(table.k))
    table.add_computed_column(y=code.g(table.x))
    table.add_computed_column(z=table.y + '!')
    return table


def edited(users_module, old: str, new: str, text: str = CODE) -> pxt.Table:
    assert old in text
    users_module.write(text.replace(old, new))
    return pxt.get_table('t')


def reasons(table: pxt.Table) -> list[tuple[str, int, str]]:
    return [(row['column'], row['cells'], row['reason']) for row in table.stale()]


def test_nothing_is_stale(coded, users_module) -> None:
    assert len(coded.stale()) == 0
    table = edited(users_module, 'def f', '# a comment\ndef f')
    assert reasons(table) == []
    assert '(no rows)' in repr(table.stale())


@pytest.mark.parametrize(
    ('old', 'new', 'reason', 'words'),
    [
        ('helper(k) * 10', 'helper(k) * 100', 'code', 'f() changed since'),
        ('return k + PLUS', 'return k - PLUS', 'dependency', 'its helper helper() changed since'),
        ('PLUS = 1', 'PLUS = 2', 'dependency', 'PLUS, which it reads, changed since'),
    ],
)
def test_code_and_what_it_reads(coded, users_module, old: str, new: str, reason: str, words: str) -> None:
    table = edited(users_module, old, new)
    assert reasons(table) == [('x', 5, reason), ('y', 5, 'input'), ('z', 5, 'input')]
    assert words in table.stale()[0, 'detail']
    assert table.stale()['detail'][1:] == ["'x' is stale", "'y' is stale"]


def test_another_model(coded, users_module) -> None:
    table = edited(users_module, "'one'", "'two'")
    assert reasons(table) == [('y', 5, 'model'), ('z', 5, 'input')]
    assert "g(model) changed from 'one' to 'two'" in table.stale()[0, 'detail']


def test_no_data_is_read(coded, users_module, monkeypatch: pytest.MonkeyPatch) -> None:
    table = edited(users_module, 'PLUS = 1', 'PLUS = 2')
    monkeypatch.setattr(SegmentStore, 'read', lambda *_, **__: pytest.fail('a segment was read'))
    assert len(table.stale()) == 3


def test_what_is_stale_is_computed_again_and_nothing_else(coded, users_module, calls) -> None:
    logging = f"with open({calls.path!r}, 'a') as log: log.write(f'f {{k}}\\n')\n    return helper"
    logged = CODE.replace('return helper', logging)
    table = edited(users_module, "'one'", "'one'", logged)
    table.insert([{'k': 7, 's': 'x'}])
    assert calls.take() == ['f 7']
    assert reasons(table)[0] == ('x', 5, 'code')
    status = table.recompute_columns(only='stale')
    assert calls.take() == ['f 0', 'f 1', 'f 2', 'f 3', 'f 4']
    assert (status.num_rows, status.num_computed_values, status.updated_cols) == (5, 15, ['t.x', 't.y', 't.z'])
    assert reasons(table) == []
    version = len(table.get_versions())
    assert table.recompute_columns(only='stale').num_rows == 0
    assert (calls.take(), len(table.get_versions())) == ([], version)


def test_one_column_and_some_rows(coded, users_module) -> None:
    table = edited(users_module, 'helper(k) * 10', 'helper(k) * 100')
    assert table.recompute_columns('y', only='stale').num_rows == 0  # it is stale only as `x` is
    table.where(table.k >= 3).recompute_columns('x', only='stale')
    assert table.collect()['x'] == [10, 20, 30, 400, 500]
    assert reasons(table) == [('x', 5, 'code'), ('y', 5, 'input'), ('z', 5, 'input')]
    table.recompute_columns('x', only='stale', where=table.k < 3)  # the file cannot say that all are new
    table.recompute_columns('x', only='stale')
    assert table.collect()['z'] == [f'one {x}!' for x in (100, 200, 300, 400, 500)]
    assert reasons(table) == []


def test_without_cascade_dependents_stay_behind_and_say_so(coded) -> None:
    coded.update({'k': coded.k + 10}, where=coded.k == 0, cascade=False)
    assert reasons(coded) == [('x', 1, 'input'), ('y', 1, 'input'), ('z', 1, 'input')]
    assert 'cascade=False' in coded.stale()[0, 'detail']
    assert coded.recompute_columns(only='stale').num_computed_values == 3
    assert coded.where(coded.k == 10).collect()['z'] == ['one 110!']
    coded.recompute_columns('x', cascade=False)
    assert reasons(coded) == [('y', 5, 'input'), ('z', 5, 'input')]
    coded.recompute_columns('y')
    assert reasons(coded) == []


def test_what_stays_behind_is_known_after_maintenance(coded) -> None:
    coded.update({'k': 50}, where=coded.k == 0, cascade=False)
    coded.optimize()
    assert reasons(coded) == [('x', 1, 'input'), ('y', 1, 'input'), ('z', 1, 'input')]


def test_columns_that_are_not_stored_are_seen_through(coded, users_module) -> None:
    coded.add_computed_column(u=coded.x * 2, stored=False)
    coded.add_computed_column(v=coded.u + 1)
    assert reasons(coded) == []
    table = edited(users_module, 'PLUS = 1', 'PLUS = 2')
    assert reasons(table)[-1] == ('v', 5, 'input')
    table.recompute_columns(only='stale')
    assert (reasons(table), table.collect()['v'][0]) == ([], 41)


def test_a_function_of_a_column_that_is_not_stored(users_module, t) -> None:
    code = users_module.write(CODE)
    table = pxt.get_table('t')
    table.add_computed_column(u=code.f(table.k), stored=False)
    table.add_computed_column(v=table.u + 1)
    assert reasons(table) == []
    table = edited(users_module, 'helper(k) * 10', 'helper(k) * 100')
    assert reasons(table) == [('v', 5, 'code')]


def test_a_past_version(coded, users_module) -> None:
    before = coded.get_versions(1)[0]['version']
    table = edited(users_module, 'PLUS = 1', 'PLUS = 2')
    table.recompute_columns(only='stale')
    assert reasons(table) == []
    assert reasons(table.at(before))[0] == ('x', 5, 'dependency')


def test_a_module_that_is_reloaded_while_the_program_runs(coded, users_module) -> None:
    code = users_module.write(CODE)
    table = pxt.get_table('t')
    assert reasons(table) == []
    code.PLUS = 5
    assert reasons(table)[0] == ('x', 5, 'dependency')
    table.recompute_columns(only='stale')
    assert (table.collect()['x'][0], reasons(table)) == (50, [])


def test_choices_that_do_not_go_together(coded) -> None:
    with pytest.raises(pxt.RequestError, match='needs at least one column'):
        coded.recompute_columns()
    with pytest.raises(pxt.RequestError, match="only='old'"):
        coded.recompute_columns('x', only='old')
    with pytest.raises(pxt.RequestError, match='either errors_only or only'):
        coded.recompute_columns('x', only='stale', errors_only=True)


def test_in_the_background(coded, users_module) -> None:
    table = edited(users_module, 'helper(k) * 10', 'helper(k) * 100')
    table.insert(k=9, s='x')
    job = table.recompute_columns(only='stale', background=True)
    assert (job.wait(), reasons(table)) == (True, [])
    assert table.collect()['x'] == [100, 200, 300, 400, 500, 1000]
    assert table.recompute_columns(only='stale', background=True).result().num_computed_values == 0
    table.recompute_columns('x', cascade=False, background=True).wait()
    assert reasons(table) == [('y', 6, 'input'), ('z', 6, 'input')]


def test_pending_cells_are_not_stale(coded, users_module, paused) -> None:
    coded.insert([{'k': 9, 's': 'x'}], background=True)
    table = edited(users_module, 'PLUS = 1', 'PLUS = 2')
    assert reasons(table) == [('x', 5, 'dependency'), ('y', 5, 'input'), ('z', 5, 'input')]
    assert table.recompute_columns(only='stale').num_rows == 5
    assert (reasons(table), len(table.errors())) == ([], 0)
    assert table.where(table.k == 9).select(table.x, kind=table.x.errortype).collect() == [
        {'x': None, 'kind': 'Pending'}
    ]


def test_what_cannot_be_computed_is_left_as_it_is(coded, users_module) -> None:
    with pytest.warns(pxt.PixeltableWarning, match="no longer has 'g'"):
        table = edited(users_module, 'def g', 'def gg', OTHER)
    with pytest.warns(pxt.PixeltableWarning, match="left as it is:\n  column 'y' of 't' cannot be computed"):
        table.recompute_columns(only='stale')
    assert table.collect()['x'] == [100, 200, 300, 400, 500]
    assert reasons(table) == [('y', 5, 'missing function')]
    with pytest.raises(pxt.NotFoundError, match="column 'y' of 't' cannot be computed"):
        table.recompute_columns('x')
    table = edited(users_module, 'helper', 'helper', OTHER)
    assert reasons(table) == [('y', 5, 'input'), ('z', 5, 'input')]
    table.recompute_columns(only='stale')
    assert table.collect()['z'][0] == 'one 100!'


def test_an_update_keeps_apart_what_different_code_made(coded, users_module) -> None:
    table = edited(users_module, 'helper(k) * 10', 'helper(k) * 100')
    new = [{'k': k, 's': 'new'} for k in (-1, -2)]
    table.insert(new)
    stale = reasons(table)
    status = table.update({'s': 'seen'}, return_rows=True)
    assert reasons(table) == stale
    rows = table.order_by(table.k).collect()
    assert {row['k']: row['x'] for row in status.rows} == dict(zip(rows['k'], rows['x'], strict=True))
