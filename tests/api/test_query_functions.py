"""Queries as functions, as tools for looking up, and as documents."""

from __future__ import annotations

import json

import numpy as np
import pytest

import pixeltable as pxt
from pixeltable import functions as pxtf


@pxt.udf
def embed(text: str) -> pxt.Array[(2,), pxt.Float]:
    return np.array([len(text), text.count('a')], dtype=np.float32)


@pytest.fixture
def t(home):
    t = pxt.create_table('t', {'g': pxt.String, 'x': pxt.Int})
    t.insert([{'g': 'ab'[x % 2], 'x': x} for x in range(6)])
    return t


@pytest.fixture
def u(home):
    u = pxt.create_table('u', {'y': pxt.Int | None, 'w': pxt.String})
    u.insert([{'y': 3, 'w': 'a'}, {'y': None, 'w': 'b'}])
    return u


def test_a_correlated_column(t, u) -> None:
    @pxt.query
    def above(n: int, k: int = 2):
        return t.where(t.x > n).order_by(t.x).select(t.x, t.g).limit(k)

    u.add_computed_column(found=above(u.y, k=1))
    assert u.select(u.found).collect()['found'] == [[{'x': 4, 'g': 'a'}], None]
    t.insert(g='q', x=99)
    u.insert(y=50, w='c')
    assert u.tail(1)['found'] == [[{'x': 99, 'g': 'q'}]]


def test_what_was_found_stays_until_it_is_recomputed(t, u) -> None:
    @pxt.query(return_scalar=True)
    def with_label(label: str):
        return t.where(t.g == label).order_by(t.x).select(t.x)

    u.add_computed_column(kept=with_label(u.w))
    u.add_computed_column(current=with_label(u.w), stored=False)
    t.insert(g='a', x=99)
    assert list(u.where(u.w == 'a').select(u.kept, u.current).collect()) == [
        {'kept': [0, 2, 4], 'current': [0, 2, 4, 99]}
    ]
    u.recompute_columns('kept')
    assert u.where(u.w == 'a').collect()['kept'] == [[0, 2, 4, 99]]


def test_columns_that_are_not_stored(t, u) -> None:
    t.add_computed_column(double=t.x * 2, stored=False)
    t.add_computed_column(running=pxt.functions.sum(t.x, order_by=t.x))

    @pxt.query
    def above(least: int):
        return t.where(t.double > least * 2).order_by(t.x).limit(1).select(t.double, t.running)

    assert u.select(found=above(u.y)).collect()['found'] == [[{'double': 8, 'running': 10}], None]


def test_the_result_has_types(t, u) -> None:
    @pxt.query
    def rows(label: str):
        return t.where(t.g == label).select(t.x, t.g, when=pxt.now(), twice=t.x * 2.0)

    assert str(rows(u.w).col_type) == "Json[(Json[{'x': Int, 'g': String, 'when': String, 'twice': Float}], ...)]"
    assert str(rows(u.w)[0].x.col_type) == 'Int | None'
    assert [type(row['when']) for row in u.select(v=rows(u.w)).collect()['v'][0]] == [str, str, str]
    assert str(pxt.retrieval_udf(t)(u.w, 1).col_type) == "Json[(Json[{'g': String, 'x': Int}], ...)]"


def test_scalars_and_types(t, u) -> None:
    @pxt.query(return_scalar=True, param_types=[pxt.String])
    def values(group):
        return t.where(t.g == group).select(t.x)

    assert u.select(v=values(u.w)).collect()['v'] == [[0, 2, 4], [1, 3, 5]]
    with pytest.raises(pxt.Error) as caught:
        values(u.y)
    assert caught.value.error_code is pxt.ErrorCode.TYPE_MISMATCH


def test_search_by_a_parameter(t, u) -> None:
    docs = pxt.create_table('docs', {'text': pxt.String})
    docs.insert([{'text': text} for text in ('aaa', 'b', 'bbbb', 'ca')])
    docs.add_embedding_index('text', string_embed=embed)

    @pxt.query
    def nearest(text: str, n: int):
        similarity = docs.text.similarity(string=text)
        return docs.order_by(similarity, asc=False).limit(n).select(docs.text)

    assert u.select(v=nearest(u.w, 2)).collect()['v'] == [
        [{'text': 'aaa'}, {'text': 'ca'}],
        [{'text': 'b'}, {'text': 'bbbb'}],
    ]


def test_a_search_outlives_its_index(home) -> None:
    @pxt.udf
    def longer(text: str) -> pxt.Array[(3,), pxt.Float]:
        return np.array([len(text), 1, 1], dtype=np.float32)

    docs = pxt.create_table('docs', {'text': pxt.String})
    docs.insert([{'text': 'a'}, {'text': 'bcd'}])
    docs.add_embedding_index('text', embedding=embed)

    @pxt.query(return_scalar=True)
    def search(text: str):
        return docs.order_by(docs.text.similarity(string=text), asc=False).limit(1).select(docs.text)

    asked = pxt.create_table('asked', {'text': pxt.String})
    asked.add_computed_column(found=search(asked.text))
    docs.add_embedding_index('text', idx_name='idx0', embedding=longer, if_exists='replace')
    asked.insert([{'text': 'xyz'}], on_error='abort')
    docs.drop_embedding_index(column='text')
    with pytest.raises(pxt.Error, match="no index on column 'text'"):
        asked.insert([{'text': 'x'}], on_error='abort')
    docs.add_embedding_index('text', idx_name='again', embedding=embed)
    asked.insert([{'text': 'aa'}], on_error='abort')
    assert asked.collect()['found'] == [['bcd'], ['a']]


def test_retrieval(t, u) -> None:
    lookup = pxt.retrieval_udf(t, parameters=['g'], limit=1)
    assert u.select(v=lookup(u.w)).collect()['v'] == [[{'g': 'a', 'x': 0}], [{'g': 'b', 'x': 1}]]
    assert pxt.tools(lookup).model_dump()[0]['parameters']['required'] == ['g']


def test_retrieval_of_rows_with_embeddings_and_nulls(home) -> None:
    docs = pxt.create_table('docs', {'text': pxt.String | None, 'n': pxt.Int})
    docs.insert([{'text': 'a', 'n': 1}, {'text': None, 'n': 2}])
    docs.add_embedding_index('text', string_embed=embed)
    lookup = pxt.retrieval_udf(docs, parameters=[docs.text])
    asked = pxt.create_table('asked', {'text': pxt.String | None})
    asked.insert([{'text': 'a'}, {'text': None}])
    assert asked.select(v=lookup(asked.text)).collect()['v'] == [[{'text': 'a', 'n': 1}], []]


def test_as_a_document(t) -> None:
    grouped = t.where(t.x > 1).group_by(t.g).having(pxtf.count(t.x) > 1).select(t.g, n=pxtf.sum(t.x)).order_by(t.g)
    sub = grouped.subquery()
    joined = t.join(sub, on=t.g == sub.g).select(t.x, sub.n).order_by(t.x).limit(2, 1)
    other = t.select(t.x).union(t.select(t.x + 1))
    for query in (grouped, joined, t.sample(n=2, seed=4), other.order_by(other.x)):
        document = json.loads(json.dumps(query.as_dict()))
        assert pxt.Query.from_dict(document).collect() == query.collect()
    assert grouped.parameters() == {}


def test_mistakes(t, u) -> None:
    def no_query(n: int):
        return n

    def two_columns(n: int):
        return t.where(t.x > n)

    for call, code in (
        (lambda: pxt.query(3), pxt.ErrorCode.INVALID_ARGUMENT),
        (lambda: pxt.query(no_query), pxt.ErrorCode.INVALID_EXPRESSION),
        (lambda: pxt.query(lambda n: t), pxt.ErrorCode.INVALID_ARGUMENT),
        (lambda: pxt.query(return_scalar=True)(two_columns), pxt.ErrorCode.INVALID_ARGUMENT),
        (lambda: pxt.query(two_columns)(), pxt.ErrorCode.INVALID_ARGUMENT),
        (lambda: pxt.retrieval_udf('t'), pxt.ErrorCode.INVALID_ARGUMENT),
        (lambda: pxt.retrieval_udf(t, parameters=['zz']), pxt.ErrorCode.COLUMN_NOT_FOUND),
        (lambda: pxt.Query.from_dict({}), pxt.ErrorCode.INVALID_DATA_FORMAT),
    ):
        with pytest.raises(pxt.Error) as caught:
            call()
        assert caught.value.error_code is code
