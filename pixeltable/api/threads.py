"""Runs our synchronous verbs for a program with an event loop of its own: in a thread, cancellable, without blocking the loop."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import TypeVar

from pixeltable.exec.cancelling import Cancellation, cancellable

Result = TypeVar('Result')


async def in_thread(work: Callable[[], Result], cancellation: Cancellation | None = None) -> Result:
    """What `work` gives or raises. Cancelling the awaiting task stops the operations that `work` starts, and returns only when
    they have ended: with CancelledError if nothing was committed, with their result if they were done already.

    The thread is `work`'s own: those of a shared executor might all be waiting for it. `cancellation` is what stops the
    operations; several pieces of work on one operation share it.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()
    stop = cancellation or Cancellation()
    context = contextvars.copy_context()

    def run() -> None:
        try:
            with cancellable(stop):
                result = work()
        except BaseException as error:  # noqa: BLE001  it is raised where `work` is awaited
            _tell(loop, done, None, error)
        else:
            _tell(loop, done, result, None)

    threading.Thread(target=context.run, args=(run,), name='pixeltable-async', daemon=True).start()
    is_cancelled = False
    try:
        while not done.done():
            try:
                await asyncio.wait([done])
            except asyncio.CancelledError:
                is_cancelled = True
                stop.cancel()
    finally:
        if not done.done():
            stop.cancel()  # the loop was given up, and nobody waits any more
    error = done.exception()
    if is_cancelled and error is not None:
        raise asyncio.CancelledError from error
    return done.result()


def _tell(
    loop: asyncio.AbstractEventLoop, done: asyncio.Future[Result], result: Result | None, error: BaseException | None
) -> None:
    def end() -> None:
        if error is None:
            done.set_result(result)  # type: ignore[arg-type]  # None is a result, too
        elif isinstance(error, StopIteration):
            done.set_exception(RuntimeError('StopIteration left a thread'))  # no future can hold one
        else:
            done.set_exception(error)

    if not loop.is_closed():
        loop.call_soon_threadsafe(end)
