"""What a page in real Chromium can reach: its own site and a trusted mirror, nothing private."""

import asyncio
import contextlib
import http.client
import io
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from builder.egress import Network
from builder.findings import Severity, Source
from builder.site import Site
from builder.verify.browser import Browser, flags, programs
from builder.verify.browser_worker.egress import Egress
from builder.verify.browser_worker.recorder import Recorder
from builder.verify.browser_worker.visit import visit
from builder.verify.hosting import Hosting
from builder.verify.page_report import PageCheck
from builder.verify.worker_protocol import Job, Kind, Observation, read_observations
from tests.counting_server import Exchange, counting, send

HEAD = '<!doctype html><html lang="en"><title>x</title><h1>x</h1>'
PUBLIC = "127.0.0.2"
"""Stands for the internet where a test needs one."""


@dataclass
class Canary:
    """A private server: whatever reaches it, by TCP or UDP on one port, is kept."""

    port: int
    udp: socket.socket
    heard: list[str]

    def datagrams(self) -> list[bytes]:
        """Return the datagrams that have come since the last call."""
        found = []
        with contextlib.suppress(BlockingIOError):
            while True:
                found.append(self.udp.recv(65_536))
        return found


Answers = dict[str, tuple[int, dict[str, str], bytes]]
"""By path."""


@contextlib.contextmanager
def serving(
    address: str, answers: Answers, heard: list[str], tls: ssl.SSLContext | None = None
) -> Iterator[int]:
    """Serve what is in `answers`; note the paths that are asked for, and connections."""

    def answer(exchange: Exchange) -> None:
        heard.append(exchange.path)
        send(exchange, *answers.get(exchange.path, (404, {}, b"")))

    with counting(address, answer, heard, tls) as port:
        yield port


@pytest.fixture
def canary() -> Iterator[Canary]:
    heard: list[str] = []
    with (
        serving("127.0.0.1", {}, heard) as port,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        udp.bind(("127.0.0.1", port))
        udp.setblocking(False)
        yield Canary(port, udp, heard)


ATTEMPTS = """
<img src="http://{host}/img"><link rel="preconnect" href="http://{host}">
<link rel="stylesheet" href="http://{host}/css"><iframe src="http://{host}/frame"></iframe>
<script src="http://{host}/script"></script>
<script>{{
const host = "{host}";
navigator.sendBeacon(`http://${{host}}/beacon`, "x");
new EventSource(`http://${{host}}/events`);
(window.done ??= []).push(Promise.allSettled([
  fetch(`http://${{host}}/fetch`), fetch(`http://${{host}}/opaque`, {{ mode: "no-cors" }}),
  fetch(`https://${{host}}/tls`),
  new Promise(settled => {{ new WebSocket(`ws://${{host}}/socket`).onclose = settled; }}),
  (async () => {{ const quic = new WebTransport(`https://${{host}}/quic`); await quic.ready; }})(),
  (async () => {{
    const peer = new RTCPeerConnection({{ iceServers: [
      {{ urls: `stun:${{host}}` }},
      {{ urls: `turn:${{host}}?transport=tcp`, username: "u", credential: "c" }},
    ] }});
    peer.createDataChannel("x");
    await peer.setLocalDescription();
    await new Promise(settled => {{
      peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && settled();
      setTimeout(settled, 1500);
    }});
  }})(),
]));
}}</script>"""
PRIVATE = ("127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]")  # noqa: S104


def test_fence__nothing_private_is_reached(canary: Canary) -> None:
    """By no means that a page has does anything arrive at a server of this machine."""
    attempts = (ATTEMPTS.format(host=f"{name}:{canary.port}") for name in PRIVATE)
    page = HEAD + "".join(attempts)
    check = PageCheck("(await Promise.all(done)).flat().length === 4 * 6", Source.CHECK)
    report = Browser(programs(), budget=20).look(Site({"index.html": page.encode()}), "a", [check])
    assert report.passed == 1, report.findings
    assert canary.heard == []
    assert canary.datagrams() == []
    told = {found.subject for found in report.findings if found.expected == "a public address"}
    assert len(told) == len(PRIVATE), told
    _reaches_itself(canary)


def _reaches_itself(canary: Canary) -> None:
    """Show that the canary hears what does arrive."""
    connection = http.client.HTTPConnection("127.0.0.1", canary.port)
    connection.request("GET", "/here")
    connection.getresponse().read()
    connection.close()
    assert canary.heard == ["tcp", "/here"]
    canary.udp.sendto(b"here", ("127.0.0.1", canary.port))
    assert canary.datagrams() == [b"here"]


def test_fence__public_server_that_leads_to_a_private_one(canary: Canary, tmp_path: Path) -> None:
    """A redirect from a public server is followed no further than to public addresses."""
    private = f"https://127.0.0.1:{canary.port}/secret"
    cors = {"Access-Control-Allow-Origin": "*"}
    heard: list[str] = []
    answers = {
        "/open": (200, cors, b"open"),
        "/redirect": (302, cors | {"Location": private}, b""),
    }
    network = Network(lambda host, _: [host.replace("cdn.example", PUBLIC)], PUBLIC.__eq__)
    with serving(PUBLIC, answers, heard, certificate(tmp_path)) as port:
        url = f"https://cdn.example:{port}"
        html = HEAD + f"<img src='{url}/redirect'><iframe src='{url}/redirect'></iframe>"
        checks = [
            f"await fetch('{url}/open').then(reply => reply.text()) === 'open'",
            f"await fetch('{url}/redirect').then(() => false, () => true)",
        ]
        observations = _visit(tmp_path, html, checks, network)
    passed = [seen["passed"] for seen in observations if seen["kind"] == Kind.CHECK]
    assert passed == [True, True]
    assert heard.count("/redirect") >= 3
    assert canary.heard == []


def certificate(folder: Path) -> ssl.SSLContext:
    """Return a server's context with a certificate of its own."""
    key, chain = folder / "key.pem", folder / "chain.pem"
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=cdn.example -keyout {key}"
    subprocess.run([*command.split(), "-out", chain], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return context


def _visit(folder: Path, html: str, checks: list[str], network: Network) -> list[Observation]:
    """Visit a page in this process, with a network of the test's."""
    stream = io.StringIO()
    there = {name: path for name, path in programs().items() if path is not None}
    job = Job(
        folder=str(folder),
        name="a",
        page="",
        checks=checks,
        programs=there,
        flags=[*flags(), "--ignore-certificate-errors"],
        seconds=20,
        launch_seconds=9,
        check_seconds=2,
        patience=2,
    )
    proxy = Egress(Hosting("a", {"index.html": html.encode()}), lambda _: None, network)

    async def given() -> Job:
        return job

    with proxy.running():
        asyncio.run(visit(job, given, proxy, Recorder(stream)))
    return read_observations(stream.getvalue())


def test_mirror__is_asked_first() -> None:
    """What the mirror has comes from it; what it has not is looked for on the internet."""
    script = b"window.lib = 'from the mirror';"
    heard: list[str] = []
    library = "/cdn/https://cdn.invalid/lib.js"
    answers: Answers = {library: (200, {"Content-Type": "text/javascript"}, script)}
    html = (
        f"{HEAD}<script crossorigin src='https://cdn.invalid/lib.js'></script>"
        "<script src='https://cdn.invalid/other.js'></script>"
    )
    check = PageCheck("window.lib === 'from the mirror'", Source.CHECK)
    with serving("127.0.0.1", answers, heard) as port:
        browser = Browser(programs(), cdn_mirror=f"http://127.0.0.1:{port}/cdn")
        report = browser.look(Site({"index.html": html.encode()}), "a", [check])
    assert report.passed == 1
    assert {library, "/cdn/https://cdn.invalid/other.js"} <= set(heard)
    warnings = [found.subject for found in report.findings if found.severity is Severity.WARNING]
    assert "https://cdn.invalid/other.js" in warnings
