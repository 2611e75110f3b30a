"""Bound expression trees as DuckDB text.

Either the text gives exactly what `exec.scalar` computes, or there is none and the rows go through Python. A statement may fail
where Python gives error cells (an overflow, a failed conversion): the caller then evaluates the rows in Python. This is no query
builder: only scalar and aggregate expressions are written here.
"""

from __future__ import annotations

import datetime
import functools
import re
import zoneinfo
from dataclasses import dataclass

from pixeltable.exprs import sql_arithmetic as arithmetic
from pixeltable.exprs import sql_parts as parts
from pixeltable.exprs import sql_windows as windows
from pixeltable.exprs.nodes import (
    Aggregate,
    Call,
    Cast,
    Field,
    InZone,
    IsIn,
    JsonPath,
    Literal,
    Node,
    Operation,
    Replacement,
    Template,
)
from pixeltable.exprs.sql_parts import identifier as identifier
from pixeltable.exprs.windows import Collect, Window
from pixeltable.types.column_type import BOOL, Kind

_COMPARISONS = {'eq': '=', 'ne': '<>', 'lt': '<', 'le': '<=', 'gt': '>', 'ge': '>='}
_MIRRORED = {'=': '=', '<>': '<>', '<': '>', '<=': '>=', '>': '<', '>=': '<='}
_COMPARABLE = frozenset({Kind.STRING, Kind.TIMESTAMP, Kind.DATE, Kind.UUID, Kind.BINARY})
_PLACEHOLDER = re.compile(r'\{(\w+)\}')

# Some operations name their arguments several times, so text can double with each level; Python is faster than parsing that.
_MAX_LENGTH = 50_000


@functools.lru_cache(maxsize=1024)  # a plan asks for the text of an expression at each of its steps
def to_sql(node: Node, zone: datetime.tzinfo | None = None) -> str | None:
    """The DuckDB expression of a bound tree, None if a part of it has none with the same results as Python.

    A Json result is JSON text. Naive datetimes among the constants are taken to be in `zone`; without it, they and conversions
    between times and dates have no SQL form.
    """
    try:
        return _Writer(zone).write(node)
    except _NoSqlError:
        return None


class _NoSqlError(Exception):
    """Raised inside this module for a part that only Python can evaluate."""


def _some(text: str | None) -> str:
    if text is None or len(text) > _MAX_LENGTH:
        raise _NoSqlError
    return text


@dataclass(frozen=True, slots=True)
class _Writer:
    zone: datetime.tzinfo | None

    def write(self, node: Node) -> str:
        return _some(self._write(node))

    def _write(self, node: Node) -> str | None:
        match node:
            case Field(name=name):
                return identifier(name)
            case Literal(type=type_, value=value):
                return parts.constant(value, type_.kind, self.zone)
            case Operation():
                return self._operation(node)
            case IsIn():
                return self._is_in(node)
            case Cast():
                return self._cast(node)
            case InZone(arg=arg, zone=zone):
                return _Writer(zoneinfo.ZoneInfo(zone)).write(arg)
            case JsonPath(type=type_, arg=arg, path=path):
                steps = parts.json_path(path)
                return steps and parts.json_extract(self.write(arg), steps, type_.kind)
            case Template():
                return self._template(node)
            case Call():
                return self._call(node)
            case Aggregate():
                return windows.aggregate(node, self.write)
            case Collect():
                return windows.collect(node, self.write)
            case Window():
                return windows.window(node, self.write)
        return None

    def _operation(self, node: Operation) -> str | None:
        op, args = node.op, node.args
        match op:
            case 'and' | 'or':
                return '(' + f' {op.upper()} '.join(self.write(arg) for arg in args) + ')'
            case 'not':
                return f'(NOT {self.write(args[0])})'
            case 'is_null' | 'is_not_null':
                return f'({self.write(args[0])} IS {"NOT " if op == "is_not_null" else ""}NULL)'
            case 'case' | 'coalesce':
                return self._choice(node)
            case 'in_list':
                return None
            case _ if op in _COMPARISONS:
                return self._comparison(_COMPARISONS[op], *args)
        if node.type.kind is Kind.STRING:
            return self._text_operation(op, *args)
        if op == 'sample_key':
            return arithmetic.sample_key(*map(self.write, args))
        if any(not arg.type.is_numeric for arg in args):
            return None
        if op in ('div', 'pow') or Kind.FLOAT in {arg.type.kind for arg in args}:
            return arithmetic.float_operation(op, [self._float(arg) for arg in args])
        if op in ('floordiv', 'mod') and isinstance(args[1], Literal) and not isinstance(args[0], Literal):
            divisor = args[1].value
            if divisor is not None and 0 < divisor <= 2**62:
                is_field = isinstance(args[0], Field)
                return arithmetic.by_positive_constant(op, self._int(args[0]), int(divisor), is_field=is_field)
        return arithmetic.int_operation(op, [self._int(arg) for arg in args])

    def _choice(self, node: Operation) -> str | None:
        values = node.args if node.op == 'coalesce' else (*node.args[1:-1:2], node.args[-1])
        kind = node.type.kind
        if kind not in parts.SQL_TYPES or any(v.type.kind is not kind and not v.type.is_numeric for v in values):
            return None
        number = {Kind.FLOAT: self._float, Kind.INT: self._int}.get(kind, self.write)
        *texts, last = map(number, values)
        if node.op == 'coalesce':
            return f'COALESCE({", ".join([*texts, last])})'
        tests = zip(map(self.write, node.args[:-1:2]), texts, strict=True)
        return f'(CASE {" ".join(f"WHEN {test} THEN {text}" for test, text in tests)} ELSE {last} END)'

    def _text_operation(self, op: str, left: Node, right: Node) -> str:
        if op == 'add':
            return f'({self.write(left)} || {self.write(right)})'
        return arithmetic.repeat(self.write(left), self._int(right))

    def _int(self, node: Node) -> str:
        text = self.write(node)
        return f'CAST({text} AS BIGINT)' if node.type.kind is Kind.BOOL else text

    def _float(self, node: Node) -> str:
        text = self.write(node)
        return text if node.type.kind is Kind.FLOAT else f'CAST({text} AS DOUBLE)'

    def _comparison(self, symbol: str, left: Node, right: Node) -> str | None:
        kinds = left.type.kind, right.type.kind
        if Kind.JSON in kinds:
            if kinds[0] is not Kind.JSON:
                left, right, symbol = right, left, _MIRRORED[symbol]
            return parts.json_compare(self.write(left), symbol, self.write(right), right.type.kind)
        if Kind.FLOAT in kinds and left.type.is_numeric and right.type.is_numeric:
            return f'({self._float(left)} {symbol} {self._float(right)})'
        if left.type.is_numeric and right.type.is_numeric:
            return f'({self._int(left)} {symbol} {self._int(right)})'
        if kinds[0] is not kinds[1] or kinds[0] not in _COMPARABLE:
            return None
        return f'({self.write(left)} {symbol} {self.write(right)})'

    def _is_in(self, node: IsIn) -> str | None:
        arg = node.arg
        text = self.write(arg)
        if not node.values:
            return 'FALSE'
        same = [value for value in node.values if value.type.kind is arg.type.kind]
        tests = []
        if same and (arg.type.kind in _COMPARABLE or arg.type.is_numeric):
            tests.append(f'({text} IN ({", ".join(self.write(value) for value in same)}))')
        else:
            same = []
        others = (value for value in node.values if value not in same)
        tests += [self.write(Operation(BOOL, 'eq', (arg, value))) for value in others]
        return f'({" OR ".join(tests)})'

    def _cast(self, node: Cast) -> str | None:
        arg, source, target = node.arg, node.arg.type.kind, node.type.kind
        text = self.write(arg)
        if source is Kind.ARRAY or target not in parts.SQL_TYPES or node.type.detail not in (None, arg.type.detail):
            return None
        if source is target:
            return text
        if source is Kind.JSON:
            return parts.json_to(text, target)
        if target is Kind.JSON:
            return parts.json_from(text, source)
        if target is Kind.STRING and source is not Kind.BINARY:
            return parts.to_text(text, source)
        match source, target:
            # For an Int no comparison with 0: DuckDB rewrites `x + 1 <> 0` as `x <> -1`, and an overflow would go unnoticed.
            case (Kind.INT | Kind.BOOL, Kind.FLOAT) | (Kind.BOOL, Kind.INT) | (Kind.INT, Kind.BOOL):
                return f'CAST({text} AS {parts.SQL_TYPES[target]})'
            case (Kind.FLOAT, Kind.INT):
                return f'CAST(trunc({text}) AS BIGINT)'
            case (Kind.FLOAT, Kind.BOOL):
                return f'({text} <> 0)'
            case (Kind.BINARY, Kind.STRING):
                return f'decode({text})'
            case (Kind.STRING, Kind.BINARY):
                return f'encode({text})'
            # In other zones the answer would depend on whose zone database is the newer one.
            case (Kind.TIMESTAMP, Kind.DATE) if str(self.zone) == 'UTC':
                return f"CAST(timezone('UTC', {text}) AS DATE)"
            case (Kind.DATE, Kind.TIMESTAMP) if str(self.zone) == 'UTC':
                return f"timezone('UTC', CAST({text} AS TIMESTAMP))"
        return None

    def _template(self, node: Template) -> str:
        texts = ["''"]  # so that a template of one part is text too
        for part in node.parts:
            if isinstance(part, Replacement):
                texts.append(self._replacement(part))
            else:
                texts.append(_some(parts.quoted(part)))
        return f'({" || ".join(texts)})'

    def _replacement(self, part: Replacement) -> str:
        if part.format_spec:
            raise _NoSqlError
        return _some(parts.to_text(self.write(part.arg), part.arg.type.kind))

    def _call(self, node: Call) -> str | None:
        template = node.function.sql
        if template is None or set(_PLACEHOLDER.findall(template)) != set(node.names):
            return None
        args = {name: self.write(arg) for name, arg in zip(node.names, node.args, strict=True)}
        # One pass over the template: what is filled in may itself hold braces.
        text = _PLACEHOLDER.sub(lambda found: f'({args[found[1]]})', template)
        type_ = parts.SQL_TYPES.get(node.type.kind)
        return f'CAST({text} AS {type_})' if type_ else f'({text})'
