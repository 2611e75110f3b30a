"""The resource pools of one session, and which of them, and which retry policy, holds for a call."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pixeltable._support.forks import in_forked_child, keep
from pixeltable.catalog.work.open import WorkDatabase
from pixeltable.catalog.work.pools import PoolTable
from pixeltable.config import sections
from pixeltable.config.limits import PoolSettings
from pixeltable.exec.limits.clock import Clock
from pixeltable.exec.limits.pool import Pool
from pixeltable.exec.limits.pool_names import pool_name
from pixeltable.udf.function import Function
from pixeltable.udf.retry import Retry

THREADS = 2
"""Threads that read and write the state of pools: the database has one writer at a time, and looks need not wait for it."""


class Limits:
    """The pools by name. Any thread may ask for one; a forked child has pools of its own."""

    def __init__(
        self,
        work: WorkDatabase,
        pools: Mapping[str, PoolSettings],
        retry: Mapping[str, float],
        clock: Clock = Clock(),  # noqa: B008  it is frozen
    ) -> None:
        self._table = PoolTable(work)
        self._settings = pools
        self._retry = _policy(Retry(), retry)
        self._clock = clock
        self._begin()
        in_forked_child(self._begin_again)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._pools: dict[str, Pool] = {}
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix='pixeltable-limits')

    def _begin_again(self) -> None:
        keep((self._pools, self._executor))
        self._begin()

    def pool_of(self, function: Function, given: Mapping[str, Any]) -> Pool | None:
        """The pool in which `function` runs with these constant arguments; None if it has none.

        Raises:
            RequestError: INVALID_ARGUMENT if the function's `resource_pool` names a parameter that it does not have.
        """
        name = pool_name(function, given)
        return None if name is None else self.pool(name)

    def pool(self, name: str) -> Pool:
        """The pool of this name."""
        with self._lock:
            if name not in self._pools:
                self._pools[name] = Pool(name, self.settings_of(name), self._table, self._executor, self._clock)
            return self._pools[name]

    def settings_of(self, name: str) -> PoolSettings:
        """What is configured for the pool, or for the nearest prefix of its name: `openai` for `openai:gpt-4o`. If that
        is nothing, what the section of its provider says."""
        rate = sections.rate_of(name)
        while name not in self._settings and ':' in name:
            name = name.rpartition(':')[0]
        return self._settings.get(name, PoolSettings(requests_per_minute=rate))

    def retry_of(self, function: Function, pool: Pool | None) -> Retry:
        """When a call is tried again: as the function says, or else its pool, or else the configuration."""
        own: Retry | None = getattr(function.options, 'retry', None)
        if own is not None:
            return own
        return self._retry if pool is None else _policy(self._retry, pool.settings.retry)

    def close(self) -> None:
        """Ends the pools and gives back what they were granted. Calls may not be under way any more."""
        with self._lock:
            pools = list(self._pools.values())
            self._pools.clear()
        for pool in pools:
            pool.stop()
        self._executor.shutdown(wait=True, cancel_futures=True)
        for pool in pools:
            pool.leave()


def _policy(default: Retry, given: Mapping[str, float]) -> Retry:
    changes: dict[str, Any] = dict(given)
    return dataclasses.replace(default, **changes)
