"""The page's only way out, with 127.0.0.2 standing for the internet."""

import http.client
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

import pytest

from builder.addresses import is_public
from builder.egress import AddressRefused, Network, addresses
from builder.verify.browser_worker.egress import Egress
from builder.verify.hosting import Hosting

INTERNET = "127.0.0.2"
ANSWER = b"\x00pong"


@dataclass
class Listener:
    """A server that answers everything with `answer` and keeps what came."""

    port: int = 0
    heard: list[bytes] = field(default_factory=list)


@contextmanager
def listening(address: str, answer: bytes = ANSWER) -> Iterator[Listener]:
    listener = Listener()
    with socket.create_server((address, 0)) as server:
        listener.port = server.getsockname()[1]

        def serve() -> None:
            while True:
                try:
                    client = server.accept()[0]
                except OSError:
                    return
                with client:
                    listener.heard.append(client.recv(65_536))
                    client.sendall(answer)

        thread = Thread(target=serve)
        thread.start()
        yield listener
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@contextmanager
def egress(network: Network, refused: Callable[[str], None] = print) -> Iterator[Egress]:
    proxy = Egress(Hosting("app", {"index.html": b"<p>home"}), refused, network)
    with proxy.running():
        yield proxy


def ask(proxy: Egress, url: str, method: str = "GET", **options: object) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.server_port, timeout=10)
    connection.request(method, url, **options)  # type: ignore[arg-type]
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def tunnel(proxy: Egress, target: str, payload: bytes) -> bytes:
    """CONNECT to `target`, send `payload` once let through; return all that came back."""
    with socket.create_connection(("127.0.0.1", proxy.server_port), timeout=10) as client:
        client.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        status = client.recv(65_536)
        if b" 200 " not in status:
            return status
        client.sendall(payload)
        return b"".join(iter(lambda: client.recv(65_536), b""))


def only_internet(address: str) -> bool:
    return address == INTERNET


HERE = Network(resolve=lambda *_: [INTERNET], may_reach=only_internet)


def test_egress__serves_the_site_itself() -> None:
    """The site's origin is answered by the proxy: nothing on loopback has to be reached."""
    with egress(Network()) as proxy:
        assert ask(proxy, "http://localhost/app/") == (200, b"<p>home")
        assert ask(proxy, "http://localhost/other/")[0] == 404
        assert ask(proxy, "http://localhost/app/", "POST", body=b"x")[0] == 405


def test_egress__plain_http_is_refused() -> None:
    """As on Pages, which blocks it as mixed content, nothing is asked for without TLS."""
    with listening(INTERNET) as server, egress(HERE) as proxy:
        url = f"http://cdn.example:{server.port}/a?b=c"
        assert ask(proxy, url, "POST", body=b"payload") == (403, b"")
    assert server.heard == []


def test_egress__tunnels() -> None:
    """CONNECT carries bytes both ways, as TLS needs it."""
    with listening(INTERNET) as server, egress(HERE) as proxy:
        assert tunnel(proxy, f"cdn.example:{server.port}", b"\x16ping") == b"\x00pong"
    assert server.heard == [b"\x16ping"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"])  # noqa: S104
def test_egress__refuses_loopback(host: str) -> None:
    """By no name is a server of this machine reached, and the name is told."""
    refused: list[str] = []
    with listening("127.0.0.1") as server, egress(Network(), refused.append) as proxy:
        assert b" 403 " in tunnel(proxy, f"{host}:{server.port}", b"x")
        assert server.heard == []
    assert refused == [host.strip("[]")]


def test_egress__refuses_private_addresses() -> None:
    """Neither a cloud's metadata nor the local network is reached."""
    for host in ["169.254.169.254", "10.0.0.1", "[fd00:ec2::254]", "[fe80::1]", "100.64.0.1"]:
        with egress(Network()) as proxy:
            assert b" 403 " in tunnel(proxy, f"{host}:443", b"x")


def test_egress__name_that_turns_private() -> None:
    """The address that was looked at is the one connected to, whatever the DNS says later."""
    answers = iter([[INTERNET]])
    network = Network(lambda *_: next(answers, ["127.0.0.1"]), only_internet)
    with listening(INTERNET) as server, egress(network) as proxy:
        assert tunnel(proxy, f"rebind.example:{server.port}", b"1") == ANSWER
        assert b" 403 " in tunnel(proxy, f"rebind.example:{server.port}", b"2")
    assert server.heard == [b"1"]


def test_egress__name_with_a_private_address_among_others() -> None:
    """Of several addresses only those that may be reached are tried."""
    network = Network(lambda *_: ["127.0.0.1", INTERNET], only_internet)
    with listening(INTERNET) as server, egress(network) as proxy:
        assert tunnel(proxy, f"both.example:{server.port}", b"x") == ANSWER


def test_egress__nobody_there() -> None:
    """A host that does not answer is a 502."""
    with socket.create_server((INTERNET, 0)) as closed:
        port = closed.getsockname()[1]
    with egress(HERE) as proxy:
        assert b" 502 " in tunnel(proxy, f"gone.example:{port}", b"x")


def test_network__refusal_names_the_host() -> None:
    """A private address is refused before anything is sent."""
    with pytest.raises(AddressRefused, match="localhost"):
        Network().connect("localhost", 80)


def test_network__defaults_to_the_internet() -> None:
    """What is not told otherwise is the machine's resolver and public addresses."""
    assert Network() == Network(addresses, is_public)
