"""Which client a request comes from."""

import ipaddress

from starlette.requests import HTTPConnection


def client_address(http: HTTPConnection, trusted_proxies: int) -> str:
    """Return the client's address; IPv6 as its /64, which is one household's.

    `trusted_proxies` is the number of our proxies in front: each adds the address that it saw to
    the end of `X-Forwarded-For`, so that this many entries from the right are not made up.
    """
    peer = http.client.host if http.client else ""
    if trusted_proxies:
        forwarded = ",".join(http.headers.getlist("x-forwarded-for")).split(",")
        if len(forwarded) >= trusted_proxies:
            return _network(forwarded[-trusted_proxies].strip()) or _network(peer) or "unknown"
    return _network(peer) or "unknown"


def _network(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))
