"""What runs in the other process. It imports next to nothing, as each process pays for it at its start."""

from __future__ import annotations

import pickle
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pixeltable.udf.calling import direct_calls
from pixeltable.udf.reporting import Report, collecting

_functions: dict[bytes, Callable[..., Any]] = {}


class RemoteError(Exception):
    """Stands for an exception that cannot travel."""


@dataclass
class Remote:
    """The results of some rows, and what they reported; `errors` are name, message and exception of those that failed,
    by position."""

    values: list[Any]
    errors: dict[int, tuple[str, str, BaseException]]
    seconds: float
    report: Report = field(default_factory=Report)


def nothing() -> None:
    """Is answered once the process runs."""


def call_one(pickled: bytes, arguments: tuple[Any, ...]) -> tuple[Any, Report]:
    """The result of one call, and what it reported."""
    with direct_calls(), collecting() as report:
        try:
            return _function(pickled)(*arguments), report
        except BaseException as error:  # noqa: BLE001  also a SystemExit, which would end the process
            raise _able_to_travel(error) from None


def call_many(pickled: bytes, rows: Sequence[tuple[Any, ...]]) -> Remote:
    """The results for several rows."""
    started = time.perf_counter()
    function, done = _function(pickled), Remote([], {}, 0.0)
    with direct_calls(), collecting() as done.report:
        for row in rows:
            try:
                done.values.append(function(*row))
            except BaseException as error:  # noqa: BLE001  user code: whatever it raises is the cell's error
                name, text = type(error).__name__, str(error) or repr(error)
                done.errors[len(done.values)] = name, text, _able_to_travel(error)
                done.values.append(None)
    done.seconds = time.perf_counter() - started
    return done


def _function(pickled: bytes) -> Callable[..., Any]:
    if pickled not in _functions:
        _functions[pickled] = pickle.loads(pickled)
    return _functions[pickled]


def _able_to_travel(error: BaseException) -> Exception:
    """The exception with its traceback as a note, or what stands for it."""
    stack = ''.join(traceback.format_exception(error))
    try:
        copy = pickle.loads(pickle.dumps(error))
        is_same = type(copy) is type(error) and isinstance(copy, Exception) and not isinstance(copy, StopIteration)
    except Exception:  # noqa: BLE001  an exception may fail in any way when it is copied
        is_same = False
    found: Exception = copy if is_same else RemoteError(f'{type(error).__name__}: {error}')
    found.add_note(stack)
    return found
