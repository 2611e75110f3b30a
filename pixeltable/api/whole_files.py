"""Writes files for users: one appears when it is whole, or not at all, and what goes wrong is an error of ours."""

from __future__ import annotations

import csv
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from pixeltable.errors import Error, ErrorCode, RequestError


def write_whole(path: str | os.PathLike[str], write: Callable[[Path], object]) -> None:
    """Lets `write` make a file or a folder beside `path`, whose folders are made if they are missing, and puts it in its place.

    Raises INVALID_ARGUMENT if it cannot be written, and what `write` raises of ours.
    """
    target = target_of(path)
    part = target.with_name(f'{target.name}.{uuid.uuid4().hex}.part')
    missing = [folder for folder in part.parents if not folder.exists()]
    with _translated(target):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write(part)
            part.replace(target)
        except BaseException:
            _remove(part, missing)
            raise


def target_of(path: str | os.PathLike[str]) -> Path:
    """Raises INVALID_ARGUMENT for what is no path, or has no name in it."""
    try:
        target = Path(path).expanduser()
        target.with_name('part')
    except (TypeError, ValueError, RuntimeError) as error:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{path!r:.200} is no path of a file: {error}.') from error
    return target


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except Error:
        raise
    except (OSError, TypeError, ValueError, csv.Error) as error:
        reason = getattr(error, 'strerror', None) or error
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{str(path)!r} cannot be written: {reason}.') from error


def _remove(part: Path, folders: Sequence[Path]) -> None:
    if part.is_dir():
        shutil.rmtree(part)
    else:
        part.unlink(missing_ok=True)
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()
