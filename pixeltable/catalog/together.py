"""Commits that several threads of a process wait for, in one transaction of the database: they share its sync.

One thread carries out what has come since the last one began, each commit with a number and requirements of its own; the
others wait. So many threads write faster than one, though the database writes one transaction at a time.
"""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from sqlalchemy import text

from pixeltable._support.turns import turns
from pixeltable.catalog.changes import Commit, Committed, RequirementFailed
from pixeltable.catalog.commit import apply_to, carry_out, took_effect
from pixeltable.catalog.connection import Connection
from pixeltable.catalog.database import Database
from pixeltable.catalog.driver import OutcomeUnknownError
from pixeltable.errors import AlreadyExistsError, Error, NotFoundError, RequestError

MOST_TOGETHER = 32
"""The first of them waits until the last is made."""

_BEGIN = text('SAVEPOINT one')
_END = text('RELEASE SAVEPOINT one')
_UNDO = text('ROLLBACK TO SAVEPOINT one')
_OF_THE_COMMIT = (RequirementFailed, RequestError, NotFoundError, AlreadyExistsError)
"""What says that a commit cannot be made, and nothing of the others that are in its transaction."""


@dataclass(eq=False)
class _Waiting:
    """A commit that a thread waits for. One of `committed` and `error` is set when it has ended."""

    commit: Commit
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    called: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    committed: Committed | None = None
    error: BaseException | None = None
    must_go_alone: bool = False

    @property
    def has_ended(self) -> bool:
        return self.committed is not None or self.error is not None or self.must_go_alone


class _Queue:
    """What waits in one process. A child that is forked starts with an empty one."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._is_led = False

    def group(self, mine: _Waiting) -> list[_Waiting]:
        """The commits that this thread must carry out; none if another thread has carried out `mine`. Then call `end`."""
        with self._lock:
            self._waiting.append(mine)
            is_first, self._is_led = not self._is_led, True
        if not is_first:
            turns.pass_on()
            mine.called.acquire()
        if mine.has_ended:
            return []
        turns.again()
        with self._lock:  # the thread that leads is that of the first who waits
            group = self._waiting[:MOST_TOGETHER]
            del self._waiting[:MOST_TOGETHER]
            return group

    def end(self, group: Sequence[_Waiting]) -> None:
        """The group was carried out. Calls those whose commits were in it, and who is to lead next, but nobody in vain."""
        for each in group[1:]:
            each.called.release()
        with self._lock:
            self._is_led = bool(self._waiting)
            following = self._waiting[0] if self._waiting else None
        if following is not None:
            following.called.release()


class Committer:
    """Carries out the commits of all threads of a process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue = _Queue()

    def carry_out(self, commit: Commit) -> Committed:
        """Returns when the commit is durable. Raises what `commit.carry_out` raises."""
        if threading.current_thread() is threading.main_thread():
            # It alone can be interrupted, anywhere, and nobody else's commit must hang on that.
            return carry_out(self._database, commit)
        if self._queue.pid != os.getpid():
            self._queue = _Queue()
        mine = _Waiting(commit)
        try:
            return self._carried_out(mine)
        finally:
            turns.again()

    def _carried_out(self, mine: _Waiting) -> Committed:
        group = self._queue.group(mine)
        if group:
            try:
                if len(group) == 1:
                    return carry_out(self._database, mine.commit)
                self._carry_out_together(group)
            finally:
                self._queue.end(group)
        if mine.must_go_alone:
            return carry_out(self._database, mine.commit)
        if mine.error is not None:
            raise mine.error
        assert mine.committed is not None
        return mine.committed

    def _carry_out_together(self, group: Sequence[_Waiting]) -> None:
        """Ends each, or says that it must be carried out by itself, as something else than one of them failed."""
        results: list[Committed | BaseException] = []
        try:
            with self._database.write() as connection:
                for each in group:
                    results.append(_attempt(connection, each))
        except OutcomeUnknownError as unknown:
            results = self._found(group, results, unknown)
        except Error:  # of the database: none was made
            results = []
        except BaseException as error:
            results = [error] * len(group)
            raise
        finally:
            for each, result in zip_longest(group, results):
                each.committed = result if isinstance(result, Committed) else None
                each.error = result if isinstance(result, BaseException) else None
                each.must_go_alone = result is None

    def _found(
        self, group: Sequence[_Waiting], results: list[Committed | BaseException], unknown: OutcomeUnknownError
    ) -> list[Committed | BaseException]:
        """What became of a group whose COMMIT went unanswered: all of it was made, or nothing."""
        made = [(each, result) for each, result in zip(group, results, strict=True) if isinstance(result, Committed)]
        if not made:
            return results
        each, committed = made[0]
        try:
            return results if took_effect(self._database, committed.commit, each.token, unknown) else []
        except Error as error:
            return [error] * len(group)


def _attempt(connection: Connection, waiting: _Waiting) -> Committed | BaseException:
    """Makes a commit inside the transaction of a group, or undoes what it did and returns why it cannot be made."""
    connection.send(_BEGIN, {})
    try:
        committed = apply_to(connection, waiting.commit, waiting.token)
    except _OF_THE_COMMIT as error:
        connection.execute(_UNDO)
        return error
    connection.send(_END, {})
    return committed
