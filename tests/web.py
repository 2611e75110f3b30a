"""A web server on loopback that has files, and does as badly as it is told."""

from __future__ import annotations

import http.server
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path


@dataclass
class File:
    """What is at a path.

    Attributes:
        statuses: answered to the first requests instead of the content.
        headers: sent besides.
        breaks_after: the connection is cut after so many bytes of each answer; of those to come first, if `times` says how many.
        delay_s: so long the server waits before it answers.
        drip_s: so long it waits after each byte.
        has_ranges: whether it gives parts, if `If-Range` names its `ETag` or `Last-Modified`.
        has_length: whether it says how much there is.
    """

    content: bytes = b''
    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    breaks_after: int | None = None
    times: int = 10**9
    delay_s: float = 0.0
    drip_s: float = 0.0
    has_ranges: bool = True
    has_length: bool = True


@dataclass
class Web:
    """The server's address, its files by path, and the requests that came, each as its path and the range that it asks for.

    `under_way` counts those that wait for an answer, `most` is how many did at once.
    """

    url: str = ''
    files: dict[str, File] = field(default_factory=dict)
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    under_way: int = 0
    most: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def answering(self) -> Iterator[None]:
        with self._lock:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        yield
        with self._lock:
            self.under_way -= 1

    def put(self, path: str, content: bytes, **how: object) -> str:
        """The URL of the file that there is now."""
        self.files[path] = File(content, **how)  # type: ignore[arg-type]
        return self.url + path

    def ranges(self) -> list[str | None]:
        """What the requests so far asked for."""
        return [wanted for _, wanted in self.requests]


@contextmanager
def web(certificate: Path | None = None) -> Iterator[Web]:
    """A server that runs, over TLS if there is a certificate, a PEM file with its key."""
    found = Web()
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), _handler(found))
    server.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    found.url = f'http{"s" if certificate else ""}://127.0.0.1:{server.server_port}'
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


def _handler(site: Web) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'

        def do_GET(self) -> None:
            site.requests.append((self.path, self.headers.get('Range')))
            file = site.files.get(self.path) or File(statuses=[404])
            with site.answering():
                time.sleep(file.delay_s)
            status = (file.statuses.pop(0) if len(file.statuses) > 1 else file.statuses[0]) if file.statuses else 200
            start = self._start(file) if status == 200 else 0
            content = file.content[start:] if status == 200 else b''
            self.send_response(206 if start else status)
            for name, value in file.headers.items():
                self.send_header(name, value)
            if start:
                self.send_header('Content-Range', f'bytes {start}-{len(file.content) - 1}/{len(file.content)}')
            if file.has_length:
                self.send_header('Content-Length', str(len(content)))
            else:
                self.close_connection = True
            self.end_headers()
            self._send(file, content)

        def _start(self, file: File) -> int:
            wanted = self.headers.get('Range', '')
            names = (file.headers.get('ETag'), file.headers.get('Last-Modified'))
            is_same = self.headers.get('If-Range') in names
            return int(wanted.removeprefix('bytes=').rstrip('-')) if wanted and is_same and file.has_ranges else 0

        def _send(self, file: File, content: bytes) -> None:
            if file.breaks_after is not None and file.times > 0:
                file.times -= 1
                self.wfile.write(content[: file.breaks_after])
                self.close_connection = True
                return
            if not file.drip_s:
                self.wfile.write(content)
                return
            for place in range(len(content)):
                self.wfile.write(content[place : place + 1])
                self.wfile.flush()
                time.sleep(file.drip_s)

        def handle(self) -> None:
            try:
                super().handle()
            except (ConnectionError, ssl.SSLError):  # who asked has given up
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    return Handler


OLD = formatdate(1_700_000_000, usegmt=True)
"""A time of long ago, as `Last-Modified` spells it."""


def self_signed(path: Path, host: str | None = None) -> Path:
    """A file with a key and the certificate that it made for a host, or for this machine."""
    import datetime
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, 'test')])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName(
        [x509.DNSName(host) if host else x509.IPAddress(ipaddress.ip_address('127.0.0.1'))]
    )
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1))
    certificate = made.add_extension(names, critical=False).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + certificate.public_bytes(pem))
    return path
