"""One operation of a user, such as an insert or a query: what is counted and measured about it, and what stops it.

The API begins it, and it travels in the `Context`, so that each part of the execution finds here what it has to tell.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from pixeltable.errors import Error, ErrorCode, RequestError
from pixeltable.exec.cancelling import Cancellation
from pixeltable.exec.progress import Progress, Watcher
from pixeltable.exec.timings import Timings
from pixeltable.exec.tracing import Trace
from pixeltable.exec.usage.budget import Budget, BudgetExceeded
from pixeltable.exec.usage.meter import Counts, Meter

_log = logging.getLogger('pixeltable')


class Operation:
    """What one operation tells of itself. As a context, it ends everything that is told, and raises what a user is to see.

    Attributes:
        name: the verb, such as `'insert'`.
        table: the path of the table.
        title: what it does to which table, for people.
        facts: what the operation did, for its span and the log: filled in while it runs.
        asks_again: whether results that may differ from call to call are to be others than those that are kept.
        memory: what its attempts to commit share, so that none does again what one before it did.
    """

    def __init__(
        self,
        name: str,
        table: str = '',
        *,
        title: str = '',
        changes: bool = True,
        watcher: Watcher | None = None,
        budgets: Sequence[Budget] = (),
        cancellation: Cancellation | None = None,
        write_usage: Callable[[Counts], None] | None = None,
    ) -> None:
        self.name = name
        self.table = table
        self.title = title or name
        self.changes = changes
        self.facts: dict[str, Any] = {}
        self.asks_again = False
        self.memory: dict[Any, Any] = {}
        self.progress = Progress(self.title, watcher)
        self.timings = Timings()
        self.meter = Meter(budgets, write_usage)
        self.trace = Trace()
        self.cancellation = cancellation or Cancellation()

    def __enter__(self) -> Self:
        self.trace.begin(self.name.replace(' ', '_'), table=self.table)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.progress.close()
        self.timings.close()
        self.meter.close()
        if isinstance(error, GeneratorExit):
            error = None  # a cursor that was not read to its end
        self.trace.close(error, **self.facts)
        self._log(error)
        if isinstance(error, BudgetExceeded):
            raise self._stopped(error) from None
        if isinstance(error, KeyboardInterrupt):
            error.add_note(self._interrupted())

    def _log(self, error: BaseException | None) -> None:
        if error is None and not _log.isEnabledFor(logging.INFO if self.changes else logging.DEBUG):
            return
        facts = ''.join(f', {name} {count}' for name, count in self.facts.items() if count)
        took = f'{self.title}: {self.timings.seconds:.3f} s{facts}'
        if error is None:
            _log.log(logging.INFO if self.changes else logging.DEBUG, '%s', took)
        elif self.cancellation.is_set:
            _log.info('%s, and cancelled', took)
        elif isinstance(error, Error) or not isinstance(error, Exception):
            _log.info('%s, and ended by %s: %s', took, type(error).__name__, error)
        else:
            _log.error('%s, and failed', took, exc_info=error)

    def _stopped(self, error: BudgetExceeded) -> RequestError:
        """What the user is told: what was spent, what is left, and how to go on."""
        why = (
            f'{self.title} was stopped: the next call of {error.function.name}() would pass {error.budget!r}, '
            f'of which {error.budget.spent!r} are spent.'
        )
        return RequestError(ErrorCode.BUDGET_EXCEEDED, f'{why} {self._kept("with a larger budget")}')

    def _interrupted(self) -> str:
        """What the user is told after Ctrl-C."""
        return f'{self.title} was interrupted. {self._kept("again")}'

    def _kept(self, how: str) -> str:
        """What is left undone, what is kept, and how to go on."""
        progress = self.progress
        left = max(0, progress.total - progress.done)
        called = self.meter.functions.values()
        cached = [f'{function.name}()' for function in called if function.options.cache]
        others = [f'{function.name}()' for function in called if not function.options.cache]
        lines = [
            f'{left:,} of {progress.total:,} calls were not made' if progress.total else 'It did not come to its end'
        ]
        lines[0] += ', and nothing was changed.' if self.changes else '.'
        if cached:
            lines.append(
                f'The results of {", ".join(cached)} are in the ledger: do the same {how}, '
                'and it goes on from there without paying for them again.'
            )
        if others:
            lines.append(
                f'{", ".join(others)} would be called again from the start: '
                'declare it with @pxt.udf(cache=True) to keep its results.'
            )
        return ' '.join(lines)
