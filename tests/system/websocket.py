"""A WebSocket to the server, with as much of the protocol as the tests and benchmarks need."""

import json
import socket
import struct
import urllib.parse

from harness import Failed, check

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Closed(Exception):
    """The server closed the WebSocket, with this code and reason."""

    def __init__(self, code, reason):
        super().__init__(f"closed with {code}: {reason}")
        self.code, self.reason = code, reason


class Refused(Failed):
    """The server answered the handshake with something else than 101."""

    def __init__(self, path, status, headers, body):
        super().__init__(f"{path} was answered {status}: {body[:500]}")
        self.status, self.headers, self.body = status, headers, body


class WebSocket:
    def __init__(self, api, path, timeout=60):
        address = urllib.parse.urlsplit(api.url)
        self.line = socket.create_connection((address.hostname, address.port), timeout=timeout)
        self.stream = self.line.makefile("rb")
        self.line.sendall((f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                           f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                           f"Coder-Session-Token: {api.token}\r\n\r\n").encode())
        status = int(self.stream.readline().split()[1])
        headers = {}
        while line := self.stream.readline().strip().decode():
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
        if status != 101:
            body = self.stream.read(int(headers.get("content-length", 0))).decode(errors="replace")
            self.drop()
            raise Refused(path, status, headers, body)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.drop()

    def drop(self):
        self.stream.close()
        self.line.close()

    def send(self, message, kind=TEXT):
        """A text, bytes, or a value as JSON. The mask is zero, so it changes nothing."""
        data = message if isinstance(message, bytes) else (message if isinstance(message, str) else json.dumps(message)).encode()
        if len(data) < 126:
            size = bytes([0x80 | len(data)])
        else:
            size = struct.pack("!BH", 0xFE, len(data)) if len(data) < 65536 else struct.pack("!BQ", 0xFF, len(data))
        self.line.sendall(bytes([0x80 | kind]) + size + b"\0\0\0\0" + data)

    def receive(self):
        """The next message as text; pings are answered."""
        text = b""
        while True:
            head = self.stream.read(2)
            check(len(head) == 2, "the WebSocket was cut off")
            last, kind, size = head[0] & 0x80, head[0] & 15, head[1] & 127
            if size >= 126:
                size, = struct.unpack("!H" if size == 126 else "!Q", self.stream.read(2 if size == 126 else 8))
            payload = self.stream.read(size)
            if kind == PING:
                self.send(payload, PONG)
            elif kind == CLOSE:
                code = struct.unpack("!H", payload[:2])[0] if payload else 1005
                raise Closed(code, payload[2:].decode(errors="replace"))
            elif kind != PONG:
                text += payload
                if last:
                    return text.decode()
