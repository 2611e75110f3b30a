"""A daemon thread for maintenance that runs by itself, so that no write waits for it.

It starts with the first table that is to be looked at, and does one after the other. What fails is logged, as nobody waits for
it, and tried again when the table is written next; what it was doing when the process ends leaves orphans at most.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from pixeltable._support.forks import in_forked_child
from pixeltable.errors import Error

_log = logging.getLogger('pixeltable')


class Background:
    """Runs `work` for each table that `look_at` names."""

    def __init__(self, work: Callable[[str], None]) -> None:
        self._work = work
        self._begin()
        in_forked_child(self._begin)

    def _begin(self) -> None:
        self._waiting: dict[str, None] = {}
        self._changed = threading.Condition()
        self._is_busy = False
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def look_at(self, table_id: str) -> None:
        """Returns at once."""
        with self._changed:
            if self._is_closed:
                return
            self._waiting[table_id] = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name='pixeltable-maintenance', daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def drain(self) -> None:
        """Returns when all that was named is done."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting and not self._is_busy)

    def close(self) -> None:
        """Waits for the table that is being worked on; forgets the others."""
        with self._changed:
            self._is_closed = True
            self._waiting.clear()
            self._changed.notify_all()
        thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        try:
            while (table_id := self._next()) is not None:
                try:
                    self._work(table_id)
                except Error as error:
                    _log.warning('maintenance of table %s failed: %s', table_id, error)
        finally:
            with self._changed:
                self._thread, self._is_busy = None, False
                self._changed.notify_all()

    def _next(self) -> str | None:
        with self._changed:
            self._is_busy = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._waiting or self._is_closed)
            if self._is_closed:
                return None
            self._is_busy = True
            table_id = next(iter(self._waiting))
            del self._waiting[table_id]
            return table_id
