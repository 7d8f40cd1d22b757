"""What a build script reaches: public hosts by our proxy, with 127.0.0.2 standing for one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest

from builder.egress import Network
from builder.sandbox.bubblewrap import Sandbox
from builder.sandbox.proxy import ANSWER_BYTES, PUBLIC, SENT_BYTES
from tests.counting_server import Exchange, counting, send
from tests.integration.sandbox.conftest import attack_in

HOST = "public.example"
REFUSED = {"ConnectionRefusedError", "OSError", "gaierror"}


@dataclass
class Server:
    """A server that answers by path, and keeps each request and its headers."""

    address: str
    port: int = 0
    heard: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    redirect: str = ""
    received: int = 0
    """Bytes of bodies."""

    def answer(self, exchange: Exchange) -> None:
        self.heard.append(f"{exchange.command} {exchange.path}")
        left = int(exchange.headers.get("Content-Length", 0))
        while left and (piece := exchange.rfile.read(min(left, 1024))):
            self.received += len(piece)
            left -= len(piece)
        self.agents.append(exchange.headers.get("User-Agent", ""))
        if exchange.path == "/redirect":
            send(exchange, 302, {"Location": self.redirect}, b"")
            return
        size = int(exchange.path.removeprefix("/size/")) if "/size/" in exchange.path else 4
        exchange.send_response(200)
        exchange.send_header("Content-Length", str(size))
        exchange.end_headers()
        if exchange.command != "HEAD":
            for _ in range(size // 65_536):
                exchange.wfile.write(b"x" * 65_536)
            exchange.wfile.write(b"x" * (size % 65_536))


@contextmanager
def serving(address: str) -> Iterator[Server]:
    server = Server(address)
    with counting(address, server.answer, server.heard) as server.port:
        yield server


@pytest.fixture
def public() -> Iterator[Server]:
    with serving("127.0.0.2") as server:
        yield server


@pytest.fixture
def private() -> Iterator[Server]:
    with serving("127.0.0.1") as server:
        yield server


@pytest.fixture
def world(public: Server, private: Server) -> Network:
    """The real rules, with one public host here, and the private server's port open."""
    ports = frozenset({80, 443, private.port, public.port})
    return replace(PUBLIC, ports=ports, hosts={HOST: ("127.0.0.2", public.port)})


ROUTES = """
import http.client, urllib.request
import httpx, requests
def tunnel(target):
    with socket.create_connection(("127.0.0.1", 3128), 5) as proxy:
        proxy.sendall(f"CONNECT {target} HTTP/1.1\\r\\n\\r\\n".encode())
        return proxy.recv(99)
def plain(url):
    return urllib.request.urlopen(url, timeout=5).read()
"""


def test_proxy__lets_scripts_fetch(world: Network, public: Server) -> None:
    """With urllib, requests and httpx a script reads what a public host answers."""
    told = attack_in(
        Sandbox(world),
        ROUTES
        + """
attempt("urllib", lambda: plain(f"http://{host}/a"))
mine = {"User-Agent": "mine"}
attempt("requests", lambda: requests.get(f"http://{host}/b?c=d", headers=mine).text)
attempt("httpx", lambda: httpx.head(f"http://{host}/e").status_code)
""",
        host=HOST,
    )
    assert told == {"urllib": "b'xxxx'", "requests": "'xxxx'", "httpx": "200"}
    assert [one for one in public.heard if one != "tcp"] == ["GET /a", "GET /b?c=d", "HEAD /e"]
    assert public.agents[1] == "mine"
    assert public.agents[0].startswith(("Python-urllib", "briefship"))


def test_proxy__other_methods(world: Network, public: Server) -> None:
    """Nothing but GET and HEAD is passed on without TLS, and no body."""
    told = attack_in(
        Sandbox(world),
        ROUTES
        + """
attempt("post", lambda: requests.post(f"http://{host}/", data="x").status_code)
attempt("put", lambda: httpx.put(f"http://{host}/", content=b"x").status_code)
attempt("delete", lambda: httpx.delete(f"http://{host}/").status_code)
def smuggled():
    with socket.create_connection(("127.0.0.1", 3128), 5) as proxy:
        post = f"POST / HTTP/1.1\\r\\nHost: {host}\\r\\nContent-Length: 1\\r\\n\\r\\nx"
        get = f"GET http://{host}/ HTTP/1.1\\r\\nContent-Length: {len(post)}\\r\\n\\r\\n"
        proxy.sendall((get + post).encode())
        return b"".join(iter(lambda: proxy.recv(9999), b""))[:12]
attempt("smuggled", smuggled)
""",
        host=HOST,
    )
    assert told["post"] == told["put"] == told["delete"] == "501"
    assert "200" in told["smuggled"]
    assert [one for one in public.heard if one != "tcp"] == ["GET /"]


def test_proxy__addresses_that_are_not_public(world: Network, private: Server) -> None:
    """Loopback, private and metadata addresses are reached by no route, under no name."""
    names = [
        "127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "0x7f000001",  # noqa: S104
        "[::ffff:127.0.0.1]", "10.0.0.1", "192.168.0.1", "169.254.169.254", "168.63.129.16",
    ]  # fmt: skip
    told = attack_in(
        Sandbox(world),
        ROUTES
        + """
for name in names:
    attempt(f"tunnel {name}", lambda: tunnel(f"{name}:{port}"))
    attempt(f"plain {name}", lambda: requests.get(f"http://{name}:{port}/", proxies={"http": "http://127.0.0.1:3128"}).status_code)
    attempt(f"direct {name}", lambda: socket.create_connection((name.strip("[]"), port), 3))
attempt("bypass", lambda: plain(f"http://{host}:22/"))
""",
        names=names,
        port=private.port,
        host=HOST.replace("public", "other"),
    )
    for name in names:
        assert " 403 " in told[f"tunnel {name}"] or " 502 " in told[f"tunnel {name}"], name
        assert told[f"plain {name}"] in {"403", "502"}, name
        assert told[f"direct {name}"] in REFUSED, name
    assert told["bypass"] == "HTTPError"
    assert private.heard == []


def test_proxy__redirects(world: Network, public: Server, private: Server) -> None:
    """A public host that sends to a private one is asked, and the private one is not."""
    public.redirect = f"http://127.0.0.1:{private.port}/"
    told = attack_in(
        Sandbox(world),
        ROUTES
        + """
attempt("urllib", lambda: plain(f"http://{host}/redirect"))
attempt("requests", lambda: requests.get(f"http://{host}/redirect").status_code)
attempt("httpx", lambda: httpx.get(f"http://{host}/redirect", follow_redirects=True).status_code)
""",
        host=HOST,
    )
    assert public.heard.count("GET /redirect") == 3
    assert told["urllib"] == "HTTPError"
    assert told["requests"] in {"403", "ConnectionError"}
    assert told["httpx"] == "403" or told["httpx"].endswith("Error")
    assert private.heard == []


def test_proxy__names_that_change(public: Server, private: Server) -> None:
    """A name that resolves to a private address, at once or later, leads nowhere."""
    answers = iter(["127.0.0.2"])
    network = Network(
        resolve=lambda host, _: ["127.0.0.1"] if host[0] == "i" else [next(answers, "127.0.0.1")],
        may_reach=lambda address: address == "127.0.0.2",
    )
    told = attack_in(
        Sandbox(network),
        ROUTES
        + """
attempt("inside", lambda: requests.get(f"http://inside.example:{private}/").status_code)
attempt("first", lambda: requests.get(f"http://rebind.example:{public}/").status_code)
attempt("second", lambda: requests.get(f"http://rebind.example:{private}/").status_code)
attempt("third", lambda: tunnel(f"rebind.example:{private}"))
""",
        private=private.port,
        public=public.port,
    )
    assert told["inside"] == told["second"] == "403"
    assert told["first"] == "200"
    assert " 403 " in told["third"]
    assert private.heard == []


def test_proxy__answers_are_counted(world: Network, public: Server) -> None:
    """After 20 MB of answers nothing comes through any more."""
    told = attack_in(
        Sandbox(world),
        ROUTES
        + """
def read(size):
    with urllib.request.urlopen(f"http://{host}/size/{size}", timeout=5) as answer:
        return sum(map(len, iter(lambda: answer.read(65536), b"")))
attempt("fine", lambda: read(1_000_000))
attempt("large", lambda: read(2_000_000_000))
attempt("after", lambda: read(10))
""",
        host=HOST,
    )
    assert told["fine"] == "1000000"
    assert 1_000_000 < int(told["large"]) <= ANSWER_BYTES
    assert told["after"] != "10"
    assert "GET /size/2000000000" in public.heard


def test_proxy__what_is_sent_is_counted(world: Network, public: Server) -> None:
    """Little can be carried away, by TLS neither."""
    told = attack_in(
        Sandbox(world),
        ROUTES
        + """
def upload():
    with socket.create_connection(("127.0.0.1", 3128), 5) as proxy:
        proxy.sendall(f"CONNECT {host}:443 HTTP/1.1\\r\\n\\r\\n".encode())
        assert b" 200 " in proxy.recv(99)
        proxy.sendall(b"POST / HTTP/1.1\\r\\nContent-Length: 99000000\\r\\n\\r\\n")
        for _ in range(9999): proxy.sendall(b"x" * 9999)
attempt("upload", upload)
""",
        host=HOST,
    )
    assert told["upload"] in {"BrokenPipeError", "ConnectionResetError"}
    assert "POST /" in public.heard
    assert public.received <= SENT_BYTES


def test_network__none(private: Server) -> None:
    """Without a network there is no proxy either."""
    told = attack_in(
        Sandbox(None),
        ROUTES + 'attempt("proxy", lambda: tunnel(f"127.0.0.1:{port}"))\n'
        'attempt("direct", lambda: plain(f"http://127.0.0.1:{port}/"))',
        port=private.port,
    )
    assert told == {"proxy": "ConnectionRefusedError", "direct": "URLError"}
    assert private.heard == []
