"""A minimal WebSocket client (RFC 6455) over a blocking socket: text messages, pings, the close handshake."""

import base64
import hashlib
import os
import socket
import ssl
import struct
import time
from urllib.parse import urlsplit

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _BINARY, _CLOSE, _PING, _PONG = 1, 2, 8, 9, 10
_NO_CODE, _LOST = 1005, 1006


class Closed(Exception):
    """The connection ended. `code` is 1006 if there was no close frame."""

    def __init__(self, code, reason=""):
        super().__init__(f"{code} {reason}".strip())
        self.code = code
        self.reason = reason


class Rejected(Exception):
    """The server answered the handshake with an HTTP status other than 101."""

    def __init__(self, status, body):
        super().__init__(f"{status} {body}".strip())
        self.status = status


class WebSocket:
    def __init__(self, url, subprotocol=None, timeout=15):
        parts = urlsplit(url)
        secure = parts.scheme == "wss"
        port = parts.port or (443 if secure else 80)
        self._socket = socket.create_connection((parts.hostname, port), timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if secure:
            context = ssl.create_default_context()
            self._socket = context.wrap_socket(self._socket, server_hostname=parts.hostname)
        self._buffer = b""
        self._message = b""
        try:
            self._handshake(parts, subprotocol, time.monotonic() + timeout)
        except BaseException:
            self.abort()
            raise

    def send(self, text):
        self._send_frame(_TEXT, text.encode())

    def receive(self, timeout):
        """Returns the next text message, or None after `timeout` seconds. Raises Closed."""
        deadline = time.monotonic() + timeout
        while True:
            frame = self._read_frame(deadline)
            if frame is None:
                return None
            final, opcode, payload = frame
            if opcode == _PING:
                self._send_frame(_PONG, payload)
            elif opcode == _CLOSE:
                self._closed_by_server(payload)
            elif opcode != _PONG:
                self._message += payload
                if final:
                    message, self._message = self._message, b""
                    return message.decode()

    def close(self, code=1000):
        try:
            self._send_frame(_CLOSE, struct.pack("!H", code))
        except Closed:
            pass
        self.abort()

    def abort(self):
        """Ends the TCP connection without a close frame."""
        self._socket.close()

    def _closed_by_server(self, payload):
        code = struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else _NO_CODE
        try:
            self._send_frame(_CLOSE, payload[:2])
        except Closed:
            pass
        self.abort()
        raise Closed(code, payload[2:].decode(errors="replace"))

    def _handshake(self, parts, subprotocol, deadline):
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {parts.path or '/'}{'?' + parts.query if parts.query else ''} HTTP/1.1",
            f"Host: {parts.netloc}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
        ]
        if subprotocol is not None:
            lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in self._buffer:
            if not self._fill(deadline):
                raise Closed(_LOST, "no answer to the handshake")
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        status_line, *header_lines = head.decode("latin-1").split("\r\n")
        status = int(status_line.split(" ")[1])
        if status != 101:
            raise Rejected(status, self._buffer.decode(errors="replace"))
        headers = {}
        for line in header_lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        expected = base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest()).decode()
        if headers.get("sec-websocket-accept") != expected:
            raise Rejected(status, "wrong Sec-WebSocket-Accept")
        if headers.get("sec-websocket-protocol") != subprotocol:
            raise Rejected(status, "wrong Sec-WebSocket-Protocol")

    def _send_frame(self, opcode, payload):
        length = len(payload)
        if length < 126:
            head = struct.pack("!BB", 0x80 | opcode, 0x80 | length)
        elif length < 65536:
            head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, length)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, length)
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        try:
            self._socket.settimeout(15)
            self._socket.sendall(head + mask + masked)
        except OSError as error:
            raise Closed(_LOST, str(error)) from error

    def _read_frame(self, deadline):
        """Returns (final, opcode, payload), or None at the deadline; a partial frame stays in the buffer."""
        while True:
            frame = self._parse_frame()
            if frame is not None:
                return frame
            if not self._fill(deadline):
                return None

    def _parse_frame(self):
        if len(self._buffer) < 2:
            return None
        first, second = self._buffer[0], self._buffer[1]
        length, start = second & 0x7F, 2
        if length == 126:
            if len(self._buffer) < 4:
                return None
            length, start = struct.unpack("!H", self._buffer[2:4])[0], 4
        elif length == 127:
            if len(self._buffer) < 10:
                return None
            length, start = struct.unpack("!Q", self._buffer[2:10])[0], 10
        if len(self._buffer) < start + length:
            return None
        payload = self._buffer[start : start + length]
        self._buffer = self._buffer[start + length :]
        return bool(first & 0x80), first & 0x0F, payload

    def _fill(self, deadline):
        """Reads more bytes. Returns False at the deadline."""
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return False
        try:
            self._socket.settimeout(remaining)
            data = self._socket.recv(65536)
        except socket.timeout:
            return False
        except OSError as error:
            raise Closed(_LOST, str(error)) from error
        if not data:
            raise Closed(_LOST, "the connection ended")
        self._buffer += data
        return True
