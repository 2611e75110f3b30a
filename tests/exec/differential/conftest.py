"""Random typed expressions, and rows for them to be computed from."""

from __future__ import annotations

import datetime
import math
import sys
import zoneinfo
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import strategies as st

from pixeltable.errors import RequestError
from pixeltable.exprs import build, choices, paths
from pixeltable.exprs.bind import fields
from pixeltable.exprs.nodes import Field, Node, Replacement, Template
from pixeltable.types.column_type import (
    BINARY,
    BOOL,
    DATE,
    FLOAT,
    INT,
    JSON,
    STRING,
    TIMESTAMP,
    UUID,
    ColumnType,
    JsonObject,
    Kind,
)

sys.path.insert(0, str(Path(__file__).parent))  # tests are modules without a package

BERLIN = zoneinfo.ZoneInfo('Europe/Berlin')
TYPES = {
    kind.kind: kind.with_nullable(True) for kind in (INT, FLOAT, BOOL, STRING, TIMESTAMP, DATE, UUID, BINARY, JSON)
}

ints = st.one_of(
    st.integers(-9, 9),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([-(2**63), 2**63 - 1, 2**53 + 1, -(2**53) - 1]),
)
floats = st.one_of(
    st.floats(),
    st.integers(-9, 9).map(float),
    st.sampled_from([0.0, -0.0, math.nan, math.inf, -math.inf, 2.0**53, 0.5, 2.5, -2.5, 2.0**63, 1e308, 5e-324]),
)
texts = st.one_of(
    st.text(st.characters(exclude_categories=['Cs'], exclude_characters='\0'), max_size=4),
    st.sampled_from(['', 'a', 'b', "it's", '{"a"}', 'é', '😀', '\uffff', 'a\\n', '--', '$1', '{c1}', '\u00a0']),
)
timestamps = st.datetimes(
    datetime.datetime(1, 1, 3), datetime.datetime(9999, 12, 29), timezones=st.sampled_from([datetime.UTC, BERLIN])
)
keys = st.sampled_from(['a', 'b', 'a b', 'é', '*', '', '0', 'x"y', "it's"])
json_numbers = st.one_of(ints, st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**70), 2**70))
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), json_numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=6,
)
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.INT: ints,
    Kind.FLOAT: floats,
    Kind.BOOL: st.booleans(),
    Kind.STRING: texts,
    Kind.TIMESTAMP: timestamps,
    Kind.DATE: st.dates(),
    Kind.UUID: st.uuids(),
    Kind.BINARY: st.binary(max_size=3),
    Kind.JSON: json_values,
}
FIELDS = [Field(type_, f'{kind.lower()}{n} "q"') for kind, type_ in TYPES.items() for n in (1, 2)]


def leaf(kind: Kind) -> st.SearchStrategy[Node]:
    fields = st.sampled_from([field for field in FIELDS if field.type.kind is kind])
    literals = VALUES[kind].filter(lambda value: value is not None).map(lambda value: build.literal(value, TYPES[kind]))
    return st.one_of(fields, literals)


@st.composite
def tree(draw: st.DrawFn, kind: Kind, depth: int) -> Node:
    """A tree whose result is of `kind`, or a leaf if what was drawn is not a valid expression."""
    if depth == 0:
        return draw(leaf(kind))
    made = draw(st.sampled_from(MAKERS.get(kind, [])) if kind in MAKERS else st.just(leaf_maker))(draw, depth - 1)
    return made if made is not None and made.type.kind is kind else draw(leaf(kind))


def leaf_maker(draw: st.DrawFn, depth: int) -> Node | None:
    return None


def numeric(draw: st.DrawFn, depth: int, kinds: tuple[Kind, ...] = (Kind.INT, Kind.FLOAT, Kind.BOOL)) -> Node:
    return draw(tree(draw(st.sampled_from(kinds)), depth))


def operate(op: str, *args: Node) -> Node | None:
    try:
        return build.operation(op, *(Wrapped(arg) for arg in args))
    except RequestError:
        return None


class Wrapped:
    def __init__(self, node: Node) -> None:
        self.__pxt_node__ = node


def integer_arithmetic(draw: st.DrawFn, depth: int) -> Node | None:
    op = draw(st.sampled_from(['add', 'sub', 'mul', 'floordiv', 'mod']))
    return operate(op, *(numeric(draw, depth, (Kind.INT, Kind.INT, Kind.BOOL)) for _ in range(2)))


def float_arithmetic(draw: st.DrawFn, depth: int) -> Node | None:
    op = draw(st.sampled_from(['add', 'sub', 'mul', 'floordiv', 'mod', 'div', 'pow']))
    return operate(op, *(numeric(draw, depth) for _ in range(2)))


def unary(draw: st.DrawFn, depth: int) -> Node | None:
    return operate(draw(st.sampled_from(['neg', 'abs', 'round'])), numeric(draw, depth))


def comparison(draw: st.DrawFn, depth: int) -> Node | None:
    op = draw(st.sampled_from(['eq', 'ne', 'lt', 'le', 'gt', 'ge']))
    left = draw(tree(draw(st.sampled_from(list(TYPES))), depth))
    partners = [left.type.kind, left.type.kind, Kind.INT, Kind.FLOAT, Kind.STRING, Kind.BOOL, Kind.JSON]
    return operate(op, left, draw(tree(draw(st.sampled_from(partners)), depth)))


def logic(draw: st.DrawFn, depth: int) -> Node | None:
    op = draw(st.sampled_from(['and', 'or', 'not', 'is_null', 'is_not_null']))
    if op in ('is_null', 'is_not_null'):
        return operate(op, draw(tree(draw(st.sampled_from(list(TYPES))), depth)))
    return operate(op, *(draw(tree(Kind.BOOL, depth)) for _ in range(1 if op == 'not' else 2)))


def membership(draw: st.DrawFn, depth: int) -> Node | None:
    arg = draw(tree(draw(st.sampled_from(list(TYPES))), depth))
    kinds = [arg.type.kind]
    if arg.type.is_numeric:
        kinds = [Kind.INT, Kind.FLOAT, Kind.BOOL]
    elif arg.type.kind is Kind.JSON:
        kinds = [Kind.INT, Kind.FLOAT, Kind.BOOL, Kind.STRING]
    values = draw(st.lists(st.one_of(*(VALUES[kind] for kind in kinds)), max_size=3))
    return choices.is_in(arg, values)


def conversion(to: Kind) -> Any:
    def make(draw: st.DrawFn, depth: int) -> Node | None:
        try:
            return build.cast(draw(tree(draw(st.sampled_from(list(TYPES))), depth)), TYPES[to])
        except RequestError:
            return None

    return make


def concatenation(draw: st.DrawFn, depth: int) -> Node | None:
    return operate('add', draw(tree(Kind.STRING, depth)), draw(tree(Kind.STRING, depth)))


def repetition(draw: st.DrawFn, depth: int) -> Node | None:
    times = build.literal(draw(st.integers(-1, 3)), INT)
    return operate('mul', draw(tree(Kind.STRING, depth)), draw(st.sampled_from([times, FIELDS[0]])))


def template(draw: st.DrawFn, depth: int) -> Node | None:
    kinds = st.sampled_from([Kind.STRING, Kind.INT, Kind.BOOL, Kind.DATE, Kind.UUID])
    args = [draw(tree(draw(kinds), depth)) for _ in range(draw(st.integers(1, 2)))]
    return Template(STRING.with_nullable(True), (draw(texts), *(Replacement(arg) for arg in args)))


def path(to: Kind) -> Any:
    def make(draw: st.DrawFn, depth: int) -> Node | None:
        key = draw(keys)
        field = draw(st.sampled_from([field for field in FIELDS if field.type.kind is Kind.JSON]))
        typed = ColumnType(Kind.JSON, True, JsonObject(((key, TYPES[to]),)))
        if to is not Kind.JSON:
            return paths.item(Field(typed, field.name), key)
        return paths.item(paths.item(field, key), draw(st.one_of(st.integers(-3, 3), keys)))

    return make


def choice(to: Kind) -> Any:
    kinds = [Kind.BOOL, Kind.INT, Kind.FLOAT] if to in (Kind.INT, Kind.FLOAT) else [to]

    def make(draw: st.DrawFn, depth: int) -> Node | None:
        values = [draw(tree(draw(st.sampled_from(kinds)), depth)) for _ in range(draw(st.integers(1, 3)))]
        if draw(st.booleans()):
            return choices.coalesce(tuple(values))
        branches = tuple((draw(tree(Kind.BOOL, depth)), value) for value in values)
        return choices.case(branches, draw(st.one_of(st.none(), tree(to, depth))))

    return make


MAKERS: dict[Kind, list[Any]] = {
    Kind.INT: [integer_arithmetic, integer_arithmetic, unary, conversion(Kind.INT), path(Kind.INT)],
    Kind.FLOAT: [float_arithmetic, float_arithmetic, unary, conversion(Kind.FLOAT), path(Kind.FLOAT)],
    Kind.BOOL: [comparison, comparison, logic, membership, conversion(Kind.BOOL), path(Kind.BOOL)],
    Kind.STRING: [concatenation, repetition, template, conversion(Kind.STRING), path(Kind.STRING)],
    Kind.TIMESTAMP: [conversion(Kind.TIMESTAMP)],
    Kind.DATE: [conversion(Kind.DATE)],
    Kind.BINARY: [conversion(Kind.BINARY)],
    Kind.JSON: [path(Kind.JSON), path(Kind.JSON), conversion(Kind.JSON)],
}
for _kind in TYPES:
    MAKERS.setdefault(_kind, []).append(choice(_kind))


def rows_for(node: Node) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Rows with the fields that `node` reads."""
    read = {field.name: st.one_of(st.none(), VALUES[field.type.kind]) for field in fields(node).values()}
    return st.lists(st.fixed_dictionaries(read), min_size=1, max_size=5)


any_tree = st.sampled_from(list(TYPES)).flatmap(lambda kind: tree(kind, 3))


@pytest.fixture(scope='session')
def trees() -> SimpleNamespace:
    """`any_tree`, `leaf(kind)`, `rows_for(node)`, and what they are made of."""
    return SimpleNamespace(
        types=TYPES,
        fields=FIELDS,
        values=VALUES,
        json_scalars=st.one_of(st.none(), st.booleans(), json_numbers, texts),
        leaf=leaf,
        any_tree=any_tree,
        predicate=tree(Kind.BOOL, 3),
        rows_for=rows_for,
        operate=operate,
    )
