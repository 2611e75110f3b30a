"""What users hold and type on. Its methods only build nodes; all rules are in `build`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NoReturn

from pixeltable.errors import ErrorCode, MissingAttributeError, RequestError, did_you_mean
from pixeltable.exprs import build, choices, paths, templates
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import JsonPath, Node
from pixeltable.types.column_type import ColumnType, Kind

METHODS: dict[Kind, dict[str, Callable[[Expr], Any]]] = {kind: {} for kind in Kind}
"""Attributes of expressions by type: for each name, what `expr.name` evaluates to. Filled by the function modules."""


class Method(functools.partial[Any]):
    """A function with the expression that it is a method of, before it is called."""

    def __repr__(self) -> str:
        call = f'{self.args[0]!r}.{getattr(self.func, "name", None) or self.func.__name__}'
        return f'<method {call}: call it, as in {call}()>'

    def __getattr__(self, name: str) -> Any:
        if name.startswith('_'):
            raise AttributeError(name)
        raise MissingAttributeError(
            ErrorCode.INVALID_EXPRESSION,
            f'{self!r} has no {name!r}; call it, or, for a key of Json that is called like a method, write it in brackets.',
        )


_CELL_PROPERTIES = ('errortype', 'errormsg', 'fileurl', 'localpath')


class Expr:
    """An expression over columns. Operators, paths, slices and methods give new expressions; nothing is computed yet."""

    __slots__ = ('__pxt_node__', '__weakref__')
    __array_ufunc__ = None  # so that `np.float64(2) * expr` asks the expression, and does not make an array of it

    def __init__(self, node: Node) -> None:
        self.__pxt_node__ = node

    @property
    def col_type(self) -> ColumnType:
        """The type of the result."""
        return self.__pxt_node__.type

    def __add__(self, other: Any) -> Expr:
        return _operation('add', self, other)

    def __radd__(self, other: Any) -> Expr:
        return _operation('add', other, self)

    def __sub__(self, other: Any) -> Expr:
        return _operation('sub', self, other)

    def __rsub__(self, other: Any) -> Expr:
        return _operation('sub', other, self)

    def __mul__(self, other: Any) -> Expr:
        return _operation('mul', self, other)

    def __rmul__(self, other: Any) -> Expr:
        return _operation('mul', other, self)

    def __truediv__(self, other: Any) -> Expr:
        return _operation('div', self, other)

    def __rtruediv__(self, other: Any) -> Expr:
        return _operation('div', other, self)

    def __floordiv__(self, other: Any) -> Expr:
        return _operation('floordiv', self, other)

    def __rfloordiv__(self, other: Any) -> Expr:
        return _operation('floordiv', other, self)

    def __mod__(self, other: Any) -> Expr:
        return _operation('mod', self, other)

    def __rmod__(self, other: Any) -> Expr:
        return _operation('mod', other, self)

    def __pow__(self, other: Any) -> Expr:
        return _operation('pow', self, other)

    def __rpow__(self, other: Any) -> Expr:
        return _operation('pow', other, self)

    def __neg__(self) -> Expr:
        return _operation('neg', self)

    def __abs__(self) -> Expr:
        return _operation('abs', self)

    def __round__(self, digits: int | None = None) -> Expr:
        return _operation('round', self) if digits is None else _operation('round', self, digits)

    def __eq__(self, other: object) -> Expr:  # type: ignore[override]
        return _operation('eq', self, other)

    def __ne__(self, other: object) -> Expr:  # type: ignore[override]
        return _operation('ne', self, other)

    def __lt__(self, other: Any) -> Expr:
        return _operation('lt', self, other)

    def __le__(self, other: Any) -> Expr:
        return _operation('le', self, other)

    def __gt__(self, other: Any) -> Expr:
        return _operation('gt', self, other)

    def __ge__(self, other: Any) -> Expr:
        return _operation('ge', self, other)

    __hash__ = object.__hash__  # `==` builds an expression, so identity is the only hash that works

    def __and__(self, other: Any) -> Expr:
        return _operation('and', self, other)

    def __rand__(self, other: Any) -> Expr:
        return _operation('and', other, self)

    def __or__(self, other: Any) -> Expr:
        return _operation('or', self, other)

    def __ror__(self, other: Any) -> Expr:
        return _operation('or', other, self)

    def __invert__(self) -> Expr:
        return _operation('not', self)

    def isin(self, values: Any) -> Expr:
        """True if the value is one of `values`: a list, tuple or set, or a Json expression that is a list. For NULL it is NULL,
        unless there are none."""
        return Expr(choices.is_in(self.__pxt_node__, values))

    def astype(self, col_type: Any) -> Expr:
        """The value converted to `col_type`, such as `pxt.Int`. A value that cannot be converted is an error cell."""
        from pixeltable.types.spelling import parse

        return Expr(build.cast(self.__pxt_node__, parse(col_type, what='astype()')))

    def __getitem__(self, index: Any) -> Expr:
        """An item or slice of an array, or a step of a Json path."""
        return Expr(paths.item(self.__pxt_node__, index))

    def __getattr__(self, name: str) -> Any:
        if name.startswith('__') and name.endswith('__'):
            raise AttributeError(name)
        node = self.__pxt_node__
        method = METHODS[node.type.kind].get(name)
        if method is not None:
            return method(self)
        if name in _CELL_PROPERTIES:
            return Expr(build.cell_property(node, name))
        if node.type.kind is Kind.JSON:
            return Expr(paths.item(node, name))
        raise MissingAttributeError(
            ErrorCode.INVALID_EXPRESSION,
            f'{display(node)} is of type {node.type} and has no {name!r}.'
            + did_you_mean(name, sorted(METHODS[node.type.kind])),
        )

    def __format__(self, format_spec: str) -> str:
        return templates.token(self.__pxt_node__, format_spec)

    def __repr__(self) -> str:
        return display(self.__pxt_node__)

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f'{self!r} has no truth value yet: combine conditions with &, | and ~ (in parentheses), not and, or, not.'
        )

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        node = self.__pxt_node__
        last = node.path[-1] if isinstance(node, JsonPath) else None
        if isinstance(last, str):
            hint = did_you_mean(last, sorted(METHODS[Kind.JSON]))
            raise TypeError(f'{self!r} is a path into Json, and Json has no method {last!r}.{hint}')
        raise TypeError(f'{self!r} is a value and cannot be called.')

    def __iter__(self) -> NoReturn:
        raise TypeError(f'{self!r} cannot be iterated: it is computed by collect(), not here.')

    def __len__(self) -> NoReturn:
        raise TypeError(f'{self!r} has no len() yet: use .len() for the length of each value.')

    def __contains__(self, item: object) -> NoReturn:
        raise TypeError(f'`in` does not work on {self!r}: use .isin([...]) or .contains(...).')


class WrittenExpr(Expr):
    """What an expression function wrote: among results it is named after the function, as a call would be."""

    __slots__ = ('__pxt_name__',)

    def __init__(self, node: Node, name: str) -> None:
        super().__init__(node)
        self.__pxt_name__ = name


def _operation(op: str, *operands: Any) -> Expr:
    return Expr(build.operation(op, *operands))


def is_expression(value: object) -> bool:
    """True for expressions, not for constants or f-strings."""
    return isinstance(value, Expr)


def require_expression(value: object, what: str) -> Node:
    """The node of `value`; raises INVALID_EXPRESSION if it is no expression."""
    if isinstance(value, Expr):
        return value.__pxt_node__
    hint = f' For the column, write t.{value}.' if isinstance(value, str) and value.isidentifier() else ''
    raise RequestError(
        ErrorCode.INVALID_EXPRESSION, f'{what} takes an expression such as t.column > 1, not {value!r}.{hint}'
    )
