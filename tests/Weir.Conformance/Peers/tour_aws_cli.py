"""The AWS command line on the tour: `tour_aws_cli.py ENDPOINT`. Every call is one run of the `aws` program."""

import base64
import datetime
import json
import sys
import tempfile

import tour_lines
from aws_cli_peer import ERROR, AwsCommandLine, command_of


def to_file(value):
    """What a JSON file for the command line cannot hold: blobs are base64, timestamps seconds."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    raise TypeError(type(value))


def typed(name, value):
    """The command line prints blobs as base64 and timestamps in ISO 8601; the members' names tell which they are."""
    if isinstance(value, dict):
        return {member: typed(member, inner) for member, inner in value.items()}
    if isinstance(value, list):
        return [typed(name, item) for item in value]
    if name == "Data":
        return base64.b64decode(value, validate=True)
    if name.endswith("Timestamp"):
        return datetime.datetime.fromisoformat(value)
    return value


def main(endpoint):
    aws = AwsCommandLine(endpoint)

    def call(operation, members, recent, until):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(members, file, default=to_file)
            file.flush()
            done = aws.run(command_of(operation), "--no-paginate", "--cli-input-json", f"file://{file.name}")
        if done.returncode == 0:
            return {"output": typed("", json.loads(done.stdout)) if done.stdout.strip() else {}}
        error = ERROR.search(done.stderr)
        if not error:
            sys.exit(f"{operation}: exit code {done.returncode}: {done.stderr}")
        return tour_lines.refused(error[1], error[3].rstrip("\n"), 400)

    tour_lines.serve(call)


if __name__ == "__main__":
    main(*sys.argv[1:])
