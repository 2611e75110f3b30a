"""Every function of the built-in modules: its signature, and a normal, a NULL and a wrong argument for each."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from function_census import CENSUS, COLUMNS

import pixeltable as pxt
from pixeltable.api import default
from pixeltable.config.settings import Settings
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.expr import METHODS, Expr
from pixeltable.exprs.nodes import Field
from pixeltable.session import Session
from pixeltable.types.column_type import BINARY, Kind
from pixeltable.udf.function import Function

JSON_COLUMNS = {'sum': 'numbers', 'min': 'numbers', 'max': 'numbers', 'mean': 'numbers', 'get': 'object'}
JSON_COLUMNS |= dict.fromkeys(['keys', 'values', 'items', 'merge'], 'object')
FOR_NULL = {'is_empty': True, 'get': 'none'}
ENTRIES = [(module, text) for module, entries in CENSUS.items() for text in entries]
AGGREGATES = [getattr(pxt.functions, name) for name in ('sum', 'count', 'min', 'max', 'mean')]
CALLED = [entry for entry in ENTRIES if CENSUS[entry[0]][entry[1]][1] is not None]


def function_of(module: str, text: str) -> Any:
    return getattr(importlib.import_module(f'pixeltable.functions.{module}'), text.partition('(')[0])


@pytest.mark.parametrize(('module', 'text'), ENTRIES)
def test_signatures(module: str, text: str) -> None:
    function = function_of(module, text)
    signature = inspect.signature(function)
    parameters = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values()]
    if function in AGGREGATES:  # which have more, by keyword, than the list asks for
        parameters = [p for p in parameters if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    bare = signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty)
    assert f'{function.__name__}{bare}' == text


@pytest.mark.parametrize(('module', 'text'), ENTRIES)
def test_methods_and_properties(module: str, text: str) -> None:
    function, style = function_of(module, text), CENSUS[module][text][0]
    if not style or module == 'globals':
        return
    assert isinstance(function, Function)
    first = function.signature.parameters[0].type
    assert first is not None
    assert function.options.is_property is (style == 'P')
    assert callable(METHODS[first.kind][function.name])


@pytest.fixture(scope='module')
def results(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What all functions give, for a row of values and a row of NULLs."""
    home: Path = tmp_path_factory.mktemp('home')
    session = Session(Settings(home, ZoneInfo('UTC'), verbosity=0, show_progress=False))
    names = {key: f'c{number}' for number, key in enumerate(COLUMNS)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(default, '_session', session)
        table = pxt.create_table('t', {names[key]: type_ | None for key, (type_, _) in COLUMNS.items()})
        table.insert([{names[key]: value for key, (_, value) in COLUMNS.items()}, {names['list']: None}])
        made = {}
        for number, (module, text) in enumerate(CALLED):
            function, (args, _) = function_of(module, text), CENSUS[module][text][1]
            made[f'x{number}'] = function(table[names[column_of(module, function)]], *args)
        rows = [dict(row) for row in table.select(**made).collect()]
    session.close()
    return rows


def column_of(module: str, function: Any) -> str:
    if module == 'json':
        return JSON_COLUMNS.get(function.name, 'numbers' if function.name == 'contains' else 'list')
    parameter = function.signature.parameters[0]
    return f'{parameter.name}: {parameter.type}'


@pytest.mark.parametrize('number', range(len(CALLED)))
def test_results(results: list[dict[str, Any]], number: int) -> None:
    module, text = CALLED[number]
    expected = CENSUS[module][text][1][1]
    found = results[0][f'x{number}']
    assert found == expected
    assert type(found) is type(expected)
    of_null = FOR_NULL.get(text.partition('(')[0]) if module == 'json' else None
    assert results[1][f'x{number}'] == of_null


@pytest.mark.parametrize(('module', 'text'), CALLED)
def test_wrong_arguments(module: str, text: str) -> None:
    function, (args, _) = function_of(module, text), CENSUS[module][text][1]
    with pytest.raises(RequestError) as caught:
        function(Expr(Field(BINARY, 'b')), *args)
    assert caught.value.error_code is ErrorCode.TYPE_MISMATCH
    with pytest.raises(RequestError) as caught:
        function()
    assert caught.value.error_code is ErrorCode.INVALID_ARGUMENT


def test_every_kind_knows_apply() -> None:
    assert all('apply' in METHODS[kind] for kind in Kind)
