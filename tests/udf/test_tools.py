from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, Literal, TypedDict

import pytest

import pixeltable as pxt
import pixeltable.functions as pxtf
from pixeltable.errors import Error, ErrorCode
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Field
from pixeltable.types.column_type import JSON, STRING
from pixeltable.udf.tools import invoke


class Place(TypedDict):
    city: str
    country: str | None


class Unit(enum.Enum):
    CELSIUS = 'c'
    FAHRENHEIT = 'f'


@pxt.udf
def weather(place: Place, days: int = 1, unit: Literal['c', 'f'] = 'c', note: str | None = None) -> dict:
    """Says how it will be.

    In some days.
    """
    return {'place': place, 'days': days, 'unit': unit, 'note': note}


@pxt.udf
def convert(degrees: float, unit: Unit, tags: list[str]) -> float:
    return degrees


@pxt.udf
def either(x: int) -> int:
    return x


@either.overload
def _(x: str) -> str:
    return x


def test_schemas() -> None:
    described = pxt.tools(weather, pxt.tool(convert, name='conv', description='Converts.')).model_dump()
    assert described[0] == {
        'name': 'weather',
        'description': 'Says how it will be.\n\nIn some days.',
        'parameters': {
            'type': 'object',
            'properties': {
                'place': {
                    'type': 'object',
                    'properties': {
                        'city': {'type': 'string'},
                        'country': {'anyOf': [{'type': 'string'}, {'type': 'null'}]},
                    },
                    'required': ['city', 'country'],
                },
                'days': {'type': 'integer', 'default': 1},
                'unit': {'type': 'string', 'enum': ['c', 'f'], 'default': 'c'},
                'note': {'type': 'string'},
            },
            'required': ['place'],
            'additionalProperties': False,
        },
    }
    assert (described[1]['name'], described[1]['description']) == ('conv', 'Converts.')
    assert described[1]['parameters']['properties'] == {
        'degrees': {'type': 'number'},
        'unit': {'type': 'string', 'enum': ['c', 'f']},
        'tags': {'type': 'array', 'items': {'type': 'string'}},
    }


def test_choices() -> None:
    tools = pxt.tools(weather, convert)
    assert tools.choice(auto=True) == pxt.ToolChoice(True, False, None, True)
    assert tools.choice(required=True, parallel_tool_calls=False) == pxt.ToolChoice(False, True, None, False)
    assert tools.choice(tool='convert').tool == tools.choice(tool=convert).tool == 'convert'
    assert tools.choice(auto=True).model_dump()['auto'] is True


@pytest.mark.parametrize(
    ('call', 'code'),
    [
        (lambda: pxt.tools(5), ErrorCode.INVALID_ARGUMENT),
        (lambda: pxt.tools(None), ErrorCode.INVALID_ARGUMENT),
        (lambda: pxt.tool(len), ErrorCode.INVALID_ARGUMENT),
        (lambda: pxt.tools(weather, weather), ErrorCode.INVALID_ARGUMENT),
        (lambda: pxt.tools(either), ErrorCode.UNSUPPORTED_OPERATION),
        (lambda: pxt.tools(pxtf.string.format), ErrorCode.UNSUPPORTED_OPERATION),
        (lambda: pxt.tools(pxtf.json.make_list), ErrorCode.UNSUPPORTED_OPERATION),
        (lambda: pxt.tools(weather).choice(), ErrorCode.MISSING_REQUIRED),
        (lambda: pxt.tools(weather).choice(auto=True, required=True), ErrorCode.MISSING_REQUIRED),
        (lambda: pxt.tools(weather).choice(tool='wether'), ErrorCode.FUNCTION_NOT_FOUND),
        (lambda: invoke(pxt.tools(weather), 'calls'), ErrorCode.INVALID_EXPRESSION),  # type: ignore[arg-type]
    ],
)
def test_mistakes(call: Callable[[], Any], code: ErrorCode) -> None:
    with pytest.raises(Error) as caught:
        call()
    assert caught.value.error_code is code


def test_tools_are_constants_of_calls() -> None:
    @pxt.udf
    def model(prompt: str, tools: list[dict], tool_choice: dict) -> str:
        return prompt

    tools = pxt.tools(convert)
    node = model(Expr(Field(STRING, 's')), tools=tools, tool_choice=tools.choice(auto=True)).__pxt_node__
    assert [arg.value for arg in node.args[1:]] == [tools.model_dump(), tools.choice(auto=True).model_dump()]


def test_invoking_gives_a_list_for_each_tool() -> None:
    results = invoke(pxt.tools(convert, weather), Expr(Field(JSON, 'calls')))
    assert str(results.convert.col_type) == 'Json[(Float | None, ...)] | None'
    assert repr(results).startswith("{'convert': calls.convert.map(lambda call: convert(")
