from __future__ import annotations

import itertools

import pytest

import pixeltable as pxt


def ks(query) -> list[int]:
    return query.collect()['k']


def test_where_twice_means_and(t) -> None:
    assert ks(t.where(t.k > 0).where(t.k < 3)) == [1, 2]


CLAUSES = {
    'where': lambda q, t: q.where(t.k != 2),
    'order_by': lambda q, t: q.order_by(t.k, asc=False),
    'limit': lambda q, t: q.limit(3),
    'select': lambda q, t: q.select(t.k, up=t.s.upper()),
}


@pytest.mark.parametrize('order', list(itertools.permutations(CLAUSES)), ids='-'.join)
def test_clauses_in_any_order(t, order) -> None:
    query = t
    for name in order:
        query = CLAUSES[name](query, t)
    assert query.collect() == [{'k': 4, 'up': 'E'}, {'k': 3, 'up': 'D'}, {'k': 1, 'up': 'B'}]


def test_result_names(t) -> None:
    row = t.select(t.k, t.k, t.s.upper(), t.k + 1, 5, n=t.f).collect()[0]
    assert list(row) == ['k', 'k_1', 'upper', 'col_3', 'literal', 'n']


def test_constants_lists_and_dicts(t) -> None:
    row = t.select(one=1, none=None, pair=[t.k, 'x'], item={'k': t.k, 's': f'<{t.s}>'}).head(1)[0]
    assert row == {'one': 1, 'none': None, 'pair': [0, 'x'], 'item': {'k': 0, 's': '<a>'}}


def test_a_text_is_a_constant(t) -> None:
    assert t.select('title').head(1) == [{'literal': 'title'}]
    with pytest.warns(pxt.PixeltableWarning, match='write t.k'):
        found = t.select('k').head(1)
    assert found == [{'literal': 'k'}]


def test_a_query_is_immutable_and_can_run_again(t) -> None:
    query = t.where(t.k > 2)
    query.select(t.s)
    assert ks(query) == [3, 4]
    t.delete(t.k == 3)
    assert ks(query) == [4]


def test_order_by_several_keys() -> None:
    u = pxt.create_table('u', {'a': pxt.Int | None, 'k': pxt.Int})
    u.insert({'a': a, 'k': k} for k, a in enumerate([2, None, 1, 2, None]))
    assert ks(u.order_by(u.a, u.k)) == [2, 0, 3, 1, 4]
    assert ks(u.order_by(u.a).order_by(u.k, asc=False)) == [2, 3, 0, 4, 1]
    assert ks(u.order_by(u.a, asc=False).order_by(u.k)) == [1, 4, 0, 3, 2]


def test_limit_and_offset(t) -> None:
    assert ks(t.limit(2)) == [0, 1]
    assert ks(t.limit(2, offset=2)) == [2, 3]
    assert ks(t.order_by(t.k, asc=False).limit(2, 1)) == [3, 2]
    assert ks(t.limit(0)) == []
    assert ks(t.limit(1).limit(3)) == [0, 1, 2]


def test_head_tail_show(t) -> None:
    assert t.head(2)['k'] == [0, 1]
    assert t.tail(2)['k'] == [3, 4]
    assert len(t.show()) == 5
    by_k = t.order_by(t.k, asc=False)
    assert by_k.head(2)['k'] == [4, 3]
    assert by_k.tail(2)['k'] == [1, 0]
    assert t.where(t.k < 3).limit(2).tail(1)['k'] == [1]
    assert t.group_by(t.k).select(t.k).order_by(t.k).tail(2)['k'] == [3, 4]
    assert t.select(t.k).distinct().order_by(t.k).head(1)['k'] == [0]


def test_count(t) -> None:
    assert t.count() == 5
    assert t.where(t.k > 1).count() == 3
    assert t.limit(2).count() == 2
    assert t.select(t.k % 2).distinct().count() == 2
    assert t.group_by(t.k % 2).count() == 2
    assert t.order_by(t.k).select(t.s).count() == 5


def test_group_by(t) -> None:
    f = pxt.functions
    result = (
        t.group_by(t.k % 2)
        .select(odd=t.k % 2, n=f.count(t.f), rows=f.count(), s=f.sum(t.k), m=f.mean(t.k), lo=f.min(t.s), hi=f.max(t.f))
        .order_by(t.k % 2)
        .collect()
    )
    assert result == [
        {'odd': 0, 'n': 2, 'rows': 3, 's': 6, 'm': 2.0, 'lo': 'a', 'hi': 1.0},
        {'odd': 1, 'n': 2, 'rows': 2, 's': 4, 'm': 2.0, 'lo': 'b', 'hi': 1.5},
    ]


def test_aggregates_without_groups(t) -> None:
    f = pxt.functions
    assert t.select(f.count(), f.sum(t.k), twice=f.max(t.k) * 2).collect() == [{'count': 5, 'sum': 10, 'twice': 8}]
    assert t.where(t.k > 99).select(n=f.count(), s=f.sum(t.k), m=f.mean(t.f)).collect() == [
        {'n': 0, 's': None, 'm': None}
    ]


def test_order_groups_by_an_aggregate(t) -> None:
    total = pxt.functions.sum(t.k)
    result = t.group_by(t.k % 2).select(t.k % 2, total=total).order_by(total).collect()
    assert result['total'] == [4, 6]


def test_group_by_null(t) -> None:
    result = t.group_by(t.f > 0.7).select(big=t.f > 0.7, n=pxt.functions.count()).order_by(t.f > 0.7).collect()
    assert result['n'] == [2, 2, 1]
    assert result['big'] == [False, True, None]


def test_distinct(t) -> None:
    t.insert(k=0, s='a', f=0.0)
    assert len(t.distinct().collect()) == 5
    assert sorted(t.select(odd=t.k % 2).distinct().collect()['odd']) == [0, 1]
    assert t.select(odd=t.k % 2).distinct().order_by(t.k % 2, asc=False).limit(1).collect() == [{'odd': 1}]


@pytest.fixture
def odd():
    @pxt.udf
    def odd(k: int) -> bool:
        return k % 2 == 1

    return odd


def test_python_functions_anywhere(t, odd) -> None:
    assert ks(t.where(odd(t.k))) == [1, 3]
    assert t.where(odd(t.k)).count() == 2
    assert ks(t.where(~odd(t.k) & (t.k > 0))) == [2, 4]
    assert ks(t.order_by(odd(t.k), asc=False).order_by(t.k)) == [1, 3, 0, 2, 4]
    assert t.group_by(odd(t.k)).select(odd=odd(t.k), n=pxt.functions.count()).order_by(odd(t.k)).collect() == [
        {'odd': False, 'n': 3},
        {'odd': True, 'n': 2},
    ]
    assert t.where(odd(t.k)).select(s=pxt.functions.sum(t.k)).collect()['s'] == [4]


def test_a_failing_function_fails_the_query_in_words(t) -> None:
    @pxt.udf
    def fails(k: int) -> bool:
        return 1 / (k - 3) > 0

    with pytest.raises(pxt.RequestError, match=r'row 3: fails\(k\).*ZeroDivisionError') as caught:
        t.where(fails(t.k)).collect()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert 'fails' in caught.value.detail


def test_three_valued_logic(t) -> None:
    assert ks(t.where(t.f != 0.5)) == [0, 2, 3]
    assert ks(t.where(~(t.f == 0.5))) == [0, 2, 3]
    assert ks(t.where((t.f == 0.5) | (t.f == None))) == [1, 4]  # noqa: E711
    assert ks(t.where(t.f == None)) == [4]  # noqa: E711


def test_results_as_frames(t) -> None:
    query = t.where(t.k < 2).select(t.k, t.s)
    assert query.to_pandas().to_dict('list') == {'k': [0, 1], 's': ['a', 'b']}
    assert query.to_arrow().to_pylist() == [{'k': 0, 's': 'a'}, {'k': 1, 's': 'b'}]


def test_explain(t, odd) -> None:
    text = t.where(odd(t.k)).where(t.k > 1).select(t.s).explain()
    assert text.splitlines()[0].startswith('1. read')
    assert 'odd' in text
    assert t.select(pxt.functions.count()).explain().startswith('1. count')


def test_repr(t) -> None:
    text = repr(t.where(t.k > 1).select(t.k, up=t.s.upper()).order_by(t.k, asc=False).limit(2))
    for part in ('s.upper()', 'k > 1', 'k desc', 'Limit'):
        assert part in text


def test_empty_table() -> None:
    u = pxt.create_table('u', {'k': pxt.Int, 's': pxt.String | None})
    assert (u.count(), len(u.collect()), len(u.tail(3))) == (0, 0, 0)
    assert u.where(u.k > 1).order_by(u.s).limit(2).collect() == []
    assert u.group_by(u.s).select(u.s, pxt.functions.count()).collect() == []
    assert u.select(u.k).distinct().collect() == []
    assert list(u.to_pandas().columns) == ['k', 's']


def test_schema_of_a_query(t) -> None:
    assert {name: str(type_) for name, type_ in t.select(t.k, x=t.f / 2).schema.items()} == {
        'k': 'Int',
        'x': 'Float | None',
    }
