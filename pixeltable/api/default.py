"""The default session: the one global of the package."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from pathlib import Path
from typing import Any

from pixeltable.config.settings import load
from pixeltable.errors import Error, ErrorCode, RequestError
from pixeltable.session import Session

_log = logging.getLogger('pixeltable')
_lock = threading.Lock()
_session: Session | None = None
_process = 0


def session() -> Session:
    """The session of this process, opened on first use. A forked child goes on with that of its parent."""
    if _session is None:
        with _lock:
            if _session is None:
                _open(None)
    assert _session is not None
    return _session


def init(config_overrides: dict[str, Any] | None = None) -> None:
    """Starts Pixeltable with the given settings; without a call, it starts by itself on first use.

    Args:
        config_overrides: settings by key, such as `{'pixeltable.home': '/data/pxt', 'pixeltable.verbosity': 0}`.

    Raises:
        RequestError: INVALID_CONFIGURATION for an unknown key or value, or a home that cannot be used; INVALID_STATE for
            overrides after the start.
    """
    with _lock:
        if _session is not None:
            if config_overrides:
                raise RequestError(
                    ErrorCode.INVALID_STATE,
                    f'Pixeltable runs already, with home {str(_session.settings.home)!r}; '
                    'call pxt.init() with settings before anything else.',
                )
            return
        _open(config_overrides)


def open_existing(config_overrides: dict[str, Any]) -> None:
    """Like `init`, for who looks after a home: raises INVALID_CONFIGURATION where there is none, and makes nothing."""
    with _lock:
        _open(config_overrides, create=False)


def home() -> Path:
    """The folder that holds the catalog and the data."""
    return session().settings.home


def is_verbose() -> bool:
    """Whether operations are to print lines about themselves."""
    return session().settings.verbosity > 0


def say(text: str, *, always: bool = False) -> None:
    """Prints one line about an operation, unless `verbosity` is 0."""
    if always or is_verbose():
        print(text)  # noqa: T201  this is the one place that talks to the user


def _open(overrides: dict[str, Any] | None, *, create: bool = True) -> None:
    global _session, _process
    _session = Session(load(overrides), create=create)
    _process = os.getpid()
    atexit.register(_close, _process)


def _close(process: int) -> None:
    global _session
    if _session is not None and process == os.getpid():
        _tell_unfinished(_session)
        _session.close()
        _session = None


def _tell_unfinished(ending: Session) -> None:
    """Says which jobs this process began and leaves to others."""
    ending.workers.close()
    try:
        left = ending.workers.unfinished()
    except Error as error:
        _log.warning('it cannot be said whether jobs are unfinished: %s', error)
        return
    if left:
        jobs = f'job {left[0]} is' if len(left) == 1 else f'{len(left)} jobs are'
        say(
            f'In the background {jobs} not finished: `pxt worker` goes on, and so does the next program that waits for a job.'
        )
