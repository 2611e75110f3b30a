"""How content outside of the store is known again: local files by size and time, what was fetched by its bytes.

A file that has changed since a reference to it was stored is told of once, and read as it is now: old versions of a table, too,
see what the file holds today.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import warnings

from pixeltable._support.urls import without_secrets
from pixeltable.errors import PixeltableWarning
from pixeltable.media.references import file_state, is_remote

MOST_TOLD = 10
"""So many changed files are told of; of more, the log knows."""

_log = logging.getLogger('pixeltable')


class States:
    """What is known of files in this process. Threads share it."""

    def __init__(self) -> None:
        self._digests: dict[tuple[str, int, int, int], str] = {}
        self._told: set[str] = set()
        self._lock = threading.Lock()

    def of(self, url: str, path: str) -> str:
        """The state of the content of `url`, which lies at `path`; empty if it does not."""
        if not is_remote(url):
            return file_state(path) or ''
        with open(path, 'rb') as file:
            found = os.fstat(file.fileno())
            key = path, found.st_ino, found.st_mtime_ns, found.st_size
            if key not in self._digests:
                self._digests[key] = f'{found.st_size}.{hashlib.file_digest(file, "sha256").hexdigest()[:32]}'
        return self._digests[key]

    def compare(self, url: str, path: str, known: str) -> None:
        """Warns if the content is not what was `known` of it."""
        found = self.of(url, path)
        if not found or found == known:
            return
        with self._lock:
            if url in self._told:
                return
            self._told.add(url)
            count = len(self._told)
        message = (
            f'the content of {without_secrets(url)!r} has changed since a reference to it was stored, and is read as it is now. '
            'Insert it again to have what follows from it computed anew; columns with pin=True keep copies.'
        )
        _log.warning(message)
        if count <= MOST_TOLD:
            more = ' More such files are told of in the log only.' if count == MOST_TOLD else ''
            warnings.warn(f'{message}{more}', PixeltableWarning, stacklevel=2)
