"""Loses connections to PostgreSQL at a statement. To find it, one has to follow what client and server say to each other.

That is messages: a letter, their length and the rest (https://www.postgresql.org/docs/current/protocol-message-formats.html).
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

from faults import Failed
from servers import Proxy, cut

CONNECT, QUERY, PARSE, BIND, EXECUTE, SYNC = b'!', b'Q', b'P', b'B', b'E', b'S'
"""What clients say. The first message has no letter: it gets one that no other has."""

COMPLETE, EMPTY, FAILED, READY = b'C', b'I', b'E', b'Z'
"""What the server says at the end of a statement, and when it is ready for more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that the server has to answer, and whether its answer is to be lost."""

    kind: bytes
    is_lost: bool = False


class Talk:
    """One connection: what was asked and is not answered yet, and the texts of the statements."""

    def __init__(self) -> None:
        self.asked: deque[Asked] = deque()
        self._texts: dict[bytes, bytes] = {}
        self._text = b''

    def read(self, message: bytes) -> str:
        """Notes what a message of the client says of statements; returns the text of the one that is executed."""
        if message[:1] == PARSE:
            name, text, _ = message[5:].split(b'\0', 2)
            self._texts[name] = text
        elif message[:1] == BIND:
            _, name, _ = message[5:].split(b'\0', 2)
            self._text = self._texts[name]
        elif message[:1] == QUERY:
            self._text = message[5:-1]
        elif message[:1] == CONNECT:
            self._text = b'a connection'
        return self._text.decode()

    def told(self, messages: Iterable[bytes]) -> tuple[bytes, bool]:
        """What the client gets of the server's messages, and whether what is lost is done by now."""
        told = b''
        for message in messages:
            is_lost = bool(self.asked) and self.asked[0].is_lost
            is_done = self._answered(message[:1])
            if not is_lost:
                told += message
            elif is_done:
                return told, True
        return told, False

    def _answered(self, kind: bytes) -> bool:
        """Takes off what the server has done with a message of this kind; whether there was something."""
        if kind == READY:
            while self.asked.popleft().kind == EXECUTE:  # skipped, as one before it had failed
                pass
            return True
        if kind in (COMPLETE, EMPTY, FAILED) and self.asked and self.asked[0].kind == EXECUTE:
            self.asked.popleft()
            return True
        return False


class LostConnections(Proxy):
    """`Calls` that are statements, and the making of connections.

    In one way the server never hears of it; in the other it does it, and the client never hears of that.
    """

    def __init__(self, server_port: int) -> None:
        self._lock = threading.Lock()
        self._count = self._number = self._way = 0
        self._failed: Failed | None = None
        super().__init__(server_port)

    def arm(self, number: int, way: int) -> None:
        with self._lock:
            self._count, self._number, self._way, self._failed = 0, number, way, None

    def disarm(self) -> Failed | None:
        with self._lock:
            self._number = 0
            return self._failed

    def _join(self, client: socket.socket, server: socket.socket) -> None:
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        talk = Talk()
        for pump in (self._requests, self._answers):
            threading.Thread(target=pump, args=(client, server, talk), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket, talk: Talk) -> None:
        with contextlib.suppress(OSError):
            for messages in _messages(client, CONNECT):
                heard = list(takewhile(partial(self._is_heard, talk), messages))
                server.sendall(b''.join(heard).removeprefix(CONNECT))
                if len(heard) < len(messages):
                    break
        cut(client, server)

    def _answers(self, client: socket.socket, server: socket.socket, talk: Talk) -> None:
        with contextlib.suppress(OSError):
            for messages in _messages(server):
                told, is_over = talk.told(messages)
                client.sendall(told)
                if is_over:
                    break
        cut(client, server)

    def _is_heard(self, talk: Talk, message: bytes) -> bool:
        kind, text = message[:1], talk.read(message)
        if kind == SYNC:
            talk.asked.append(Asked(kind))
        if kind not in (CONNECT, QUERY, EXECUTE):
            return True
        with self._lock:
            self._count += 1
            fails = self._count == self._number
            if fails:
                what = ('is not heard', 'is not answered')[self._way]
                self._failed = Failed(f'{text} {what}', self._way == 1)
        talk.asked.append(Asked(kind, fails))
        return not fails or self._way == 1


def _messages(speaker: socket.socket, said: bytes = b'') -> Iterator[list[bytes]]:
    """What is said, in whole messages: as many at a time as have come."""
    while data := speaker.recv(1 << 16):
        said += data
        start, messages = 0, []
        while len(said) > start + 4 and len(said) > (end := start + int.from_bytes(said[start + 1 : start + 5])):
            messages.append(said[start : end + 1])
            start = end + 1
        said = said[start:]
        yield messages
