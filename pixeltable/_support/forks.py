"""Lets an object start anew in a forked child, where the threads of its parent do not run and its locks may be held for ever."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from typing import Any

_inherited: list[Any] = []


def in_forked_child(begin: Callable[[], None]) -> None:
    """Calls the method `begin` in each child that is forked while its object lives."""
    method = weakref.WeakMethod(begin)

    def call() -> None:
        alive = method()
        if alive is not None:
            alive()

    if hasattr(os, 'register_at_fork'):
        os.register_at_fork(after_in_child=call)


def keep(inherited: Any) -> None:
    """Keeps what a child inherited and cannot use: its end would wait for threads that are not there."""
    _inherited.append(inherited)
