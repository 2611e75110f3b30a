from __future__ import annotations

import asyncio
import datetime
from typing import Any

import pytest

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Call, Cast, Literal, MakeDict, Template
from pixeltable.types import spelling as pxt
from pixeltable.types.column_type import FLOAT, STRING
from pixeltable.udf.calling import direct_calls
from pixeltable.udf.decorators import Batch, udf


@udf
def repeat(text: str, times: int, *, scale: float = 1.0) -> str:
    return text * int(times * scale)


@udf
def shape(value: dict) -> int:
    return len(value)


def call(expression: Expr) -> Call:
    node = expression.__pxt_node__
    assert isinstance(node, Call)
    return node


def test_only_given_arguments_are_stored_in_the_order_of_the_parameters(text: Expr) -> None:
    node = call(repeat(times=2, text=text))
    assert node.names == ('text', 'times')
    assert node.type == STRING
    assert repeat.caller(node.names)('ab', 2) == 'abab'


def test_null_for_a_required_value_makes_the_result_nullable(text: Expr, maybe: Expr) -> None:
    assert repeat(text, maybe).col_type == STRING.with_nullable(True)
    assert repeat(text, None).col_type == STRING.with_nullable(True)


def test_constants_take_the_form_the_parameter_needs(text: Expr) -> None:
    scale = call(repeat(text, 2, scale=3)).args[2]
    assert isinstance(scale, Literal)
    assert type(scale.value) is float

    @udf
    def later(text: str, moment: datetime.datetime) -> str:
        return text

    moment = call(later(text, '2026-01-02T03:04:05+00:00')).args[1]
    assert isinstance(moment, Literal)
    assert moment.value == datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)


def test_json_meets_a_scalar_parameter_as_a_cast(text: Expr, data: Expr) -> None:
    assert isinstance(call(repeat(data.name, 2)).args[0], Cast)


def test_f_strings_and_containers_of_expressions(text: Expr) -> None:
    assert isinstance(call(repeat(f'<{text}>', 2)).args[0], Template)
    assert isinstance(call(shape({'a': text})).args[0], MakeDict)


@pytest.mark.parametrize(
    ('args', 'kwargs', 'words'),
    [
        ((), {}, "needs the argument 'text'"),
        (('a', 1, 2), {}, 'takes 2 positional arguments (text, times), not 3'),
        (('a', 1), {'time': 2}, "has no parameter 'time'. Did you mean 'times'?"),
        (('a', 1), {'text': 'b'}, "got the argument 'text' twice"),
        (('a', 'b'), {}, "parameter 'times' is of type Int; 'b' is of type String"),
        (('a', 1.5), {}, "parameter 'times' is of type Int; 1.5 is of type Float"),
        (('a', object()), {}, "parameter 'times'"),
    ],
)
def test_wrong_arguments_are_named(args: tuple[Any, ...], kwargs: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError) as caught:
        repeat(*args, **kwargs)
    assert words in str(caught.value)
    assert 'repeat()' in str(caught.value)


def test_the_first_overload_that_accepts_wins(text: Expr, maybe: Expr) -> None:
    @udf
    def size(value: str) -> int:
        return len(value)

    @size.overload
    def _(value: int) -> float:
        return float(value)

    assert size(text).col_type.kind == 'Int'
    chosen = call(size(maybe))
    assert chosen.type == FLOAT.with_nullable(True)
    assert chosen.function_key != size.key
    with pytest.raises(RequestError, match='no signature that takes these arguments'):
        size(datetime.date(2026, 1, 1))


def test_batched_functions_take_constants_for_the_rest(text: Expr) -> None:
    @udf(batch_size=2)
    def tag(texts: Batch[str], *, label: str) -> Batch[str]:
        return [label + text for text in texts]

    assert tag(text, label='x').col_type == STRING
    with pytest.raises(RequestError, match="'label' is the same for a whole batch"):
        tag(text, label=text)


def test_variadic_arguments_keep_their_places(text: Expr) -> None:
    @udf
    def glue(first: str, *more: Any, **named: Any) -> str:
        return first + ''.join(more) + ''.join(named.values())

    node = call(glue(text, 'b', 'c', last='d'))
    assert node.names == ('first', 'more.0', 'more.1', 'last')
    assert glue.caller(node.names)('a', 'b', 'c', 'd') == 'abcd'
    assert glue.py_fn(**dict(zip(node.names, 'abcd', strict=True))) == 'abcd'


def test_plain_calls_run_only_where_code_runs() -> None:
    assert isinstance(repeat('a', 2), Expr)
    with direct_calls():
        assert repeat('a', 2) == 'aa'


def test_async_functions() -> None:
    @udf
    async def wait(text: str) -> str:
        return text

    assert wait.is_async
    assert asyncio.run(wait.py_fn(text='a')) == 'a'


def test_conditional_return_type(text: Expr) -> None:
    @udf
    def embed(text: str, size: int = 3) -> pxt.Array[(None,), pxt.Float]:
        raise NotImplementedError

    @embed.conditional_return_type
    def _(size: int) -> Any:
        return pxt.Array[(size,), pxt.Float]

    assert embed(text).col_type.array.shape == (3,)
    assert embed(text, 4).col_type.array.shape == (4,)
    assert embed.using(size=5)(text).col_type.array.shape == (5,)


def test_using(text: Expr) -> None:
    twice = repeat.using(times=2)
    assert repr(twice) == '<function repeat(text: String, *, scale: Float = 1.0) -> String with times=2>'
    assert twice.key != repeat.key == repeat.using(times=2).origin.key
    assert twice.caller(call(twice(text)).names)('ab') == 'abab'
    for wrong in ({'time': 2}, {'times': 'x'}, {'times': text}):
        with pytest.raises(RequestError) as caught:
            repeat.using(**wrong)
        assert caught.value.error_code in (ErrorCode.INVALID_ARGUMENT, ErrorCode.TYPE_MISMATCH)
