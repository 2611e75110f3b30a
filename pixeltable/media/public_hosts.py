"""Keeps requests away from this machine and from private networks: for programs whose users give URLs.

A name is looked up once, all of its addresses are checked, and one of those is connected to: so that no name can stand for
another address when the connection is made. Each redirect is a request, and is checked like any other.
"""

from __future__ import annotations

import ipaddress
import socket

import httpx

from pixeltable._support.urls import without_secrets
from pixeltable.errors import AuthorizationError, ErrorCode

_TRANSLATED = tuple(map(ipaddress.IPv6Network, ('64:ff9b::/96', '::/96', '::ffff:0:0:0/96')))
"""Addresses that end in one of IPv4: of NAT64 (RFC 6052), and older forms (RFC 4291, 2.5.5.1, and RFC 2765, 2.1)."""

_OF_THIS_PLACE = tuple(
    map(ipaddress.ip_network, ('192.0.0.0/24', '168.63.129.16/32', '64:ff9b:1::/48', 'fec0::/10', '5f00::/16'))
)
"""What Python, or an older one, takes for public: ranges in the registry of special addresses, and Azure's own host."""


class PublicTransport(httpx.BaseTransport):
    """Raises INSUFFICIENT_PRIVILEGES instead of connecting to an address that is not public."""

    def __init__(self, max_connections: int) -> None:
        # None is kept: it would be used for other names at the same address, whose certificates nobody had seen.
        limits = httpx.Limits(max_connections=max_connections, max_keepalive_connections=0)
        self._transport = httpx.HTTPTransport(limits=limits)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        addresses = _addresses(request)
        for address in addresses[:-1]:
            try:
                return self._transport.handle_request(_sent_to(address, request))
            except httpx.ConnectError:
                continue
        return self._transport.handle_request(_sent_to(addresses[-1], request))

    def close(self) -> None:
        self._transport.close()


def _sent_to(address: str, request: httpx.Request) -> httpx.Request:
    """The request for an address. Headers and certificates are those of the name, as `sni_hostname` says."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, 'sni_hostname': request.url.host},
    )


def _addresses(request: httpx.Request) -> list[str]:
    """All addresses of the request's host, of which there is at least one; numbers such as `0x7f000001` are read here, too."""
    try:
        found = socket.getaddrinfo(request.url.host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpx.ConnectError(str(error), request=request) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not all(map(is_public, addresses)):
        raise AuthorizationError(
            ErrorCode.INSUFFICIENT_PRIVILEGES,
            f'{without_secrets(str(request.url))!r} is not fetched: its host is this machine or in a private network, and the '
            'setting private_hosts is false.',
        )
    return addresses


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet. One of IPv6 that stands for one of IPv4 is what that is."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if any(found in network for network in _TRANSLATED):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast and not any(found in network for network in _OF_THIS_PLACE)
