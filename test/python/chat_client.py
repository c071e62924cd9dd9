"""A client of the protocol chat.v1, written from src/protocol/README.md alone, with the standard library only.

It is single-threaded: nothing happens outside of `poll`, `wait` and `history`.
"""

import json
import random
import secrets
import time
import urllib.error
import urllib.request
from urllib.parse import quote, urlencode

from websocket import Closed, Rejected, WebSocket

PING = '{"type":"ping"}'
ANSWER_TIMEOUT = 15
MAX_FRAME_LINES = 1000
BACKOFF_FIRST, BACKOFF_MOST, STABLE_AFTER = 0.5, 20, 10


class Final(Exception):
    """The server closed the connection with a code after which a client does not reconnect."""

    def __init__(self, code):
        super().__init__(str(code))
        self.code = code


class ChatClient:
    """
    A client in one room.

    `messages` holds the known messages by seq, `log` the seqs of all events in the order in which they were
    applied. `results` has the result of each finished command by id: a seq (None for a rename) or an error line.
    """

    def __init__(self, origin, room, *, key=None, name=None, history=50, ping_every=25, pong_within=10):
        self.origin = origin.rstrip("/")
        self.room = room
        self.key = key or secrets.token_urlsafe(24)
        self.name = name
        self.ping_every = ping_every
        self.pong_within = pong_within
        self.user = None
        self.epoch = None
        self.position = None
        self.messages = {}
        self.log = []
        self.members = {}
        self.online = 0
        self.typing = []
        self.results = {}
        self.welcomes = []
        self.closes = []
        self.errors = []
        self.rate_limited = 0
        self._history = history
        self._limits = {"frame": 32768}
        self._socket = None
        self._joined_at = None
        self._opened_at = 0
        self._attempt = 0
        self._outbox = {}
        self._in_flight = set()
        self._one_at_a_time = False
        self._not_before = 0
        self._pages = {}
        self._pinged_at = None
        self._ping_due = 0
        self._connect_at = 0

    # Commands

    def submit(self, type, **fields):
        """Queues a command that is answered with `ok` or `error`. Returns its id."""
        id = secrets.token_hex(8)
        self._outbox[id] = {"type": type, "id": id, **fields}
        return id

    def send(self, text, **fields):
        return self.submit("send", text=text, **fields)

    def set_typing(self, on):
        self._write([{"type": "typing", "on": on}])

    def history(self, before, limit):
        """Loads the page of messages before a seq. Returns whether older ones exist."""
        while True:
            id = secrets.token_hex(8)
            self._pages[id] = None
            self._write([{"type": "history", "id": id, "before": before, "limit": limit}])
            self.wait(lambda: self._pages.get(id) is not None or self._joined_at is None)
            answer = self._pages.pop(id)
            if answer is not None and answer["type"] == "history":
                for event in answer["events"]:
                    self._keep(event)
                return answer["more"]
            if answer is not None and answer["code"] != "rate_limited":
                raise RuntimeError(answer["message"])
            time.sleep(answer.get("retryAfter", 1000) / 1000 if answer else 0.05)
            self.wait(lambda: self._joined_at is not None)

    # Running

    def wait(self, condition, timeout=20):
        """Runs the client until `condition()` is true."""
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError("the condition did not become true")
            self.poll(0.02)

    def finish(self, timeout=20):
        """Runs the client until every command has its result."""
        self.wait(lambda: not self._outbox, timeout)

    def poll(self, timeout):
        """Connects if needed, sends what is due, and handles at most one frame. Raises Final."""
        now = time.monotonic()
        try:
            if self._socket is None:
                if now < self._connect_at:
                    time.sleep(min(timeout, self._connect_at - now))
                    return
                self._connect()
            self._check_liveness(now)
            self._send_commands(now)
            frame = self._socket.receive(timeout)
            if frame is not None:
                self._pinged_at = None
                for line in frame.split("\n"):
                    if line.strip() and self._socket is not None:
                        self._handle(json.loads(line))
        except Closed as closed:
            self._lost(closed.code)
        except (OSError, Rejected):
            self._lost(1006)

    def cut(self):
        """Ends the TCP connection without a close frame, as a lost network does."""
        if self._socket is not None:
            self._socket.abort()
            self._lost(1006)

    def close(self):
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    # The connection

    def _connect(self):
        self._pinged_at = None
        self._opened_at = time.monotonic()
        url = f"{self.origin.replace('http', 'ws', 1)}/ws/{quote(self.room, safe='')}"
        self._socket = WebSocket(url, "chat.v1")
        hello = {"type": "hello", "key": self.key, "name": self.name, "history": self._history}
        if self.position is not None:
            hello["resume"] = {"epoch": self.epoch, "seq": self.position}
        # An absent optional field and null mean the same; this client leaves it out.
        self._socket.send(json.dumps({name: value for name, value in hello.items() if value is not None}))

    def _lost(self, code):
        now = time.monotonic()
        if self._joined_at is not None and now - self._joined_at >= STABLE_AFTER:
            self._attempt = 0
        if self._socket is not None:
            self._socket.abort()
        self._socket = None
        self._joined_at = None
        self._in_flight.clear()
        self.closes.append(code)
        if 4500 <= code <= 4999:
            raise Final(code)
        self._connect_at = now + random.random() * min(BACKOFF_MOST, BACKOFF_FIRST * 2**self._attempt)
        self._attempt += 1

    def _check_liveness(self, now):
        if self._joined_at is None:
            if now - self._opened_at > ANSWER_TIMEOUT:
                raise Closed(1006, "no welcome")
        elif self._pinged_at is not None:
            if now - self._pinged_at > self.pong_within:
                raise Closed(1006, "no answer to a ping")
        elif now >= self._ping_due:
            self._socket.send(PING)
            self._pinged_at = now
            self._ping_due = now + self.ping_every

    def _write(self, commands):
        try:
            self._socket.send("\n".join(json.dumps(command) for command in commands))
        except Closed as closed:
            self._lost(closed.code)

    def _send_commands(self, now):
        """Keeps one frame of commands in flight, so that the order is kept if the room rejects some of them."""
        if self._joined_at is None or self._in_flight or now < self._not_before:
            return
        batch, size = [], 0
        for command in self._outbox.values():
            size += len(json.dumps(command)) + 1
            if batch and (self._one_at_a_time or size > self._limits["frame"] or len(batch) == MAX_FRAME_LINES):
                break
            batch.append(command)
        if batch:
            self._in_flight = {command["id"] for command in batch}
            self._write(batch)

    # Lines

    def _handle(self, line):
        type = line.get("type")
        if type == "welcome":
            self._welcome(line)
        elif type == "ok":
            self._finished(line["id"], line.get("seq"))
        elif type == "error":
            self._error(line)
        elif type == "presence":
            self._presence(line)
        elif type == "typing":
            self.typing = line["users"]
        elif type == "history":
            self._pages[line["id"]] = line
        elif type != "pong" and "seq" in line:
            self._live(line)

    def _welcome(self, welcome):
        self.welcomes.append(welcome)
        self.user = welcome["you"]["user"]
        self.online = welcome["online"]
        self.members = {member["user"]: member["name"] for member in welcome["members"] or []}
        self._limits = welcome["limits"]
        before, events = self.position, welcome["events"]
        is_new_log = welcome["epoch"] != self.epoch or (before is not None and welcome["seq"] < before)
        if is_new_log and before is not None:
            self._forget_log()
            before = None
        self.epoch = welcome["epoch"]
        if welcome["resumed"]:
            for event in events:
                self._apply(event)
        else:
            if before is not None and welcome["seq"] > before:
                self._fill_gap(before, welcome["seq"])
            for event in events:
                self._keep(event)
        self.position = welcome["seq"]
        for event in events:
            if event.get("id") in self._outbox:
                self._finished(event["id"], event["seq"])
        self._joined_at = time.monotonic()
        self._ping_due = self._joined_at + self.ping_every

    def _forget_log(self):
        self.messages.clear()
        self.log.clear()
        self.position = None
        for id, command in list(self._outbox.items()):
            if command["type"] == "send":
                command.pop("reply", None)
            elif "target" in command:
                self._finished(id, {"type": "error", "id": id, "code": "not_found", "message": "the log is gone"})

    def _live(self, event):
        if self._joined_at is None or event["seq"] <= self.position:
            return
        if event["seq"] > self.position + 1:
            raise Closed(1006, "events are missing")
        self._apply(event)

    def _presence(self, line):
        self.online = line["online"]
        for member in line.get("join") or []:
            self.members[member["user"]] = member["name"]
        for user in line.get("leave") or []:
            self.members.pop(user, None)

    def _finished(self, id, result):
        if id in self._outbox:
            self.results[id] = result
            del self._outbox[id]
        self._in_flight.discard(id)
        if not self._outbox:
            self._one_at_a_time = False

    def _error(self, error):
        id = error.get("id")
        if id in self._pages:
            self._pages[id] = error
        elif id in self._outbox and error["code"] == "rate_limited":
            self.rate_limited += 1
            self._in_flight.discard(id)
            self._one_at_a_time = True
            self._not_before = time.monotonic() + error.get("retryAfter", 1000) / 1000
        elif id in self._outbox:
            self._finished(id, error)
        else:
            self.errors.append(error)

    # The log

    def _apply(self, event):
        """Applies the next event of the log. An unknown type only advances the position."""
        self.log.append(event["seq"])
        self.position = event["seq"]
        if event["type"] == "message":
            self._keep(event)
            return
        message = self.messages.get(event.get("target"))
        if message is None or message.get("deleted"):
            return
        if event["type"] == "edit":
            message.update(text=event["text"], edited=event["at"])
        elif event["type"] == "delete":
            message.update(text="", deleted=True)
            message.pop("reactions", None)
        elif event["type"] == "react":
            self._react(message, event)

    def _keep(self, event):
        if event["type"] == "message":
            self.messages[event["seq"]] = {name: value for name, value in event.items() if name != "id"}

    def _react(self, message, event):
        reactions = message.setdefault("reactions", {})
        users = [user for user in reactions.get(event["emoji"], []) if user != event["user"]]
        if event["on"]:
            if event["user"] in reactions.get(event["emoji"], []):
                return
            users.append(event["user"])
        if users:
            reactions[event["emoji"]] = users
        else:
            reactions.pop(event["emoji"], None)
        if not reactions:
            del message["reactions"]

    def _fill_gap(self, position, head):
        """Reads the events after `position` over HTTP; if they were pruned, drops what it knew from before."""
        while position < head:
            try:
                page = self.get(f"?{urlencode({'after': position, 'epoch': self.epoch, 'limit': 100})}")
            except urllib.error.HTTPError as error:
                if error.code == 429:
                    time.sleep(int(error.headers["Retry-After"]))
                    continue
                if error.code not in (409, 410):
                    raise
                self.messages.clear()
                self.log.clear()
                return
            for event in page["events"]:
                if event["seq"] <= head:
                    self._apply(event)
                position = event["seq"]
            if not page["events"]:
                return

    # HTTP

    def get(self, query=""):
        with urllib.request.urlopen(self._messages_url() + query, timeout=ANSWER_TIMEOUT) as answer:
            return json.load(answer)

    def post(self, body):
        """Posts a message over HTTP. Returns the status and the body of the answer."""
        request = urllib.request.Request(self._messages_url(), json.dumps(body).encode(), method="POST")
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_TIMEOUT) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def _messages_url(self):
        return f"{self.origin}/api/rooms/{quote(self.room, safe='')}/messages"
