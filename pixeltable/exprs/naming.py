"""Names of result columns that the user did not name."""

from __future__ import annotations

import itertools
from collections.abc import Collection

from pixeltable.exprs.nodes import (
    Aggregate,
    AllItems,
    Call,
    CellProperty,
    ColumnRef,
    JsonPath,
    Literal,
    Node,
    Operation,
    Parameter,
    Similarity,
    Slice,
)
from pixeltable.exprs.windows import Fold, Ranking, Window


def result_names(items: list[tuple[str | None, Node]]) -> list[str]:
    """A name for each item: the given one, or one after the expression; clashes get `_1`, `_2`."""
    taken = {given for given, _ in items if given is not None}
    names = []
    for position, (given, node) in enumerate(items):
        if given is not None:
            names.append(given)
            continue
        name = free_name(_natural_name(node) or f'col_{position}', taken)
        taken.add(name)
        names.append(name)
    return names


def free_name(base: str, taken: Collection[str | None]) -> str:
    """`base`, or the first of `base_1`, `base_2`, … that is not taken."""
    numbered = (f'{base}_{suffix}' for suffix in itertools.count(1))
    return base if base not in taken else next(name for name in numbered if name not in taken)


def _natural_name(node: Node) -> str | None:
    match node:
        case ColumnRef(name=name):
            return name
        case Call(function=function):
            return function.name
        case Operation(op='abs' | 'round' as function_name):
            return function_name
        case Aggregate(function=function_name) | Ranking(function=function_name):
            return function_name
        case Fold(function=aggregate):
            return aggregate.name
        case Window(aggregate=inner):
            return _natural_name(inner)
        case Parameter(name=name):
            return name
        case CellProperty(column=column, property=property_):
            return f'{_natural_name(column)}_{property_}'
        case Similarity():
            return 'similarity'
        case Literal():
            return 'literal'
        case JsonPath(arg=arg, path=path):
            base = _natural_name(arg)
            steps = ''.join(_step_name(step) for step in path)
            return None if base is None else f'{_letters(base)}_{steps.removeprefix("_")}'
        case _:
            return None


def _step_name(step: str | int | Slice | AllItems) -> str:
    """What is left of a step as it is written, such as `.key` or `[1:2]`, where a point is `_` and `*` is `star`."""
    match step:
        case AllItems():
            return 'star'
        case Slice(start=start, stop=stop, step=stride):
            text = ''.join(str(number) for number in (start, stop, stride) if number is not None)
        case str():
            return f'_{_letters(step)}'
        case _:
            text = str(step)
    return _letters(text)


def _letters(text: str) -> str:
    """Its letters and digits, in lower case: `_` stands between the steps of a path alone."""
    return ''.join(character for character in text.lower() if character.isalnum())
