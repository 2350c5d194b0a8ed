"""Which addresses a URL that somebody supplied may lead to: public ones, and what is allowed.

Sources: the IANA special-purpose address registries (RFC 6890), RFC 6052 (NAT64), RFC 3056 (6to4),
RFC 4380 (Teredo), RFC 6598 (carrier-grade NAT).
"""

import socket
from collections.abc import Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from index.errors import UrlRefusedError

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]

_REFUSED = "The URL does not lead to a public address."
"""One message for what is private and for what does not exist: it maps no inner network."""

_UNICAST = IPv6Network("2000::/3")
_SPECIAL_IPV4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
_SPECIAL_IPV6 = tuple(
    IPv6Network(text)
    for text in (
        "::/128", "::1/128", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64",
        "100:0:0:1::/64", "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48",
        "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "ff00::/8",
    )
)  # fmt: skip
"""Every network of IANA's special-purpose registries, as of 2025, and multicast.

Those that the registries call globally reachable are among them: they are relays and sinks of the
network itself, and hold no document. The tables of Python's ipaddress are older.
"""


def networks(texts: Iterable[str]) -> Networks:
    """Parse networks such as ``10.1.0.0/16`` or single addresses.

    Raises:
        ValueError: one of them is neither.

    """
    return tuple(ip_network(text) for text in texts)


def is_public(address: Address) -> bool:
    """Tell whether everybody on the internet could reach the address, and it is one host's."""
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_IPV4)
    return address in _UNICAST and not any(address in network for network in _SPECIAL_IPV6)


def resolve(host: str, port: int) -> list[str]:
    """Return every address of a host, as the system's resolver has them; none for no such host."""
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(entry[4][0]) for entry in addresses))


def permitted_address(addresses: Sequence[str], allowed_networks: Networks) -> str:
    """Return the address to connect to; all of a host's addresses must be permitted.

    Raises:
        UrlRefusedError: there is none, or one of them is not public.

    """
    for text in addresses:
        try:
            address = ip_address(text)
        except ValueError:  # a scope id such as fe80::1%eth0
            raise UrlRefusedError(_REFUSED) from None
        if not (is_public(address) or any(address in network for network in allowed_networks)):
            raise UrlRefusedError(_REFUSED)
    if not addresses:
        raise UrlRefusedError(_REFUSED)
    return addresses[0]
