"""Every function of media: NULL gives NULL without a call, and another type, or none, is an error of ours. Also of local models.

What they give for media is in files of their own.
"""

from __future__ import annotations

import importlib

import pytest

import pixeltable as pxt
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Field
from pixeltable.iterators.function import IteratorFunction
from pixeltable.types.column_type import BINARY
from pixeltable.udf.function import Function

MEDIA = ('image', 'audio', 'video', 'vision')
MODULES = (*MEDIA, 'huggingface', 'whisper', 'whisperx', 'yolox', 'llama_cpp', 'vllm')


def functions() -> dict[str, Function]:
    found = {}
    for name in MODULES:
        module = importlib.import_module(f'pixeltable.functions.{name}')
        for each in (getattr(module, entry) for entry in dir(module) if not entry.startswith('_')):
            if (
                isinstance(each, Function)
                and not isinstance(each, IteratorFunction)
                and each.signature.parameters[0].type
            ):
                found[f'{name}.{each.name}'] = each
    return found


FUNCTIONS = functions()


def required(function: Function) -> list:
    return [each for each in function.signature.parameters if not each.has_default and each.kind.name != 'VAR_KEYWORD']


def test_there_are_those_of_all_modules() -> None:
    assert {name.partition('.')[0] for name in FUNCTIONS} == set(MODULES)
    assert len(FUNCTIONS) > 60


def test_null_gives_null(home) -> None:
    functions = {name: each for name, each in FUNCTIONS.items() if name.partition('.')[0] in MEDIA}
    types = {str(p.type): p.type for each in functions.values() for p in required(each)}
    names = {text: f'c{number}' for number, text in enumerate(types)}
    t = pxt.create_table('t', {names[text]: type_.with_nullable(True) for text, type_ in types.items()})
    t.insert([{next(iter(names.values())): None}])
    for name, function in functions.items():
        if function.signature.parameters[0].type.nullable:
            continue
        first, *others = required(function)
        made = function(t[names[str(first.type)]], **{each.name: t[names[str(each.type)]] for each in others})
        assert (name, t.select(x=made).collect()['x']) == (name, [None])


@pytest.mark.parametrize('name', FUNCTIONS)
def test_wrong_arguments(name: str) -> None:
    function = FUNCTIONS[name]
    others = {each.name: Expr(Field(each.type, each.name)) for each in required(function)[1:]}
    with pytest.raises(RequestError) as caught:
        function(Expr(Field(BINARY, 'b')), **others)
    is_one = len(function.overloads) == 1
    assert caught.value.error_code is (ErrorCode.TYPE_MISMATCH if is_one else ErrorCode.INVALID_ARGUMENT)
    with pytest.raises(RequestError) as caught:
        function(nonsense=1)
    assert caught.value.error_code is ErrorCode.INVALID_ARGUMENT
