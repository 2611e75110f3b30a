from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.api.clauses import outputs
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.expr import METHODS, Expr
from pixeltable.exprs.nodes import Field
from pixeltable.types.column_type import FLOAT, INT, JSON, STRING, Kind

NUMBER, TEXT = Expr(Field(INT, 'n')), Expr(Field(STRING.with_nullable(True), 's'))


@pxt.expr_udf
def plus(x: int, y: int = 2) -> int:
    """A sum."""
    return x + y


def test_a_call_is_the_expression_that_the_body_builds() -> None:
    assert repr(plus(NUMBER)) == 'n + 2'
    assert repr(plus(NUMBER, y=NUMBER * 3)) == 'n + n * 3'
    assert plus(NUMBER).col_type == INT
    assert plus.__doc__ == 'A sum.'


def test_none_that_the_body_does_not_expect() -> None:
    assert repr(plus(None)) == 'None + 2'
    assert plus(None).col_type.nullable


def test_the_result_type_may_be_left_out() -> None:
    @pxt.expr_udf
    def halved(x: float):  # type: ignore[no-untyped-def]
        return x / 2

    assert str(halved.signature) == '(x: Float) -> Float'  # a division by a constant that is not 0 has a value
    assert halved(NUMBER).col_type == FLOAT


def test_types_in_place_of_hints() -> None:
    @pxt.expr_udf(param_types=[pxt.String | None])
    def loud(s):  # type: ignore[no-untyped-def]
        return f'{s}!'

    assert repr(loud(TEXT)) == "f'{s}!'"


def test_methods_and_properties(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('pixeltable.exprs.expr.METHODS', METHODS)
    monkeypatch.setitem(METHODS, Kind.STRING, dict(METHODS[Kind.STRING]))

    @pxt.expr_udf(is_method=True)
    def twice(s: str, between: str = '') -> str:
        return s + between + s

    @pxt.expr_udf(is_property=True)
    def doubled(s: str) -> str:
        return s * 2

    assert repr(TEXT.twice('-')) == "s + '-' + s"
    assert repr(TEXT.doubled) == 's * 2'


def _no_expression(x: int) -> int:
    return object()  # type: ignore[return-value]


def _another_type(x: int) -> str:
    return x + 1  # type: ignore[return-value]


def _failing(x: int) -> int:
    return len(x)  # type: ignore[arg-type]


def _variadic(*args: int) -> int:
    return args[0]


@pytest.mark.parametrize(
    ('make', 'code'),
    [
        (lambda: pxt.expr_udf(_no_expression), ErrorCode.INVALID_EXPRESSION),
        (lambda: pxt.expr_udf(_another_type), ErrorCode.TYPE_MISMATCH),
        (lambda: pxt.expr_udf(_failing), ErrorCode.INVALID_EXPRESSION),
        (lambda: pxt.expr_udf(_variadic), ErrorCode.INVALID_ARGUMENT),
        (lambda: pxt.expr_udf(lambda x: x), ErrorCode.INVALID_ARGUMENT),
        (lambda: pxt.expr_udf(5), ErrorCode.INVALID_ARGUMENT),
        (lambda: pxt.expr_udf(param_types=[])(_another_type), ErrorCode.INVALID_ARGUMENT),
        (lambda: plus(TEXT), ErrorCode.TYPE_MISMATCH),
        (lambda: plus(), ErrorCode.INVALID_ARGUMENT),
        (lambda: plus(NUMBER, z=1), ErrorCode.INVALID_ARGUMENT),
    ],
)
def test_mistakes(make: Callable[[], Any], code: ErrorCode) -> None:
    with pytest.raises(RequestError) as caught:
        make()
    assert caught.value.error_code is code


def test_apply() -> None:
    assert repr(TEXT.apply(str.upper, col_type=pxt.String)) == 'upper(s)'
    assert TEXT.apply(str.upper, col_type=pxt.String).col_type == STRING.with_nullable(True)

    assert TEXT.apply(int).col_type == INT.with_nullable(True)

    def length(text: str) -> int:
        return len(text)

    length.__annotations__['return'] = int
    assert Expr(Field(JSON, 'j')).apply(length).col_type == INT
    with pytest.raises(RequestError, match='say its type') as caught:
        TEXT.apply(str.upper)
    assert caught.value.error_code is ErrorCode.UNSUPPORTED_OPERATION
    with pytest.raises(RequestError, match='takes a function of one value') as caught:
        TEXT.apply(5)
    assert caught.value.error_code is ErrorCode.INVALID_ARGUMENT


def test_a_result_is_named_after_the_function() -> None:
    assert [output.name for output in outputs([plus(NUMBER), plus(NUMBER, 3), NUMBER], {})] == ['plus', 'plus_1', None]
    assert [output.name for output in outputs([plus(NUMBER)], {'plus': NUMBER})] == ['plus_1', 'plus']
    assert [output.name for output in outputs([plus(NUMBER) + 1], {})] == [None]
