"""Which resource pool calls of a function run in."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

from pixeltable.errors import ErrorCode, RequestError, did_you_mean
from pixeltable.udf.calling import apply_rule
from pixeltable.udf.function import Function


def pool_name(function: Function, given: Mapping[str, Any]) -> str | None:
    """The name of the pool in which `function` runs with these constant arguments; None if it has none.

    Raises:
        RequestError: INVALID_ARGUMENT if the function's `resource_pool` names a parameter that it does not have.
    """
    if function.pool_rule is not None:
        name = apply_rule(function.pool_rule, _known(function, given))
        return function.name if name is None else str(name)
    template: str | None = getattr(function.options, 'resource_pool', None)
    return template if template is None or '{' not in template else _filled(template, function, given)


def _known(function: Function, given: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {p.name: p.default for p in function.full_signature.parameters if p.has_default}
    return {**defaults, **dict(function.bound), **given}


def _filled(template: str, function: Function, given: Mapping[str, Any]) -> str:
    """The name of the pool. Where a parameter differs from row to row, it ends before it, as each row cannot have its own."""
    parameters = {parameter.name: parameter for parameter in function.full_signature.parameters}
    known = _known(function, given)
    name = ''
    for text, field, _, _ in string.Formatter().parse(template):
        name += text
        if field is None:
            continue
        if field not in parameters:
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f'{function.name}() has the resource pool {template!r} and no parameter {field!r}.'
                f'{did_you_mean(field, list(parameters))}',
            )
        if known.get(field) is None:
            break
        name += str(known[field])
    return name.rstrip(':') or function.name
