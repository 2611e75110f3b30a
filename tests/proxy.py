"""A way to a server on which answers are lost, delayed or replaced."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import itertools
import re
import threading
from collections.abc import Callable

LOST, LATE = -1, -2
"""Instead of a status: the server does the request, and its answer is lost, or comes only when the client has given up."""


class Proxy:
    """Stands between a client and a server, and spoils the next answers as told."""

    def __init__(self, server: str) -> None:
        self._server = server.removeprefix('http://')
        self._listener = http.server.ThreadingHTTPServer(('127.0.0.1', 0), self._handler())
        self.url = f'http://127.0.0.1:{self._listener.server_port}'
        self.requests: list[str] = []
        self._fate: Callable[[str], int] = lambda _: 0
        self._is_heard = threading.Event()
        self._is_heard.set()
        threading.Thread(target=self._listener.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, status: int, times: int = 10**9, pattern: str = '') -> None:
        """The next `times` requests that match get `status` and do not reach the server."""
        fates = itertools.repeat(status, times)
        self._fate = lambda request: next(fates, 0) if re.match(pattern, request) else 0

    def lose_one(self, pattern: str) -> None:
        """The server does the next request that matches, such as `PUT /`, and its answer is lost."""
        self.answer(LOST, times=1, pattern=pattern)

    def be_silent(self) -> None:
        """No request is answered from now on."""
        self._is_heard.clear()

    def stop(self) -> None:
        self._is_heard.set()
        self._listener.shutdown()
        self._listener.server_close()

    def _pass_on(self, client: http.server.BaseHTTPRequestHandler) -> None:
        request = f'{client.command} {client.path}'
        self.requests.append(request)
        self._is_heard.wait()
        body = client.rfile.read(int(client.headers.get('Content-Length', 0)))
        fate = self._fate(request)
        status, headers, content = fate, [], b''
        if fate <= 0:
            connection = http.client.HTTPConnection(self._server)
            connection.request(client.command, client.path, body, dict(client.headers))
            answer = connection.getresponse()
            status, headers, content = answer.status, answer.getheaders(), answer.read()
            connection.close()
        if fate < 0:
            if fate == LATE:
                client.connection.recv(1)  # until the client closes it
            client.close_connection = True
            return
        with contextlib.suppress(ConnectionError):  # the client has given up
            _send(client, status, headers, content)

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        pass_on = self._pass_on

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def __getattr__(self, name: str) -> Callable[[], None]:
                if name.startswith('do_'):
                    return lambda: pass_on(self)
                raise AttributeError(name)

        return Handler


def _send(client: http.server.BaseHTTPRequestHandler, status: int, headers: list, content: bytes) -> None:
    has_body = client.command != 'HEAD'
    client.send_response_only(status)
    for name, value in headers:
        if name not in ('Transfer-Encoding', 'Connection') and not (has_body and name == 'Content-Length'):
            client.send_header(name, value)
    if has_body:
        client.send_header('Content-Length', str(len(content)))
    client.end_headers()
    client.wfile.write(content)
