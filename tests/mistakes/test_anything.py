"""Whatever is passed for a parameter, what is raised is an error of ours, or Python's own for a call that does not fit."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import pixeltable as pxt

ANYTHING = [
    None,
    5,
    -1,
    'x',
    '',
    b'x',
    [],
    [1],
    {'k': 1},
    {1: 2},
    object(),
    int,
    float('nan'),
    ('a', 1),
    '\ud800',
    pxt.Int,
]
LEFT_OUT = {
    'of',
    'to_coco_dataset',
    'to_pytorch_dataset',
    'insert_async',
    'collect_async',
    'stream',
}  # ours alone, or async


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of what is passed is the name of a file, which is written."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def t(home, tmp_path, monkeypatch) -> pxt.Table:
    monkeypatch.chdir(tmp_path)  # some of it are names of files
    t = pxt.create_table('t', {'k': pxt.Int, 's': pxt.String | None, 'j': pxt.Json | None}, primary_key='k')
    t.insert([{'k': 1, 's': 'a', 'j': {'a': 1}}, {'k': 2}])
    return t


def calls(function: Callable[..., Any], given: dict[str, Any]) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    parameters = inspect.signature(function).parameters.values()
    for value in ANYTHING:
        if not given:
            yield (value,), {}
        for parameter in parameters:
            if parameter.kind in (parameter.KEYWORD_ONLY, parameter.POSITIONAL_OR_KEYWORD):
                yield (), given | {parameter.name: value}


def check(function: Callable[..., Any], given: dict[str, Any]) -> None:
    for args, options in calls(function, given):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter('ignore')
                function(*args, **options)
        except pxt.Error:
            continue
        except Exception as error:
            is_of_the_call = isinstance(error, TypeError) and error.__traceback__.tb_next is None
            if not is_of_the_call:
                raise AssertionError((function, args, options)) from error


@pytest.mark.parametrize('of', [lambda t: t, lambda t: t.where(t.k > 0), lambda t: t.s, lambda t: t.collect()])
def test_methods(t, of: Callable[[pxt.Table], Any]) -> None:
    for name in dir(of(t)):
        method = None if name.startswith('_') or name in LEFT_OUT else getattr(of(t), name)
        if inspect.ismethod(method):
            check(method, {})


@pytest.mark.parametrize('name', [
    'create_table', 'create_view', 'create_snapshot', 'create_dir', 'drop_dir', 'drop_table', 'get_table', 'list_tables',
    'list_dirs', 'ls', 'get_dir_tree', 'get_dir_contents', 'move', 'tool', 'tools', 'array', 'retrieval_udf', 'udf', 'uda',
    'query', 'iterator', 'expr_udf', 'model_base', 'snapshot', 'usage', 'case', 'coalesce',
])  # fmt: skip
def test_functions(t, name: str) -> None:
    needed = {'create_table': {'path': 'z', 'schema': {'x': pxt.Int}}, 'create_view': {'path': 'z', 'base': t},
              'create_snapshot': {'path_str': 'z', 'base': t}}  # fmt: skip
    check(getattr(pxt, name), needed.get(name, {}))
