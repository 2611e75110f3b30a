"""Real servers that tests start by themselves, on loopback, in temporary folders. Nothing of them is left when they stop."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import stat
import subprocess
import tempfile
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

# The server goes when this process does, however it ends: its keeper reads until the pipe closes. A signal that comes before
# the server has its handlers is lost.
_KEEPER = '"$@" & server=$!; cat > /dev/null; while kill -QUIT $server 2> /dev/null; do sleep 0.05; done'
_AUTHENTICATION = """
host all pxt_password 127.0.0.1/32 scram-sha-256
host all pxt_nowhere 127.0.0.1/32 reject
host all all 127.0.0.1/32 trust
"""


class PostgresServer:
    """PostgreSQL of the package `pgserver`, with a role `postgres` that needs no password.

    With `is_durable` false it forgoes every sync: as fast as memory, and nothing survives a power loss.
    """

    def __init__(self, is_durable: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix='pxt-postgres-'))
        self._started: subprocess.Popen[bytes] | None = None
        self._rights = _other_user(self.folder)
        self._programs = _reachable_programs(self.folder, bool(self._rights))
        self._options = [] if is_durable else ['-c', 'fsync=off', '-c', 'full_page_writes=off']
        try:
            self._run('initdb', '-U', 'postgres', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C')
            (self.folder / 'data' / 'pg_hba.conf').write_text(_AUTHENTICATION)
            self.start()
        except BaseException:
            self.stop()
            raise

    def _run(self, program: str, *arguments: str) -> None:
        command = [self._programs / program, '-D', self.folder / 'data', *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, **self._rights)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        """Starts the server, or starts it again on the port that it had."""
        fixed = getattr(self, 'port', None)
        deadline = time.monotonic() + 30
        while True:
            self.port = fixed or _free_port()
            if self._came_up():
                return
            assert time.monotonic() < deadline, (self.folder / 'log').read_text()

    def _came_up(self) -> bool:
        """Whether it accepts connections; it may not, if another process took the port."""
        server = [self._programs / 'postgres', '-D', self.folder / 'data', '-k', self.folder, '-h', '127.0.0.1']
        with (self.folder / 'log').open('w') as log:
            self._started = subprocess.Popen(
                ['/bin/sh', '-c', _KEEPER, 'keeper', *server, '-p', str(self.port), *self._options],
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._rights,
            )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and self._is_running():
            try:
                self.connect().close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return True
        self.halt()
        return False

    def _is_running(self) -> bool:
        """The keeper stays when the server has ended: what tells is the server's own file."""
        return not (self.folder / 'log').read_text().rstrip().endswith('database system is shut down')

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url(), autocommit=True, connect_timeout=5)

    def url(self, schema: str | None = None, *, user: str = 'postgres', port: int | None = None) -> str:
        """The address, at `port` if something stands in between."""
        options = f'?options={quote(f"-csearch_path={schema}")}' if schema else ''
        return f'postgresql://{user}@127.0.0.1:{port or self.port}/postgres{options}'

    def halt(self) -> None:
        """Stops the server at once, as a crash would. `start` brings it back."""
        if self._started is not None:
            assert self._started.stdin is not None
            self._started.stdin.close()
            self._started.wait(30)
            self._started = None

    def stop(self) -> None:
        """Stops the server for good."""
        self.halt()
        shutil.rmtree(self.folder)


def _other_user(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: arguments of `subprocess` that make it run as nobody, to whom `folder` then belongs."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam('nobody')
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {'user': nobody.pw_uid, 'group': nobody.pw_gid, 'extra_groups': []}


def _reachable_programs(folder: Path, is_other_user: bool) -> Path:
    """The folder of the server's programs, copied if the other user may not go where they are."""
    spec = find_spec('pgserver')
    assert spec is not None
    assert spec.origin is not None
    programs = Path(spec.origin).resolve().parent / 'pginstall' / 'bin'
    if is_other_user and not all(parent.stat().st_mode & stat.S_IXOTH for parent in programs.parents):
        shutil.copytree(programs.parent, folder / 'pginstall')
        return folder / 'pginstall' / 'bin'
    return programs


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port: int = probe.getsockname()[1]
    return port


class Proxy:
    """Stands between clients and a server on loopback, and can lose what they say to each other, each time once.

    Attributes:
        lost_request: a connection is cut when its client says this, and the server does not hear it.
        late_request: the same, but the server hears it after half a second.
        lost_answer: a connection is cut when the server says this, and the client does not hear it.
        is_open: whether new connections are let through.
    """

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.port: int = self._listener.getsockname()[1]
        self.lost_request = self.late_request = self.lost_answer = b''
        self.is_open = True
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.is_open = False
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if not self.is_open:
                client.close()
                continue
            self._join(client, socket.create_connection(('127.0.0.1', self._server_port)))

    def _join(self, client: socket.socket, server: socket.socket) -> None:
        for pump in (self._requests, self._answers):
            threading.Thread(target=pump, args=(client, server), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(1 << 16):
                if self.lost_request and self.lost_request in data:
                    self.lost_request = b''
                    break
                if self.late_request and self.late_request in data:
                    self.late_request = b''
                    client.shutdown(socket.SHUT_RDWR)
                    time.sleep(0.5)
                server.sendall(data)
        cut(client, server)

    def _answers(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(1 << 16):
                if self.lost_answer and self.lost_answer in data:
                    self.lost_answer = b''
                    break
                client.sendall(data)
        cut(client, server)


def cut(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
