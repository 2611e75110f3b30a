"""Random conditions: as expressions of the library, and as Python functions with SQL's three-valued logic."""

from __future__ import annotations

import operator
from typing import Any

from hypothesis import strategies as st
from table_model import Failed, State

Predicate = tuple[Any, ...]

COMPARISONS = {
    '==': operator.eq,
    '!=': operator.ne,
    '<': operator.lt,
    '<=': operator.le,
    '>': operator.gt,
    '>=': operator.ge,
}

ints = st.integers(-9, 9)
texts = st.text('ab7', max_size=2)
_leaves = st.one_of(
    st.tuples(st.just('compare'), st.integers(0, 99), st.sampled_from(sorted(COMPARISONS)), ints, texts),
    st.tuples(st.just('null'), st.integers(0, 99)),
    st.tuples(st.just('failed'), st.integers(0, 99)),
    st.tuples(st.just('isin'), st.integers(0, 99), st.lists(ints, max_size=3), st.lists(texts, max_size=3)),
)
predicates: st.SearchStrategy[Predicate] = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.tuples(st.just('and'), inner, inner),
        st.tuples(st.just('or'), inner, inner),
        st.tuples(st.just('not'), inner),
    ),
    max_leaves=3,
)


def expression(predicate: Predicate, state: State, t: Any) -> Any:
    """The predicate over table `t`; column numbers in it count round the columns that there are."""
    match predicate:
        case ('and', left, right):
            return expression(left, state, t) & expression(right, state, t)
        case ('or', left, right):
            return expression(left, state, t) | expression(right, state, t)
        case ('not', inner):
            return ~expression(inner, state, t)
    key = _key(predicate, state)
    column = t[state.columns[key].name]
    is_text = state.columns[key].type == 'text'
    match predicate:
        case ('compare', _, sign, number, text):
            return COMPARISONS[sign](column, text if is_text else number)
        case ('isin', _, numbers, words):
            return column.isin(words if is_text else numbers)
        case ('failed', _) if state.columns[key].kind is not None:
            return column.errortype != None  # noqa: E711
        case _:
            return column == None  # noqa: E711


def holds(predicate: Predicate, state: State, row: dict[int, Any]) -> bool | None:
    """Whether the predicate is true, false or unknown for a row."""
    match predicate:
        case ('and', left, right):
            both = holds(left, state, row), holds(right, state, row)
            return False if False in both else None if None in both else True
        case ('or', left, right):
            both = holds(left, state, row), holds(right, state, row)
            return True if True in both else None if None in both else False
        case ('not', inner):
            value = holds(inner, state, row)
            return None if value is None else not value
    key = _key(predicate, state)
    value = row[key]
    is_text = state.columns[key].type == 'text'
    if predicate[0] == 'failed' and state.columns[key].kind is not None:
        return isinstance(value, Failed)
    if isinstance(value, Failed):
        value = None
    match predicate:
        case ('compare', _, sign, number, text):
            return None if value is None else COMPARISONS[sign](value, text if is_text else number)
        case ('isin', _, numbers, words):
            given = words if is_text else numbers
            return False if not given else None if value is None else value in given
        case _:
            return value is None


def matching(predicate: Predicate | None, state: State) -> list[int]:
    """The ids of the rows for which the predicate is true."""
    return [id_ for id_, row in state.rows.items() if predicate is None or holds(predicate, state, row)]


def _key(predicate: Predicate, state: State) -> int:
    keys = list(state.columns)
    return keys[predicate[1] % len(keys)]
