from __future__ import annotations

import datetime

import pytest

import pixeltable as pxt


def test_back_filled_and_kept_up_to_date(t) -> None:
    status = t.add_computed_column(d=t.k * 2 + 1)
    assert (status.num_computed_values, status.num_excs) == (5, 0)
    t.insert(k=10, s='x')
    assert t.collect()['d'] == [1, 3, 5, 7, 9, 21]


def test_template(t) -> None:
    t.add_computed_column(label=f'{t.s.upper()}: {t.k:03d}!')
    assert t.head(2)['label'] == ['A: 000!', 'B: 001!']


def test_a_template_inside_an_argument(t) -> None:
    @pxt.udf
    def say(messages: pxt.Json) -> str:
        return messages[0]['content']

    t.add_computed_column(said=say([{'role': 'user', 'content': f'Classify: {t.s}'}]))
    assert t.head(1)['said'] == ['Classify: a']


@pytest.mark.parametrize('value', [5, 2.5, 'x', True, [1, 2], {'a': 1}, datetime.date(2024, 2, 29)])
def test_constants(t, value) -> None:
    t.add_computed_column(c=value)
    t.insert(k=10, s='x')
    assert t.collect()['c'] == [value] * 6
    assert not t.get_metadata()['columns']['c']['depends_on']


def test_what_is_no_constant(t) -> None:
    for value in (None, {1, 2}, int, object()):
        with pytest.raises(pxt.RequestError, match="column 'c'") as caught:
            t.add_computed_column(c=value)
        assert caught.value.error_code is pxt.ErrorCode.INVALID_EXPRESSION


def test_null_for_a_parameter_that_takes_none(t) -> None:
    t.add_computed_column(c=t.s.contains(None))
    assert t.select(t.c, p=t.k.pow(None), n=t.s.replace('a', None)).head(1) == [{'c': None, 'p': None, 'n': None}]


def test_chained(t) -> None:
    t.add_computed_column(a=t.k + 1)
    t.add_computed_column(b=t.a * t.a)
    t.add_computed_column(c=t.b - t.k)
    t.update({'k': 10}, where=t.k == 0)
    assert t.select(t.a, t.b, t.c).head(2) == [{'a': 11, 'b': 121, 'c': 111}, {'a': 2, 'b': 4, 'c': 3}]


def test_computed_once_for_each_row(calls, t) -> None:
    path = calls.path

    @pxt.udf
    def seen(k: int) -> int:
        with open(path, 'a') as log:
            log.write(f'{k}\n')
        return k

    t.add_computed_column(seen=seen(t.k))
    assert calls.take() == ['0', '1', '2', '3', '4']
    t.insert(k=5, s='x')
    assert calls.take() == ['5']
    t.delete(t.k == 0)
    t.collect()
    t.add_computed_column(more=t.seen + 1)
    assert calls.take() == []


def test_not_stored(calls, t) -> None:
    path = calls.path

    @pxt.udf
    def seen(k: int) -> int:
        with open(path, 'a') as log:
            log.write(f'{k}\n')
        return k * 10

    t.add_computed_column(ten=seen(t.k), stored=False)
    assert calls.take() == []
    assert t.where(t.k < 2).select(t.ten).collect()['ten'] == [0, 10]
    assert calls.take() == ['0', '1']
    t.add_computed_column(plus=t.ten + 1)
    assert t.where(t.ten == 20).select(t.plus).collect()['plus'] == [21]
    t.update({'k': 7}, where=t.k == 0)
    assert t.head(1) == [{'k': 7, 's': 'a', 'f': 0.0, 'ten': 70, 'plus': 71}]


def test_errors_are_cells(t) -> None:
    @pxt.udf
    def fails_on_c(s: str) -> str:
        if s == 'c':
            raise KeyError('no c here')
        return s

    with pytest.warns(pxt.PixeltableWarning, match='no c here'):
        status = t.add_computed_column(x=fails_on_c(t.s))
    assert (status.num_excs, status.cols_with_excs) == (1, ['t.x'])
    failed = t.where(t.x.errortype != None).select(t.k, t.x, t.x.errortype, t.x.errormsg).collect()  # noqa: E711
    assert failed == [{'k': 2, 'x': None, 'x_errortype': 'KeyError', 'x_errormsg': "'no c here'"}]


def test_an_error_passes_through_dependents(t) -> None:
    with pytest.warns(pxt.PixeltableWarning):
        t.add_computed_column(n=t.s.astype(pxt.Int))
    with pytest.warns(pxt.PixeltableWarning):
        t.add_computed_column(m=t.n + t.k)
    assert t.select(t.m.errortype).collect()['m_errortype'] == ['InputError'] * 5


def test_abort_adds_nothing(t) -> None:
    before = len(t.get_versions())
    with pytest.raises(pxt.RequestError, match="'a'") as caught:
        t.add_computed_column(n=t.s.astype(pxt.Int), on_error='abort')
    assert caught.value.error_code is pxt.ErrorCode.UNSUPPORTED_OPERATION
    assert caught.value.__cause__ is not None
    assert t.columns() == ['k', 's', 'f']
    assert len(t.get_versions()) == before


def test_a_value_of_the_wrong_type_is_an_error_cell(t) -> None:
    @pxt.udf
    def wrong(k: int) -> int:
        return 'text' if k == 3 else k  # type: ignore[return-value]

    with pytest.warns(pxt.PixeltableWarning, match='text'):
        t.add_computed_column(w=wrong(t.k))
    assert t.collect()['w'] == [0, 1, 2, None, 4]


def test_replace(t) -> None:
    t.add_computed_column(x=t.k + 1)
    t.add_computed_column(x=t.k + 2, if_exists='replace')
    assert t.collect()['x'] == [2, 3, 4, 5, 6]
    t.add_computed_column(x=t.k + 3, if_exists='ignore')
    assert t.collect()['x'] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    'expression',
    [lambda t: None, lambda t: t.x + 1, lambda t: t.s.astype(pxt.Int)],
    ids=['nothing', 'itself', 'failing'],
)
def test_a_replacement_that_fails_leaves_the_old_column(t, expression) -> None:
    t.add_computed_column(x=t.k + 1)
    versions = t.get_versions()
    with pytest.raises(pxt.RequestError):
        t.add_computed_column(x=expression(t), if_exists='replace', on_error='abort')
    assert t.collect()['x'] == [1, 2, 3, 4, 5]
    assert t.get_versions() == versions


def test_a_column_that_others_need_is_not_replaced(t) -> None:
    t.add_computed_column(x=t.k + 1)
    t.add_computed_column(y=t.x + 1)
    with pytest.raises(pxt.AlreadyExistsError, match="'y' is computed from it"):
        t.add_computed_column(x=t.k + 2, if_exists='replace')


def test_large_tables_go_through_sql() -> None:
    u = pxt.create_table('u', {'k': pxt.Int})
    u.insert({'k': k} for k in range(5000))
    u.add_computed_column(x=(u.k * 3) % 7)
    u.add_computed_column(y=f'{u.x}')
    assert u.select(u.x).collect()['x'] == [k * 3 % 7 for k in range(5000)]
    assert u.where(u.y == '3').count() == sum(k * 3 % 7 == 3 for k in range(5000))


def test_one_overflow_is_one_error_cell() -> None:
    u = pxt.create_table('u', {'k': pxt.Int})
    u.insert({'k': 2**62 if k == 1234 else k} for k in range(3000))
    with pytest.warns(pxt.PixeltableWarning, match='1 cell'):
        status = u.add_computed_column(x=u.k * 4)
    assert status.num_excs == 1
    assert u.where(u.x.errortype != None).select(u.k).collect()['k'] == [2**62]  # noqa: E711
    assert u.where(u.k == 2999).select(u.x).collect()['x'] == [11996]


def test_metadata(t) -> None:
    t.add_computed_column(x=t.k + 1, comment='one more', custom_metadata={'by': 'me'})
    column = t.get_metadata()['columns']['x']
    assert (column['computed_with'], column['depends_on'], column['is_stored']) == ('k + 1', [('t', 'k')], True)
    assert (column['comment'], column['custom_metadata']) == ('one more', {'by': 'me'})


def test_recent_rows_are_put_together_before_all_are_computed() -> None:
    u = pxt.create_table('u', {'k': pxt.Int})
    for k in range(20):
        u.insert(k=k)
    u.add_computed_column(x=u.k + 1)
    contents = u._source().contents
    assert [segment.rows for segment in contents.segments] == [20]
    assert u.collect()['x'] == list(range(1, 21))
    assert list(u.history()['change_type'][:2]) == ['schema', 'data']
