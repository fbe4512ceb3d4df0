"""The AWS command line as a peer: `aws_cli_peer.py SCENARIO ENDPOINT`. Every call is one run of the `aws` program."""

import base64
import datetime
import json
import re
import subprocess
import sys
import tempfile

import scenarios
import steps

AWS = "/usr/bin/aws"
ERROR = re.compile(r"An error occurred \((\w+)\) when calling the (\w+) operation(?: \(reached max retries: \d+\))?: (.*)", re.DOTALL)


def command_of(operation):
    """PutRecord -> put-record"""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", operation).lower()


def to_json(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(type(value))


def blobs_decoded(output):
    for record in output.get("Records", []):
        if "Data" in record:
            record["Data"] = base64.b64decode(record["Data"], validate=True)
    return output


class AwsCommandLine:
    dear = True

    def __init__(self, endpoint):
        self._endpoint = endpoint

    def run(self, *arguments):
        return subprocess.run(
            [AWS, "kinesis", *arguments, "--endpoint-url", self._endpoint, "--output", "json"],
            capture_output=True, text=True, check=False, timeout=300)

    def _call(self, operation, members):
        # Input from a file: records of a megabyte do not fit on a command line.
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(members, file, default=to_json)
            file.flush()
            return self.run(command_of(operation), "--no-paginate", "--cli-input-json", f"file://{file.name}")

    def call(self, operation, **members):
        for _ in range(20):
            done = self._call(operation, members)
            if done.returncode == 0:
                return blobs_decoded(json.loads(done.stdout)) if done.stdout.strip() else {}
            if "(ProvisionedThroughputExceededException)" not in done.stderr:
                raise steps.Difference(f"{operation}: exit code {done.returncode}: {done.stderr}")
        raise steps.Difference(f"{operation} was throttled for ever")

    def refused(self, kind, operation, **members):
        done = self._call(operation, members)
        steps.expect(f"{operation}: exit code of a refusal", 254, done.returncode)
        error = ERROR.search(done.stderr)
        steps.expect_true(f"{operation}: an error of the service", error, done.stderr)
        steps.expect(f"{operation}: error code", kind, error[1])
        return error[3].rstrip("\n")

    def _plain(self, *arguments):
        done = self.run(*arguments)
        steps.expect_true(f"aws kinesis {' '.join(arguments)}", done.returncode == 0, done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def wait_until_exists(self, name):
        self._plain("wait", "stream-exists", "--stream-name", name)

    def wait_until_gone(self, name):
        self._plain("wait", "stream-not-exists", "--stream-name", name)

    def list_streams(self, page_size):
        return self._plain("list-streams", "--page-size", str(page_size))["StreamNames"]

    def list_shards(self, stream, page_size):
        # The command's pager sends the stream's name along with the token, which the service refuses; so by hand.
        page = self._plain("list-shards", "--no-paginate", "--stream-name", stream, "--max-results", str(page_size))
        shards = page["Shards"]
        while "NextToken" in page:
            page = self._plain("list-shards", "--no-paginate", "--next-token", page["NextToken"], "--max-results", str(page_size))
            shards += page["Shards"]
        return [shard["ShardId"] for shard in shards]

    @staticmethod
    def seconds(timestamp):
        return datetime.datetime.fromisoformat(timestamp).timestamp()


if __name__ == "__main__":
    steps.saw(subprocess.run([AWS, "--version"], capture_output=True, text=True, check=True).stdout.strip())
    sys.exit(scenarios.run(AwsCommandLine(sys.argv[2]), sys.argv[1:]))
