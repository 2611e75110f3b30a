"""Remembers what the code of computed columns was made of, and tells two states of it apart in words."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection

from pixeltable.catalog.work import codes
from pixeltable.catalog.work.open import WorkDatabase
from pixeltable.errors import Error
from pixeltable.exprs.nodes import Node
from pixeltable.udf import parts
from pixeltable.udf.parts import Parts, parts_of

_log = logging.getLogger('pixeltable')

_DIRECT = (parts.FUNCTION, parts.SIGNATURE, parts.VERSION, parts.ARGUMENT, parts.EXPRESSION)
_NAMED = 3
"""So many changes are named; more are counted."""


class Codes:
    """The states of code that this catalog has seen."""

    def __init__(self, work: WorkDatabase) -> None:
        self._work = work
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def note(self, fingerprint: str, node: Node) -> None:
        """Remembers what the code of an expression is made of now. To be called before it computes something."""
        with self._lock:
            if fingerprint in self._known:
                return
            self._known.add(fingerprint)
        try:
            with self._work.read() as connection:
                if codes.find(connection, [fingerprint]):
                    return
            with self._work.write() as connection:
                codes.put(connection, fingerprint, parts_of(node), time.time_ns() // 1000)
        except Error as error:
            # It only serves to explain a later change: what is to be computed now must not fail for it.
            _log.warning('the parts of code %s could not be noted: %s', fingerprint[:8], error)

    def find(self, fingerprints: Collection[str]) -> dict[str, Parts]:
        """What is remembered of code, by fingerprint."""
        try:
            with self._work.read() as connection:
                return codes.find(connection, fingerprints)
        except Error as error:
            _log.warning('the parts of code could not be read: %s', error)
            return {}


def changed(before: Parts | None, now: Parts) -> list[str]:
    """The keys of the parts in which two states of code differ; none if the first one is not known any more."""
    if before is None:
        return []
    keys = [key for key in {**before, **now} if before.get(key) != now.get(key)]
    # What was found to differ inside a class, or in a function that a value holds, need not be named again.
    inner = [key.partition(' ')[2] for key in keys if key.startswith(f'{parts.HELPER} ')]
    return [key for key in keys if not (_is_class(key) and any(name.startswith(f'{_name(key)}.') for name in inner))]


def reason(keys: Collection[str]) -> str:
    """Why cells are stale whose code differs in these parts: `'model'`, `'code'` or `'dependency'`."""
    if keys and all(map(parts.is_model, keys)):
        return 'model'
    is_direct = not keys or any(key.partition(' ')[0] in _DIRECT for key in keys)
    return 'code' if is_direct else 'dependency'


def words(keys: Collection[str], before: Parts | None, now: Parts) -> str:
    """What changed, for people."""
    if before is None:
        return 'the code changed'
    told = [_told(key, before.get(key), now.get(key)) for key in sorted(keys, key=_rank)]
    more = f' and {len(told) - _NAMED} more' if len(told) > _NAMED else ''
    return ', '.join(told[:_NAMED]) + more


def _rank(key: str) -> int:
    return [*_DIRECT, parts.HELPER, parts.CLASS, parts.VALUE].index(key.partition(' ')[0])


def _is_class(key: str) -> bool:
    return key.startswith(f'{parts.CLASS} ')


def _name(key: str) -> str:
    return key.partition(' ')[2]


def _told(key: str, before: str | None, now: str | None) -> str:
    kind, _, name = key.partition(' ')
    what = {
        parts.FUNCTION: f'{name} changed',
        parts.SIGNATURE: f'the signature of {name} changed',
        parts.VERSION: f'the version of {name} changed',
        parts.ARGUMENT: f'{name} changed',
        parts.EXPRESSION: 'the expression changed',
        parts.HELPER: f'its helper {name} changed',
        parts.CLASS: f'its class {name} changed',
        parts.VALUE: f'{name}, which it reads, changed',
    }[kind]
    if before is None or now is None:
        return what.removesuffix(' changed') + (' is new' if before is None else ' is gone')
    is_text = before.startswith(("'", '"')) and now.startswith(("'", '"'))
    return f'{what} from {before} to {now}' if is_text else what
