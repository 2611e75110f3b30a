"""Files that live as long as the process: what functions of media make before it is stored, or that a query shows."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
import threading
import uuid
from typing import Any

_lock = threading.Lock()
_folders: dict[int, str] = {}  # by process, as a forked child removes only its own


def new_file(suffix: str) -> str:
    """The path of a file that is not there yet."""
    return os.path.join(_folder(), f'{uuid.uuid4().hex}{suffix}')


def file_of(content: Any, suffix: str = '') -> str:
    """A file with `content`, the same one for the same content."""
    path = os.path.join(_folder(), f'{hashlib.sha256(content).hexdigest()}{suffix}')
    if not os.path.exists(path):
        unfinished = new_file(suffix)
        with open(unfinished, 'wb') as file:
            file.write(content)
        os.replace(unfinished, path)
    return path


def is_temporary(path: str) -> bool:
    """Whether the file is one of this module."""
    folder = _folders.get(os.getpid())
    return folder is not None and os.path.dirname(path) == folder


def remove(path: str) -> None:
    """Removes a file that is not needed any more."""
    if os.path.exists(path):
        os.remove(path)


def _folder() -> str:
    with _lock:
        process = os.getpid()
        if process not in _folders:
            _folders[process] = tempfile.mkdtemp(prefix='pixeltable-')
            atexit.register(_clean_up, process)
        return _folders[process]


def _clean_up(process: int) -> None:
    if os.getpid() == process:
        shutil.rmtree(_folders[process], ignore_errors=True)
