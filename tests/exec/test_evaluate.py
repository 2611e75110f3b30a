from __future__ import annotations

import threading

import pytest

import pixeltable as pxt
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.vectors import INPUT_ERROR, CellError
from pixeltable.exprs import build
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Field
from pixeltable.types.column_type import INT, STRING

A, B = Expr(Field(INT, 'a')), Expr(Field(INT, 'b'))
COLUMNS = {'a': [1, 2, 3], 'b': [10, 20, 30]}


def node(value):
    return build.node(value)


def test_values(evaluate) -> None:
    vectors = evaluate([node(A + B), node(f'{A}/{B}'), node(7)], COLUMNS)
    assert [list(vector.values) for vector in vectors] == [[11, 22, 33], ['1/10', '2/20', '3/30'], [7, 7, 7]]


def test_common_parts_are_computed_once(evaluate) -> None:
    seen = []

    @pxt.udf
    def f(x: int) -> int:
        seen.append(x)
        return x

    one, _ = evaluate([node(f(A) + f(A)), node([f(A), f(A + 0)])], COLUMNS)
    assert list(one.values) == [2, 4, 6]
    assert len(seen) == 6  # f(a) and f(a + 0), three rows each


def test_independent_functions_run_at_the_same_time(evaluate) -> None:
    meet = threading.Barrier(2, timeout=10)

    @pxt.udf
    def f(x: int) -> int:
        meet.wait()
        return x

    @pxt.udf
    def g(x: int) -> int:
        meet.wait()
        return -x

    vectors = evaluate([node(f(A)), node(g(A))], COLUMNS)
    assert [list(vector.values) for vector in vectors] == [[1, 2, 3], [-1, -2, -3]]


def test_errors_of_stored_fields(evaluate) -> None:
    columns = COLUMNS | {'a_errortype': [None, 'KeyError', None], 'a_errormsg': [None, 'gone', None]}
    (vector,) = evaluate([node(A + 1)], columns)
    assert list(vector.values) == [2, None, 4]
    assert vector.errors == {
        1: CellError(INPUT_ERROR, "an input to this computed column had an error: column 'a': KeyError: gone")
    }


def test_errors_of_the_same_pass(evaluate) -> None:
    failed = {0: CellError('ValueError', 'bad')}
    copy, dependent = evaluate([node(A), node(A * B)], COLUMNS, {'a': failed})
    message = "an input to this computed column had an error: column 'a': ValueError: bad"
    assert copy.errors == dependent.errors == {0: CellError(INPUT_ERROR, message)}
    assert list(dependent.values) == [None, 40, 90]


def test_one_row_that_fails(evaluate) -> None:
    text = Expr(Field(STRING, 's'))
    (vector,) = evaluate([node(text.astype(pxt.Int))], {'s': ['1', 'x', '3']})
    assert list(vector.values) == [1, None, 3]
    assert list(vector.errors) == [1]


def test_the_first_error_fails_a_query(home) -> None:
    cause = ValueError('no')

    @pxt.udf
    def fails(text: str, number: int) -> int:
        if number > 1:
            raise cause
        return number

    t = pxt.create_table('t', {'text': pxt.String, 'number': pxt.Int})
    t.insert([{'text': 'x' * 100, 'number': number} for number in (1, 2, 3)])
    given = r"\(text='x{79}…, number=2\)"
    with pytest.raises(RequestError, match=rf'row 1: fails\(text, number\) failed: ValueError: no {given}') as caught:
        t.select(fails(t.text, t.number)).collect()
    assert caught.value.error_code is ErrorCode.UNSUPPORTED_OPERATION
    assert caught.value.__cause__ is cause


def test_an_error_of_ours_keeps_its_class_and_code(home) -> None:
    @pxt.udf
    def refuses(number: int) -> int:
        error = pxt.ExternalServiceError(ErrorCode.RATE_LIMITED, 'later', retry_after=3.0)
        raise error.of('a provider', 429)

    t = pxt.create_table('t', {'number': pxt.Int})
    t.insert([{'number': 1}])
    with pytest.raises(pxt.ExternalServiceError, match='row 0: refuses') as caught:
        t.select(refuses(t.number)).collect()
    found = caught.value
    assert (found.error_code, found.retry_after, found.provider) == (ErrorCode.RATE_LIMITED, 3.0, 'a provider')
