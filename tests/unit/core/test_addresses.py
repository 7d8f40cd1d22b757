"""Which addresses text from outside may name."""

from builder.addresses import is_public

PUBLIC = "1.1.1.1 93.184.216.34 185.199.108.153 2606:4700::1111 64:ff9b::1.1.1.1"
OTHERS = {
    "private": "10.1.2.3 172.16.0.1 192.168.1.1 fd00:ec2::254",
    "loopback": "127.0.0.1 127.8.8.8 0.0.0.0 ::1 ::",
    "link-local": "169.254.169.254 fe80::1 fe80::1%eth0",
    "shared": "100.64.0.1 100.100.100.200 198.18.0.1",
    "inside a cloud": "192.0.0.192 168.63.129.16",
    "multicast": "224.0.0.251 240.0.0.1 255.255.255.255 ff02::fb",
    "carried": "::ffff:127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 2002:7f00:1::",
    "no address": "localhost 2130706433",
}


def test_is_public__internet() -> None:
    """A unicast address of the internet is public."""
    assert [address for address in PUBLIC.split() if not is_public(address)] == []


def test_is_public__everything_else() -> None:
    """Every other kind of address is not, and neither is what is no address at all."""
    for kind in OTHERS:
        assert [address for address in (*OTHERS[kind].split(), "") if is_public(address)] == []
