"""Functions that tables are, and functions that are composed of expressions, evaluated."""

from __future__ import annotations

from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.udf.tools import invoke


@pytest.fixture
def prices(t: pxt.Table) -> pxt.Table:
    table = pxt.create_table('prices', {'net': pxt.Int | None, 'item': pxt.String}, comment='What things cost.')
    table.add_computed_column(gross=table.net + 1)
    table.add_computed_column(label=f'{table.item}: {table.gross}')
    return table


def test_a_table_is_a_function_of_its_computed_columns(t: pxt.Table, prices: pxt.Table) -> None:
    label = pxt.udf(prices, return_value=prices.label)
    assert t.select(x=label(net=t.k, item=t.s)).head(2)['x'] == ['a: 1', 'b: 2']
    everything = pxt.udf(prices)
    assert t.select(x=everything(item=t.s)).head(1)['x'] == [{'net': None, 'item': 'a', 'gross': None, 'label': None}]
    assert str(label.signature) == '(net: Int | None = None, item: String) -> String | None'


def test_it_may_be_a_tool(prices: pxt.Table) -> None:
    described = pxt.tools(pxt.udf(prices, description='Prices.'), pxt.tool(pxt.udf(prices), name='again')).model_dump()
    assert [(tool['name'], tool['description']) for tool in described] == [
        ('prices', 'Prices.'),
        ('again', 'What things cost.'),
    ]
    assert described[0]['parameters']['required'] == ['item']


def test_mistakes(t: pxt.Table, prices: pxt.Table) -> None:
    with pytest.raises(RequestError, match="column 'k' belongs to table 't'") as caught:
        pxt.udf(prices, return_value=t.k)
    assert caught.value.error_code is ErrorCode.INVALID_EXPRESSION
    with pytest.raises(RequestError, match="needs the argument 'item'"):
        pxt.udf(prices)(net=t.k)


@pxt.udf
def scaled(x: int, factor: float = 2.0) -> float:
    if x < 0:
        raise ValueError('negative')
    return x * factor


def test_calls_that_a_model_asks_for(reopen: Any) -> None:
    table = pxt.create_table('answers', {'calls': pxt.Json | None})
    table.add_computed_column(results=invoke(pxt.tools(scaled), table.calls))
    table.insert(
        [{'calls': {'scaled': [{'args': {'x': 1}}, {'args': {'x': 2, 'factor': 3}}]}}, {'calls': {}}, {'calls': None}]
    )
    expected = [{'scaled': [2.0, 6.0]}, {'scaled': None}, {'scaled': None}]
    assert table.select(table.results).collect()['results'] == expected
    reopen()
    again = pxt.get_table('answers')
    assert again is not None
    for calls in ({'scaled': [{'args': {'x': -1}}]}, {'scaled': [{'args': {'x': 'no number'}}]}):
        with pytest.warns(pxt.PixeltableWarning):
            again.insert([{'calls': calls}])
    errors = again.where(again.results.errortype != None).select(again.results.errormsg).collect()  # noqa: E711
    assert errors['results_errormsg'] == ['negative', "'no number' in Json is not of type Int"]


def test_apply(t: pxt.Table) -> None:
    t.add_computed_column(upper=t.s.apply(str.upper, col_type=pxt.String))
    t.add_computed_column(sized=t.f.apply(lambda f: f'{f:.1f}', col_type=pxt.String))
    t.insert([{'k': 5, 's': 'f', 'f': None}])
    assert t.select(t.upper, t.sized).tail(2)['upper'] == ['E', 'F']
    assert t.select(t.sized).collect()['sized'] == ['0.0', '0.5', '1.0', '1.5', None, None]


def test_the_pool_of_a_call_may_depend_on_its_constants(t: pxt.Table) -> None:
    @pxt.udf
    def asked(text: str, *, model: str) -> str:
        return text

    @asked.resource_pool
    def _(model: str) -> str:
        return f'request-rate:test:{model}'

    assert t.select(x=asked(t.s, model='m')).head(1)['x'] == ['a']
    assert asked.has_pool
    with pytest.raises(RequestError, match="has no parameter 'modle'"):
        asked.resource_pool(lambda modle: modle)


def test_constants_that_are_bound_come_back_as_they_are(t: pxt.Table, reopen: Any) -> None:
    @pxt.udf
    def sized(text: str, box: dict) -> int:
        return len(text) * len(box['size']) if isinstance(box['size'], tuple) else -1

    t.add_computed_column(x=sized.using(box={'size': (1, 2)})(t.s))
    reopen()
    again = pxt.get_table('t')
    assert again is not None
    again.insert([{'k': 5, 's': 'abc'}])
    assert again.select(again.x).tail(1)['x'] == [6]
    assert len(again.stale()) == 0


def test_list_functions() -> None:
    frame = pxt.list_functions()
    assert list(frame.columns) == ['Path', 'Name', 'Parameters', 'Return Type']
    upper = frame[frame.Name == 'upper'].iloc[0]
    assert (upper.Path, upper.Parameters, upper['Return Type']) == (
        'pixeltable.functions.string',
        'self: String',
        'String',
    )
