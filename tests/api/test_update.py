from __future__ import annotations

import pytest

import pixeltable as pxt


def test_constants(t) -> None:
    status = t.update({'s': 'new', 'f': None}, where=t.k >= 3)
    assert (status.num_rows, status.pxt_rows_updated, status.updated_cols) == (2, 2, ['t.s', 't.f'])
    assert t.select(t.s, t.f).tail(3) == [{'s': 'c', 'f': 1.0}, {'s': 'new', 'f': None}, {'s': 'new', 'f': None}]


def test_expressions_read_the_old_values() -> None:
    u = pxt.create_table('u', {'a': pxt.Int, 'b': pxt.Int})
    u.insert(a=1, b=2)
    u.update({'a': u.b, 'b': u.a + 10})
    assert u.collect() == [{'a': 2, 'b': 11}]


def test_template(t) -> None:
    t.update({'s': f'{t.s}-{t.k}'}, where=t.k == 2)
    assert t.where(t.k == 2).collect()['s'] == ['c-2']


def test_the_query_form(t) -> None:
    assert t.where(t.k > 0).where(t.k < 3).update({'s': 'x'}).num_rows == 2
    assert t.collect()['s'] == ['a', 'x', 'x', 'd', 'e']


def test_rows_keep_their_ids_and_order(t) -> None:
    t.update({'s': 'x'}, where=t.id == 2)
    assert t.select(t.id, t.k, t.s).collect()[1] == {'id': 2, 'k': 1, 's': 'x'}
    assert t.select(t.id).collect()['id'] == [1, 2, 3, 4, 5]
    assert t.select(t.id).tail(2)['id'] == [4, 5]


def test_no_row_is_no_version(t) -> None:
    before = len(t.get_versions())
    assert t.update({'s': 'x'}, where=t.id == 500).num_rows == 0
    assert len(t.get_versions()) == before


def test_python_predicate(t) -> None:
    @pxt.udf
    def odd(x: int) -> bool:
        return x % 2 == 1

    assert t.update({'s': 'odd'}, where=odd(t.k) & (t.k > 1)).num_rows == 1
    assert t.collect()['s'] == ['a', 'b', 'c', 'odd', 'e']


def test_exactly_the_dependent_cells(calls, t) -> None:
    path = calls.path

    @pxt.udf
    def upper(s: str) -> str:
        with open(path, 'a') as log:
            log.write(f'upper {s}\n')
        return s.upper()

    @pxt.udf
    def half(k: int) -> float:
        with open(path, 'a') as log:
            log.write(f'half {k}\n')
        return k / 2

    t.add_computed_column(u=upper(t.s))
    t.add_computed_column(h=half(t.k))
    t.add_computed_column(both=upper(t.u + t.s))
    assert len(calls.take()) == 15
    status = t.update({'s': 'z'}, where=t.k == 1)
    assert calls.take() == ['upper Zz', 'upper z']
    assert (status.num_computed_values, status.updated_cols) == (2, ['t.s', 't.u', 't.both'])
    assert t.where(t.k == 1).select(t.u, t.h, t.both).collect() == [{'u': 'Z', 'h': 0.5, 'both': 'ZZ'}]
    t.update({'f': 9.0})
    assert calls.take() == []


def test_without_cascade(t) -> None:
    t.add_computed_column(u=t.s.upper())
    t.update({'s': 'z'}, where=t.k == 0, cascade=False)
    assert t.head(1) == [{'k': 0, 's': 'z', 'f': 0.0, 'u': 'A'}]


def test_errors_of_untouched_columns_stay(t) -> None:
    with pytest.warns(pxt.PixeltableWarning):
        t.add_computed_column(n=t.s.astype(pxt.Int))
    t.update({'f': 1.0})
    assert t.where(t.n.errortype != None).count() == 5  # noqa: E711


def test_an_error_goes_away_with_its_cause(t) -> None:
    with pytest.warns(pxt.PixeltableWarning):
        t.add_computed_column(n=t.s.astype(pxt.Int))
    t.update({'s': '17'}, where=t.k == 1)
    assert t.where(t.k == 1).select(t.n, t.n.errortype).collect() == [{'n': 17, 'n_errortype': None}]
    assert t.where(t.n.errortype != None).count() == 4  # noqa: E711
