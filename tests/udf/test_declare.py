from __future__ import annotations

from typing import Any, TypeVar

import pytest

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.expr import Expr
from pixeltable.types.column_type import INT, STRING
from pixeltable.udf.decorators import Batch, udf

T = TypeVar('T')


def test_hints_may_be_local_names() -> None:
    Text = str  # noqa: N806

    @udf
    def f(text: Text, limit: int | None = None) -> Text:
        return text

    assert str(f.signature) == '(text: String, limit: Int | None = None) -> String'
    assert (f.name, f.__doc__, f.__wrapped__) == ('f', None, f.raw)


def test_a_default_of_none_allows_none(text: Expr) -> None:
    @udf
    def f(text: str, other: str = None) -> str:  # type: ignore[assignment]  # noqa: RUF013
        return text

    assert f(text, None).col_type == STRING


def _declare(source: str, **options: Any) -> None:
    names: dict[str, Any] = {'Batch': Batch, '__name__': __name__}
    exec(source, names)
    udf(**options)(names['f'])


@pytest.mark.parametrize(
    ('source', 'options', 'code', 'words'),
    [
        ('def f(a) -> str: ...', {}, ErrorCode.INVALID_ARGUMENT, "parameter 'a' has no type hint"),
        ('def f(a: str): ...', {}, ErrorCode.INVALID_ARGUMENT, 'the result has no type hint'),
        ('def f(a: object) -> str: ...', {}, ErrorCode.INVALID_TYPE, "parameter 'a'"),
        ('def f(a: "Nothing") -> str: ...', {}, ErrorCode.INVALID_TYPE, 'cannot be evaluated'),
        ('def f(_a: str) -> str: ...', {}, ErrorCode.UNSUPPORTED_OPERATION, "'_a' is reserved"),
        ('def f(group_by: str) -> str: ...', {}, ErrorCode.UNSUPPORTED_OPERATION, "'group_by' is reserved"),
        ('def f(a: Batch[str]) -> Batch[str]: ...', {}, ErrorCode.INVALID_ARGUMENT, 'batch_size=16'),
        ('def f(a: str) -> str: ...', {'batch_size': 2}, ErrorCode.INVALID_ARGUMENT, 'no parameter is declared'),
        ('def f(a: Batch[str]) -> str: ...', {'batch_size': 2}, ErrorCode.INVALID_ARGUMENT, 'its result must be'),
        ('def f(a: Batch[str]) -> Batch[str]: ...', {'batch_size': 0}, ErrorCode.INVALID_ARGUMENT, 'at least 1'),
        ('def f() -> str: ...', {'is_method': True}, ErrorCode.INVALID_ARGUMENT, 'has no parameter'),
        ('def f(a: str, b: str) -> str: ...', {'is_property': True}, ErrorCode.INVALID_ARGUMENT, 'exactly one'),
        ('def f(a: str) -> str: ...', {'speed': 1}, ErrorCode.INVALID_ARGUMENT, 'Options: batch_size'),
        ('def f(a: str) -> str: ...', {'sql': 'x'}, ErrorCode.INVALID_ARGUMENT, 'leaves out'),
    ],
)
def test_refused_declarations(source: str, options: dict[str, Any], code: ErrorCode, words: str) -> None:
    with pytest.raises(RequestError) as caught:
        _declare(source, **options)
    assert caught.value.error_code is code
    assert words in str(caught.value)


def test_only_functions_are_decorated() -> None:
    with pytest.raises(RequestError, match='udf\\(\\) decorates a function'):
        udf(3)  # type: ignore[call-overload]


def test_methods_and_properties(text: Expr) -> None:
    @udf(is_method=True)
    def test_surround(self: str, mark: str = '*') -> str:
        return mark + self + mark

    @udf(is_property=True, display_name='test_first')
    def first(self: str) -> str:
        return self[0]

    assert repr(text.test_surround('-')) == "text.test_surround(mark='-')"
    assert repr(text.test_first) == 'text.test_first'
    with pytest.raises(RequestError, match="every expression has its own 'astype'"):
        udf(is_method=True, display_name='astype')(first.raw)


def test_one_body_for_several_types(text: Expr, maybe: Expr) -> None:
    @udf(type_substitutions=[{T: str}, {T: int}])
    def same(value: T) -> T | None:
        return value

    assert same(text).col_type == STRING.with_nullable(True)
    assert same(maybe).col_type == INT.with_nullable(True)


def test_a_second_declaration_of_a_name_is_another_function(text: Expr) -> None:
    def declare() -> Any:
        @udf
        def f(text: str) -> str:
            return text

        return f

    assert declare()(text).__pxt_node__ != declare()(text).__pxt_node__


def test_substitute_runs_in_place_of_the_declared_function() -> None:
    @udf(substitute_fn=lambda text: text.upper())
    def f(text: str) -> str:
        raise NotImplementedError

    assert f.py_fn(text='a') == 'A'
