from __future__ import annotations

import uuid

import pytest

import pixeltable as pxt
from pixeltable.errors import ErrorCode


@pxt.udf
def reciprocal(x: int) -> float:
    return 1 / x


@pytest.fixture
def c(calls) -> pxt.Table:
    path = calls.path

    @pxt.udf
    def noted(s: str) -> str:
        with open(path, 'a') as file:
            file.write(s + '\n')
        return s + '!'

    table = pxt.create_table('c', {'k': pxt.Int, 's': pxt.String, 'id_': pxt.UUID | None})
    table.add_computed_column(r=reciprocal(table.k))
    table.add_computed_column(half=table.r / 2, stored=False)
    table.add_computed_column(n=noted(table.s))
    return table


def test_rows_are_computed_and_not_stored(c) -> None:
    rows = c.compute([{'k': 2, 's': 'a'}, {'k': 4, 's': 'b'}])
    assert rows == [
        {'k': 2, 's': 'a', 'id_': None, 'r': 0.5, 'half': 0.25, 'n': 'a!'},
        {'k': 4, 's': 'b', 'id_': None, 'r': 0.25, 'half': 0.125, 'n': 'b!'},
    ]
    assert rows.column_names == ['k', 's', 'id_', 'r', 'half', 'n']
    assert rows.schema['half'] == 'Float | None'
    assert c.count() == 0


def test_outputs_need_only_what_they_are_computed_from(c, calls) -> None:
    assert c.compute([{'k': 4}], outputs=[c.half, 'k']) == [{'half': 0.125, 'k': 4}]
    assert calls.take() == []


def test_failed_cells(c) -> None:
    rows = c.compute([{'k': 0, 's': 'a'}, {'k': 1, 's': 'b'}])
    assert rows[0].errors['r'].errortype == 'ZeroDivisionError'
    assert rows[0].errors['half'].errortype == 'InputError'
    assert rows[1].errors == {}
    assert 'r: 1 error, such as ZeroDivisionError: division by zero' in repr(rows)
    with pytest.raises(pxt.RequestError, match='ZeroDivisionError'):
        c.compute([{'k': 0, 's': 'a'}], on_error='abort')


def test_rows_print_and_convert(c) -> None:
    rows = c.compute([{'k': 2, 's': 'a', 'id_': uuid.UUID(int=1)}], outputs=['k', 'id_'])
    assert repr(rows).splitlines()[0].split() == ['k', 'id_']
    assert rows.to_json() == [{'k': 2, 'id_': str(uuid.UUID(int=1))}]
    assert rows[0].to_json() == {'k': 2, 'id_': str(uuid.UUID(int=1))}
    assert rows.to_arrow().num_rows == len(rows) == 1
    assert '<table' in rows._repr_html_()
    assert rows[:1] == list(rows)


def test_rows_of_queries_and_of_none(c, t) -> None:
    assert c.compute(t.where(t.k == 2).select(t.k, t.s), outputs=['r']) == [{'r': 0.5}]
    assert c.compute(t.where(t.k == 99).select(t.k, t.s)) == []


@pytest.mark.parametrize(
    ('source', 'options', 'code'),
    [
        ([{'k': 1}], {}, ErrorCode.MISSING_REQUIRED),
        ([{'k': 'x', 's': 'a'}], {}, ErrorCode.UNSUPPORTED_OPERATION),
        ([{'k': 1, 's': 'a', 'r': 1.0}], {}, ErrorCode.UNSUPPORTED_OPERATION),
        ([{'k': 1}], {'outputs': 'r'}, ErrorCode.INVALID_ARGUMENT),
        ([{'k': 1}], {'outputs': ['q']}, ErrorCode.COLUMN_NOT_FOUND),
        ([{'k': 1}], {'on_error': 'x'}, ErrorCode.INVALID_ARGUMENT),
    ],
)
def test_mistakes(c, source, options, code) -> None:
    with pytest.raises(pxt.Error) as caught:
        c.compute(source, **options)
    assert caught.value.error_code is code
