"""The logger of the package, as it is set up while a home is open: into the log of the home, and to the user's own handlers.

The log of the home wants records that programs usually do not want to see. Were the level of the logger just lowered, they would
appear at every handler of the program, as handlers far up do not ask for the level of the loggers between. So the logger hands
records on by itself, and only those that it would have let through before.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from pixeltable._support.log_file import LogFile

LEVELS = ('DEBUG', 'INFO', 'WARNING', 'ERROR', 'OFF')

log = logging.getLogger('pixeltable')
log.addHandler(logging.NullHandler())  # a program without handlers would otherwise see a line for each failed cell

_lock = threading.Lock()
_open: list[HomeLog] = []


class HomeLog:
    """Writes the records of the package to a file in `folder`, from `level` on, until it is closed."""

    def __init__(self, folder: Path, level: str) -> None:
        self.level = None if level == 'OFF' else logging.getLevelNamesMapping()[level]
        self._file = LogFile(folder)
        with _lock:
            _open.append(self)
            if self.level is not None:
                self._file.setLevel(self.level)
                log.addHandler(self._file)
            _HANDING_ON.install()

    def close(self) -> None:
        """Closes the file, and leaves the logger as it was found when no other home is open."""
        with _lock:
            if self in _open:
                _open.remove(self)
            log.removeHandler(self._file)
            self._file.close()
            _HANDING_ON.install()


class _HandingOn(logging.Handler):
    """Gives records to the handlers of the loggers above, as if the level of this one had not been lowered."""

    def __init__(self) -> None:
        super().__init__()
        self._own_level = logging.NOTSET  # that the program gave to the logger, or nothing
        self._lowered_to: int | None = None

    def install(self) -> None:
        """Lowers the level as far as the open homes want it, or gives back what was there."""
        if self._lowered_to is None or log.level != self._lowered_to:
            self._own_level = log.level  # the program has set it, at first or meanwhile
        levels = [home.level for home in _open if home.level is not None]
        if not levels:
            log.removeHandler(self)
            log.propagate = True
            log.setLevel(self._own_level)
            self._lowered_to = None
            return
        self._lowered_to = min(*levels, self._own_level or levels[0], logging.CRITICAL)
        log.setLevel(self._lowered_to)
        log.propagate = False
        log.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        above = log.parent
        if above is None or not above.hasHandlers():
            return
        level = self._own_level if log.level == self._lowered_to else log.level
        if record.levelno >= (level or above.getEffectiveLevel()):
            above.callHandlers(record)


_HANDING_ON = _HandingOn()
