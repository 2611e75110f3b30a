"""Media arguments by what their files hold: the same picture under another name is the same argument."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from typing import Any
from urllib.parse import urlsplit

from pixeltable.errors import Error, ErrorCode, NotFoundError, RequestError
from pixeltable.exec.ledger.canonical import text
from pixeltable.media.references import local_path, stored_digest
from pixeltable.types.fragments import fragment

_MOST = 100_000
_SETTLED_NS = 2_000_000_000
"""A file that was changed within this time may change again and keep size and time: its digest is not remembered."""


class FileDigests:
    """SHA-256 of files, remembered by path, size and time of the last change."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, int, int, bytes]] = {}

    def canonical(self, reference: str) -> bytes:
        """The bytes of a media reference, as `canonical` gives them. A remote one counts by its URL: it is not fetched.

        Raises:
            NotFoundError: STORAGE_NOT_FOUND, the file is gone.
            RequestError: UNSUPPORTED_OPERATION, it cannot be read.
        """
        digest = stored_digest(reference)
        if digest is not None:
            return b'c' + bytes.fromhex(digest) + fragment(reference).encode()
        path = local_path(reference) if urlsplit(reference).scheme else reference
        if path is None:
            return text(reference)
        try:
            return b'c' + self._digest(path) + fragment(reference).encode()
        except FileNotFoundError as error:
            raise NotFoundError(ErrorCode.STORAGE_NOT_FOUND, f'there is no file {path!r}.') from error
        except (OSError, ValueError) as error:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION, f'the file {path!r} cannot be read: {error}.'
            ) from error

    def inside(self, value: Any) -> bytes:
        """What the local files hold that a Json value refers to, such as the pictures in messages; nothing for one that is not
        there, as a text may look like a reference."""
        found = b''
        if isinstance(value, str):
            if value.startswith('file:'):
                with contextlib.suppress(Error):
                    found = self.canonical(value)
        elif isinstance(value, (list, tuple)):
            found = b''.join(map(self.inside, value))
        elif isinstance(value, dict):
            found = b''.join(map(self.inside, value.values()))
        return found

    def _digest(self, path: str) -> bytes:
        known = self._known.get(path)
        if known is not None and known[:3] == _state(os.stat(path)):
            return known[3]
        with open(path, 'rb') as file:
            before = os.fstat(file.fileno())
            digest = hashlib.file_digest(file, 'sha256').digest()
            after = os.fstat(file.fileno())
        if _state(before) == _state(after) and after.st_mtime_ns < time.time_ns() - _SETTLED_NS:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[path] = (*_state(after), digest)
        return digest


def _state(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_ino, found.st_size, found.st_mtime_ns
