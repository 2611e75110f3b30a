"""How the settings `pools` and `retry` are read: tables of limits by pool, and how often a failed call is tried again."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pixeltable.errors import did_you_mean


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """What is configured for one pool; None where nothing is.

    Attributes:
        concurrency: calls at once.
        requests_per_minute: calls a minute.
        tokens_per_minute: tokens a minute, those sent and those that come back.
        retry: the keys of `RETRY_KEYS` that are other for this pool.
    """

    concurrency: int | None = None
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    retry: Mapping[str, float] = field(default_factory=dict)


def count(value: Any) -> int:
    """A whole number from 1. Raises ValueError, as all of these do, with a message that says what would do."""
    if isinstance(value, bool) or not isinstance(value, int | str) or int(value) < 1:
        raise ValueError('not a whole number from 1')
    return int(value)


def seconds(value: Any) -> float:
    """A number of seconds from 0."""
    if isinstance(value, bool) or not 0 <= float(value) < math.inf:
        raise ValueError('not a number of seconds from 0')
    return float(value)


def _per_minute(value: Any) -> float:
    if isinstance(value, bool) or not 0 < float(value) < math.inf:
        raise ValueError('not a number above 0')
    return float(value)


RETRY_KEYS: dict[str, Callable[[Any], float]] = {
    'attempts': count,
    'max_seconds': seconds,
    'first_wait': seconds,
    'max_wait': seconds,
}
"""The keys of section `pixeltable.retry`, and how each is read."""


def retry(value: Any) -> dict[str, float]:
    """The settings of `pxt.Retry` that are given."""
    return _section(value, 'retry', RETRY_KEYS)


_POOL_KEYS: dict[str, Callable[[Any], Any]] = {
    'concurrency': count,
    'requests_per_minute': _per_minute,
    'tokens_per_minute': _per_minute,
    'retry': retry,
}


def pools(value: Any) -> dict[str, PoolSettings]:
    """The pools by name; text is read as JSON, as the environment holds nothing else."""
    return {
        name: PoolSettings(**_section(given, f'pool {name!r}', _POOL_KEYS))
        for name, given in _table(value, 'pools').items()
    }


def _section(value: Any, where: str, keys: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    read = {}
    for name, given in _table(value, where).items():
        if name not in keys:
            raise ValueError(f'{where} has no key {name!r}.{did_you_mean(name, list(keys))} Keys: {", ".join(keys)}')
        try:
            read[name] = keys[name](given)
        except (TypeError, ValueError) as error:
            raise ValueError(f'{name} of {where} is {given!r}: {error}') from error
    return read


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if isinstance(value, str):
        value = json.loads(value)
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise ValueError(f'{where} is a table of keys and values')
    return value
