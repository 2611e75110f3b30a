"""Runs programs that import libraries for longer than they work: each is a process, forked from one that has imported them."""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NURSERY = Path(__file__).with_name('nursery.py')
PIXELTABLE = ('pixeltable.session', 'pixeltable.api.table', 'sqlalchemy.dialects.postgresql.psycopg', 'psycopg')
MODELS = (*PIXELTABLE, 'sentence_transformers', 'transformers.models.clip.modeling_clip')


class Program:
    """A Python program in a process of its own. What is not said here is as with `subprocess.Popen` in text mode, with pipes."""

    def __init__(
        self,
        *command: str | Path,
        environment: Mapping[str, str] = os.environ,
        folder: Path | None = None,
        strict: bool = False,
        libraries: tuple[str, ...] = PIXELTABLE,
    ) -> None:
        """Runs the file of a program with arguments. `strict` makes warnings errors, as `-W error` does."""
        request = {
            'command': [str(part) for part in command],
            'environment': dict(environment),
            'folder': str(folder or Path.cwd()),
            'strict': strict,
        }
        (stdin, mine), (theirs, stdout), (heard, said) = os.pipe(), os.pipe()[::-1], os.pipe()
        self.stdin, self.stdout = os.fdopen(mine, 'w'), os.fdopen(stdout)
        self._errors = tempfile.TemporaryFile('w+')  # noqa: SIM115
        self._heard = os.fdopen(heard, 'rb', buffering=0)
        with tempfile.TemporaryFile('w+') as file:
            json.dump(request, file)
            file.flush()
            file.seek(0)
            files = [stdin, theirs, self._errors.fileno(), said, file.fileno()]
            socket.send_fds(_nursery(libraries), [b'.'], files)
        for each in (stdin, theirs, said):
            os.close(each)
        self.pid = int(self._heard.readline())
        self.returncode: int | None = None
        self._said: tuple[str, str] | None = None

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._heard], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            self.returncode = os.waitstatus_to_exitcode(int(self._heard.readline()))
            self._heard.close()
        return self.returncode

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def communicate(self, text: str = '', timeout: float = 600) -> tuple[str, str]:
        """What it says from now on, and all that it said of errors. It is killed if it takes longer than `timeout`."""
        if self._said is None:
            watch = threading.Timer(timeout, self.kill)
            watch.start()
            with contextlib.suppress(BrokenPipeError), self.stdin:
                self.stdin.write(text)
            with self.stdout:
                output = self.stdout.read()
            self.wait()
            watch.cancel()
            with self._errors:
                self._errors.seek(0)
                self._said = output, self._errors.read()
        return self._said


def script(text: str) -> Path:
    """A file with the text of a program, until the tests end."""
    file = Path(_scripts().name) / f'{hashlib.sha256(text.encode()).hexdigest()}.py'
    file.write_text(text)
    return file


def printed(program: Path, *arguments: str | Path, **options: Any) -> str:
    """What a program prints that ends well. `options` are those of `Program`."""
    process = Program(program, *arguments, **options)
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    return output


@functools.cache
def _scripts() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


@functools.cache
def _nursery(libraries: tuple[str, ...]) -> socket.socket:
    """Where requests go. The process behind it ends with this one."""
    ours, theirs = socket.socketpair()
    process = subprocess.Popen([sys.executable, NURSERY, *libraries], stdin=theirs, stdout=subprocess.DEVNULL)
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours
