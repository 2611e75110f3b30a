"""OpenTelemetry spans of operations and of batches of calls, for programs that use it.

This is the only module that knows it. It is never loaded for its own sake: a program that set up tracing has loaded it, and where
none did there is nothing to be told. Spans of batches are children of their operation's although they begin in other threads,
and are current while the function runs, so that what it does (an HTTP request, say) is traced below them.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any


class Trace:
    """The span of one operation, and those of its batches. Until `begin`, there are none."""

    def __init__(self) -> None:
        self._api: Any = None
        self._tracer: Any = None
        self._span: Any = None

    def begin(self, name: str, **attributes: Any) -> None:
        """Begins the span `pixeltable.{name}` below the one that is current in this thread or task."""
        api = sys.modules.get('opentelemetry.trace')
        if api is None:
            return
        self._tracer = api.get_tracer('pixeltable')
        span = self._tracer.start_span(f'pixeltable.{name}', attributes=_named(attributes))
        if span.is_recording():
            self._api, self._span = api, span

    def batch(self, function: str, rows: int) -> contextlib.AbstractContextManager[Any]:
        """Measures the block as a batch of calls; to be entered in the thread or task that makes them."""
        return contextlib.nullcontext() if self._span is None else self._batch(function, rows)

    @contextlib.contextmanager
    def _batch(self, function: str, rows: int) -> Iterator[None]:
        above = self._api.set_span_in_context(self._span)
        attributes = _named({'function': function, 'rows': rows})
        with self._tracer.start_as_current_span('pixeltable.call', above, attributes=attributes):
            yield

    def close(self, error: BaseException | None = None, **attributes: Any) -> None:
        """Ends the span of the operation. `attributes` say what it did."""
        if self._span is None:
            return
        self._span.set_attributes(_named(attributes))
        if error is not None:
            self._span.record_exception(error)
            self._span.set_status(self._api.StatusCode.ERROR, type(error).__name__)
        self._span.end()


def _named(attributes: dict[str, Any]) -> dict[str, Any]:
    return {f'pixeltable.{name}': value for name, value in attributes.items()}
