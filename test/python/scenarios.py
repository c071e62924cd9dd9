"""Runs one scenario against a service: `python3 scenarios.py NAME ORIGIN`. Prints nothing if it passes."""

import json
import secrets
import sys
import time

from chat_client import ChatClient, Final
from websocket import WebSocket

THUMBS_UP = "\N{THUMBS UP SIGN}"


def new_room():
    return f"python-{secrets.token_hex(6)}"


def joined(origin, room, **options):
    client = ChatClient(origin, room, **options)
    client.wait(lambda: client.user is not None)
    return client


def done(client, *ids):
    """Returns the seqs of finished commands; fails on an error."""
    client.finish()
    results = [client.results[id] for id in ids]
    assert all(not isinstance(result, dict) for result in results), results
    return results


def texts(client):
    return [client.messages[seq]["text"] for seq in sorted(client.messages)]


def same_as_log(client):
    """The client's messages are those that the room returns over HTTP."""
    page = client.get("?limit=100")
    expected = {event["seq"]: event for event in page["events"]}
    actual = {seq: message for seq, message in client.messages.items() if seq in expected}
    assert actual == expected, (actual, expected)


def conversation(origin):
    room = new_room()
    ann = joined(origin, room, name="Ann")
    bob = joined(origin, room, name="Bob")
    assert ann.user != bob.user
    ann.wait(lambda: ann.members.get(bob.user) == "Bob")
    first, second = done(ann, ann.send("one\ntwo \u00e9\N{GRINNING FACE}"), ann.send("second"))
    bob.wait(lambda: bob.position == second)
    assert bob.messages[first]["text"] == "one\ntwo \u00e9\N{GRINNING FACE}"
    assert bob.messages[first]["user"] == ann.user
    reply, reaction = done(bob, bob.send("an answer", reply=first), bob.submit("react", target=first, emoji=THUMBS_UP, on=True))
    edit, deletion = done(ann, ann.submit("edit", target=first, text="edited"), ann.submit("delete", target=second))
    assert [first, second, reply, reaction, edit, deletion] == [1, 2, 3, 4, 5, 6]
    for client in (ann, bob):
        client.wait(lambda: client.position == deletion)
        assert client.log == [1, 2, 3, 4, 5, 6]
        assert client.messages[first]["text"] == "edited"
        assert client.messages[first]["reactions"] == {THUMBS_UP: [bob.user]}
        assert client.messages[second]["deleted"] is True and client.messages[second]["text"] == ""
        assert client.messages[reply]["reply"] == first
        same_as_log(client)
    refused = bob.submit("edit", target=first, text="not mine")
    bob.finish()
    assert bob.results[refused]["code"] == "forbidden"
    bob.set_typing(True)
    ann.wait(lambda: bob.user in ann.typing)
    assert done(bob, bob.submit("rename", name="Robert")) == [None]
    ann.wait(lambda: ann.members.get(bob.user) == "Robert")
    bob.close()
    ann.wait(lambda: bob.user not in ann.members)
    assert ann.online == 1


def identity(origin):
    room = new_room()
    ann = joined(origin, room, name="Ann")
    done(ann, ann.send("hello"))
    again = joined(origin, room, key=ann.key)
    assert again.user == ann.user and again.members[ann.user] == "Ann"
    assert again.welcomes[0]["events"][0]["user"] == ann.user
    assert joined(origin, new_room(), key=ann.key).user != ann.user


def resume_after_a_cut(origin):
    room = new_room()
    ann = joined(origin, room, name="Ann")
    bob = joined(origin, room, name="Bob")
    (first,) = done(ann, ann.send("before"))
    bob.wait(lambda: bob.position == first)
    for round in range(3):
        bob.cut()
        done(ann, ann.send(f"missed {round}"), ann.submit("react", target=first, emoji=THUMBS_UP, on=round % 2 == 0))
        # The answer to this one is lost: whether the room stored it is known after the next welcome.
        sent = ann.send(f"unanswered {round}")
        ann.poll(0)
        ann.cut()
        (seq,) = done(ann, sent)
        bob.wait(lambda: bob.position == seq)
    assert all(welcome["resumed"] for welcome in bob.welcomes[1:] + ann.welcomes[1:])
    for client in (ann, bob):
        client.wait(lambda: client.position == 10)
        assert client.log == list(range(1, 11))
        same_as_log(client)
    assert texts(bob) == ["before"] + [f"{what} {round}" for round in range(3) for what in ("missed", "unanswered")]


def history_paging(origin):
    room = new_room()
    ann = joined(origin, room)
    ids = [ann.send(f"message {n}") for n in range(1, 131)]
    done(ann, *ids)
    late = joined(origin, room, history=10)
    assert late.welcomes[0]["more"] is True and sorted(late.messages) == list(range(121, 131))
    pages, more = 0, True
    while more:
        more = late.history(min(late.messages), 50)
        pages += 1
    assert pages == 3
    assert texts(late) == [f"message {n}" for n in range(1, 131)]


def rate_limit(origin):
    """The service allows a burst of 100: the rest of 150 commands is rejected, waits, and keeps its order."""
    ann = joined(origin, new_room())
    done(ann, *[ann.send(str(n)) for n in range(150)])
    assert ann.rate_limited > 0
    assert ann.closes == []
    assert texts(ann) == [str(n) for n in range(150)]


def gap(origin):
    """More than 2 Mi of JSON is not resumed: the client fills the gap over HTTP and continues."""
    room = new_room()
    bob = joined(origin, room, history=5)
    ann = joined(origin, room)
    (first,) = done(ann, ann.send("before"))
    bob.wait(lambda: bob.position == first)
    bob.cut()
    text = "x" * 8000
    done(ann, *[ann.send(f"{n} {text}") for n in range(280)])
    (edit,) = done(ann, ann.submit("edit", target=first, text="changed in the gap"))
    bob.wait(lambda: bob.position == edit)
    assert bob.welcomes[-1]["resumed"] is False
    assert bob.log == list(range(1, edit + 1))
    assert bob.messages[first]["text"] == "changed in the gap"
    (last,) = done(ann, ann.send("after"))
    bob.wait(lambda: bob.position == last)
    same_as_log(bob)


def pruned_gap(origin):
    """The service keeps 20 messages: the events of the gap are gone, what is kept is loaded as history."""
    room = new_room()
    bob = joined(origin, room, history=5)
    ann = joined(origin, room)
    done(ann, *[ann.send(str(n)) for n in range(10)])
    bob.wait(lambda: bob.position == 10)
    bob.cut()
    done(ann, *[ann.send(str(n)) for n in range(10, 90)])
    bob.wait(lambda: bob.position == 90)
    assert bob.welcomes[-1]["resumed"] is False
    assert texts(bob) == [str(n) for n in range(85, 90)]
    while bob.history(min(bob.messages), 7):
        pass
    kept = sorted(bob.messages)
    assert kept == list(range(kept[0], 91)) and len(kept) >= 20
    same_as_log(bob)


def http(origin):
    client = joined(origin, new_room())
    body = {"text": "posted", "id": "post-1", "key": client.key}
    assert client.post(body) == (201, {"seq": 1, "user": client.user})
    assert client.post(body) == (200, {"seq": 1, "user": client.user})
    status, answer = client.post({**body, "text": "other"})
    assert (status, answer["error"]["code"]) == (409, "conflict")
    status, answer = client.post({"text": "no key", "id": "post-2"})
    assert (status, answer["error"]["code"]) == (400, "bad_request")
    # An optional field that is null counts as absent, over HTTP and in a socket.
    assert client.post({"text": "null fields", "name": None, "key": None})[0] == 201
    (seq,) = done(client, client.send("null reply", reply=None))
    client.wait(lambda: client.position == seq)
    assert texts(client) == ["posted", "null fields", "null reply"]


def ping(origin):
    """A ping keeps an idle connection: it is answered, so the client does not give the connection up."""
    ann = joined(origin, new_room(), ping_every=0.1, pong_within=5)
    until = time.monotonic() + 1
    ann.wait(lambda: time.monotonic() > until)
    assert ann.closes == [] and ann.errors == []


def owned_room(origin, room, **options):
    """
    Claims a room and returns its owner. Only this `hello` has fields that the client does not know: roles belong to
    the user id, so the client joins with the same key.
    """
    key = secrets.token_urlsafe(24)
    socket = WebSocket(f"{origin.rstrip('/').replace('http', 'ws', 1)}/ws/{room}", "chat.v1")
    socket.send(json.dumps({"type": "hello", "key": key, "owner": secrets.token_urlsafe(32), "claim": {"title": "Python"}}))
    lines = [json.loads(line) for line in (socket.receive(20) or "").split("\n")]
    assert lines[0]["type"] == "welcome" and lines[0]["role"] == "owner", lines
    socket.close()
    return joined(origin, room, key=key, **options)


def rooms_with_owners(origin):
    """A client that knows nothing of owners has every message once and in order, whatever they do."""
    room = new_room()
    ann = owned_room(origin, room, name="Ann")
    mod = joined(origin, room, name="Max")
    bob = joined(origin, room, name="Bob")
    first = bob.position
    # Notices and `state` lines between messages.
    done(ann, ann.submit("role", member=mod.user, role="moderator"), ann.send("one"), ann.submit("settings", topic="Tests"))
    (own,) = done(bob, bob.send("two"))
    done(mod, mod.submit("mute", member=bob.user, reason="a test"))
    muted = bob.send("not sent")
    bob.finish()
    assert bob.results[muted]["code"] == "forbidden"
    done(mod, mod.submit("mute", member=bob.user, duration=0), mod.submit("pin", target=own, on=True))
    done(bob, bob.send("three"))
    (deletion,) = done(mod, mod.submit("delete", target=own))
    bob.wait(lambda: bob.position == deletion)
    assert bob.messages[own]["text"] == "" and bob.messages[own]["deleted"] is True
    # The same while the client is away.
    bob.cut()
    done(ann, ann.submit("settings", title="New"), ann.send("four"), ann.submit("settings", readOnly=True))
    (last,) = done(ann, ann.submit("settings", readOnly=False))
    sent = bob.send("five")
    (head,) = done(bob, sent)
    bob.wait(lambda: bob.position == head)
    assert head == last + 1 and bob.welcomes[-1]["resumed"] is True
    assert bob.log == list(range(first + 1, head + 1))
    assert texts(bob) == ["one", "", "three", "four", "five"]
    # A client that comes later sees the same messages. It pages by its lowest message, so each page must have one.
    late = joined(origin, room, history=2)
    while late.history(min(late.messages, default=late.position + 1), 4):
        pass
    assert texts(late) == texts(bob)
    # A wipe while one client is connected, and one is away and has written a message.
    late.cut()
    offline = late.send("written before the wipe")
    done(ann, ann.submit("wipe"))
    bob.wait(lambda: len(bob.welcomes) == 3)
    ann.wait(lambda: ann.closes == [4012] and len(ann.welcomes) == 2)
    assert bob.closes == [1006, 4012] and bob.epoch != bob.welcomes[1]["epoch"]
    assert texts(bob) == []
    (arrived,) = done(late, offline)
    (after,) = done(ann, ann.send("after the wipe"))
    assert arrived < after
    for client in (ann, bob, late):
        client.wait(lambda: client.position == after)
        assert texts(client) == ["written before the wipe", "after the wipe"]
        assert client.errors == []
    assert bob.log == list(range(bob.welcomes[2]["seq"] + 1, after + 1))


def dead_connection(origin):
    """The server answers hello and nothing else."""
    ann = joined(origin, "silent", ping_every=0.1, pong_within=0.2)
    ann.wait(lambda: len(ann.welcomes) == 2)
    assert ann.closes == [1006]


def newer_server(origin):
    """The server uses event types, fields and codes that this version does not know."""
    ann = joined(origin, "newer")
    assert sorted(ann.messages) == [11, 13] and ann.position == 13
    refused = ann.send("first")
    ann.finish()
    ann.wait(lambda: ann.position == 16)
    assert sorted(ann.messages) == [11, 13, 16]
    assert ann.results[refused]["code"] == "from_the_future"
    assert ann.history(11, 10) is False
    assert sorted(ann.messages) == [10, 11, 13, 16]
    # The server closes with 4321, then resumes with an unknown event, and accepts the command.
    (seq,) = done(ann, ann.send("second"))
    ann.wait(lambda: ann.position == seq)
    assert ann.closes == [4321] and ann.welcomes[1]["resumed"] is True
    assert sorted(ann.messages) == [10, 11, 13, 16, 18, 19]
    try:
        ann.send("third")
        ann.finish()
    except Final as final:
        assert final.code == 4876
    else:
        raise AssertionError("the client reconnected after 4876")


SCENARIOS = {
    scenario.__name__.replace("_", "-"): scenario
    for scenario in (
        conversation,
        identity,
        resume_after_a_cut,
        history_paging,
        rate_limit,
        gap,
        pruned_gap,
        http,
        ping,
        rooms_with_owners,
        dead_connection,
        newer_server,
    )
}

if __name__ == "__main__":
    SCENARIOS[sys.argv[1]](sys.argv[2])
