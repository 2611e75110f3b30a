"""A server on loopback that says what it is told to say, in the wire format of whatever provider a test plays."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)


@dataclass
class Reply:
    """`body` is JSON, or bytes as they are; `delay` in seconds."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


class Wire:
    """`with Wire() as wire: wire.says('/chat/completions', {...})`. The last reply for a path is repeated."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.replies: dict[str, deque[Any]] = defaultdict(deque)
        wire = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers.get('content-length') or 0))
                wire._answer(self, Request(self.path, {k.lower(): v for k, v in self.headers.items()}, content))

            def do_GET(self) -> None:
                self.do_POST()

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *_: Any) -> None:
                """A client that gave up is no error."""

        self._server = Server(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self._server.server_port}'
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def says(self, path: str, *replies: Any) -> None:
        """What is said to the next requests for `path`: bodies, `Reply`s, or functions of the request."""
        self.replies[path] = deque(replies)

    def _answer(self, handler: BaseHTTPRequestHandler, request: Request) -> None:
        self.requests.append(request)
        queue = self.replies.get(request.path.partition('?')[0])
        reply: Any = Reply({'error': {'message': f'no such path {request.path}'}}, 404)
        if queue:
            reply = queue.popleft() if len(queue) > 1 else queue[0]
        reply = reply(request) if callable(reply) else reply
        reply = reply if isinstance(reply, Reply) else Reply(reply)
        time.sleep(reply.delay)
        content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        handler.send_response(reply.status)
        fields = {'content-type': 'application/json', 'content-length': str(len(content))}
        for name, value in {**fields, **reply.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    def __enter__(self) -> Wire:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
