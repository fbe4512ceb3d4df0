"""Runs a client by lines: one request a line comes in, one answer a line goes out, until the input ends.

A request is {"operation", "input", "recent", "until"}, an answer {"output"} or {"refused": {"type", "message", "status"}}.
Blobs travel as {"$base64": text} and timestamps as {"$milliseconds": number}, since JSON has neither.
"""

import base64
import datetime
import json
import sys


def to_client(value):
    """The request's values as a Python client takes them."""
    if isinstance(value, dict):
        if "$base64" in value:
            return base64.b64decode(value["$base64"], validate=True)
        if "$milliseconds" in value:
            return datetime.datetime.fromtimestamp(value["$milliseconds"] / 1000, datetime.timezone.utc)
        return {name: to_client(member) for name, member in value.items()}
    if isinstance(value, list):
        return [to_client(item) for item in value]
    return value


def from_client(value):
    """The answer's values as the tour compares them."""
    if isinstance(value, bytes):
        return {"$base64": base64.b64encode(value).decode("ascii")}
    if isinstance(value, datetime.datetime):
        return {"$milliseconds": round(value.timestamp() * 1000)}
    if isinstance(value, dict):
        return {name: from_client(member) for name, member in value.items()}
    if isinstance(value, list):
        return [from_client(item) for item in value]
    return value


def serve(call):
    """Answers requests by `call(operation, input, recent, until)`, which returns an answer with the client's values in it."""
    for line in sys.stdin:
        request = json.loads(line)
        answer = call(request["operation"], to_client(request["input"]), request["recent"], to_client(request["until"]))
        print(json.dumps(from_client(answer)), flush=True)


def refused(kind, message, status):
    return {"refused": {"type": kind, "message": message, "status": status}}
