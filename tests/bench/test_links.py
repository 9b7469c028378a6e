import io
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from rich.console import Console

from bench.links import check_links, status


class Handler(BaseHTTPRequestHandler):
    seen: ClassVar = []

    def do_HEAD(self):
        self.seen.append(("HEAD", self.path, self.headers["User-Agent"]))
        self.send_response({"/gone": 404, "/no-head": 405}.get(self.path, 200))
        self.end_headers()

    def do_GET(self):
        self.seen.append(("GET", self.path, self.headers["User-Agent"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_status(server):
    assert status(f"{server}/here") == "200"
    assert status(f"{server}/gone") == "404"
    assert status(f"{server}/no-head") == "200"
    assert ("GET", "/no-head") in [(method, path) for method, path, _ in Handler.seen]
    assert all(agent.startswith("counterclaim-link-check/") for _, _, agent in Handler.seen)
    assert "refused" in status("http://127.0.0.1:9/closed", timeout=2)
    assert status("file:///etc/hostname") == "not http(s)"


def test_check_links(server):
    out = io.StringIO()
    urls = [f"{server}/here", f"{server}/gone", f"{server}/here"]
    assert check_links(urls, Console(file=out, width=200), pause=0) == 1
    assert out.getvalue().splitlines() == [
        f"404: {server}/gone",
        "1 of 2 addresses of 1 hosts do not answer with 200",
    ]
    assert check_links([f"{server}/here"], Console(file=io.StringIO()), pause=0) == 0
