"""Which network addresses are public: the only ones that text from outside may make us call."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

INSIDE_CLOUDS = (
    # The platform's own address in every Azure machine, GitHub's hosted runners among them.
    ip_network("168.63.129.16/32"),
    # IETF protocol assignments (RFC 6890); Oracle's clouds answer there.
    ip_network("192.0.0.0/24"),
)
"""Addresses that are `is_global`, although a machine in a cloud reaches internal services there."""

NAT64 = ip_network("64:ff9b::/96")
"""IPv6 addresses that stand for an IPv4 address in their last 32 bits (RFC 6052)."""


def is_public(address: str) -> bool:
    """Return whether `address` is a unicast address of the internet.

    Not public: private, loopback, link-local, shared (CGNAT), multicast and reserved ones, an IPv6
    address that carries such an IPv4 address, and what is no address at all.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return all(map(_is_public, (parsed, *_carried(parsed))))


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    is_unicast = address.is_global and not address.is_multicast
    return is_unicast and not any(address in network for network in INSIDE_CLOUDS)


def _carried(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    if isinstance(address, IPv4Address):
        return []
    carried = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in NAT64:
        carried.append(IPv4Address(address.packed[-4:]))
    return [inner for inner in carried if inner is not None]
