"""A server on this machine that speaks /v1/chat/completions, and errs where it is told to."""

import contextlib
import json
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GOOD = '{"label": "contradiction", "confidence": 0.9}'


class Stub(ThreadingHTTPServer):
    """Answers `GOOD` to every question but where `faults` hold others.

    `faults` are actions by a part of the user's first message; each is taken once, in order. An action is a text that the
    model says, or a function of the handler. `gate`, where set, is waited for before each response.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/v1"
        self.faults, self.bodies, self.headers = {}, [], []
        self.lock, self.closing, self.gate = threading.Lock(), threading.Event(), None
        self.under_way = self.most = 0
        self.usage = {"prompt_tokens": 400, "completion_tokens": 10, "total_tokens": 410}

    @property
    def asked(self):
        """The user's first message of every request."""
        return [body["messages"][1]["content"] for body in self.bodies]

    def handle_error(self, request, client_address):
        """Clients of these tests go away in mid-response."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        stub = self.server
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with stub.lock:
            stub.bodies.append(body)
            stub.headers.append(self.headers)
            stub.under_way += 1
            stub.most = max(stub.most, stub.under_way)
            queue = next((q for part, q in stub.faults.items() if part in stub.asked[-1] and q), None)
            action = queue.pop(0) if queue else GOOD
        try:
            if stub.gate:
                stub.gate(self)
        finally:
            with stub.lock:
                stub.under_way -= 1
        if callable(action):
            action(self)
        else:
            self.say(action)

    def say(self, content, finish_reason="stop", refusal=None):
        message = {"role": "assistant", "content": content, "refusal": refusal}
        self.send_json(
            {
                "id": "x",
                "object": "chat.completion",
                "created": 0,
                "model": "stub-2024",
                "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
                "usage": self.server.usage,
            }
        )

    def send_json(self, value, status=200, headers=()):
        self.send_bytes(json.dumps(value).encode(), status, headers)

    def send_bytes(self, content, status=200, headers=()):
        self.send_response(status)
        for name, text in (("Content-Type", "application/json"), *headers):
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def status(number, message="no", headers=(), **fields):
    return lambda handler: handler.send_json({"error": {"message": message, **fields}}, number, headers)


def refuse(handler):
    handler.say(None, refusal="I cannot help with that.")


def reset(handler):
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.close()


def hang(handler):
    handler.server.closing.wait(30)
    handler.close_connection = True


@contextlib.contextmanager
def running():
    stub = Stub()
    thread = threading.Thread(target=stub.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stub
    finally:
        stub.closing.set()
        stub.shutdown()
        thread.join()
        stub.server_close()
