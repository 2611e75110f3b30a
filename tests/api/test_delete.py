from __future__ import annotations

import pixeltable as pxt


def test_where(t) -> None:
    assert t.delete(t.k < 2).num_rows == 2
    assert t.collect()['k'] == [2, 3, 4]
    assert t.count() == 3


def test_all(t) -> None:
    assert t.delete().num_rows == 5
    assert (t.count(), len(t.collect())) == (0, 0)


def test_the_query_form(t) -> None:
    assert t.where(t.s == 'c').delete().row_count_stats.del_rows == 1
    assert t.collect()['s'] == ['a', 'b', 'd', 'e']


def test_null_is_not_true(t) -> None:
    assert t.delete(t.f >= 0).num_rows == 4
    assert t.collect()['k'] == [4]


def test_twice(t) -> None:
    t.delete(t.k == 1)
    t.delete(t.k == 3)
    assert t.delete(t.k == 3).num_rows == 0
    assert t.collect()['k'] == [0, 2, 4]


def test_python_predicate(t) -> None:
    @pxt.udf
    def vowel(s: str) -> bool:
        return s in 'aeiou'

    assert t.delete(vowel(t.s)).num_rows == 2
    assert t.collect()['s'] == ['b', 'c', 'd']


def test_computed_columns_of_what_is_left(t) -> None:
    t.add_computed_column(d=t.k * 2)
    t.delete(t.k == 2)
    t.add_computed_column(e=t.d + 1)
    assert t.select(t.d, t.e).collect()['e'] == [1, 3, 7, 9]
