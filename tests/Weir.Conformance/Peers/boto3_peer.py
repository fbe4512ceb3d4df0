"""boto3 as a peer: `boto3_peer.py SCENARIO ENDPOINT`. The endpoint is the only option; boto3 speaks HTTP/1.1."""

import sys

import boto3
import botocore
from botocore.exceptions import ClientError, EventStreamError

import scenarios
import steps


class Boto3Client:
    dear = False
    stream_error = EventStreamError

    def __init__(self, endpoint):
        self._client = boto3.client("kinesis", endpoint_url=endpoint)

    def call(self, operation, **members):
        method = getattr(self._client, botocore.xform_name(operation))
        # boto3 itself retries what is throttled a few times; a reader that outruns five reads a second waits longer.
        for _ in range(20):
            try:
                output = method(**members)
                output.pop("ResponseMetadata", None)
                return output
            except self._client.exceptions.ProvisionedThroughputExceededException:
                continue
        raise steps.Difference(f"{operation} was throttled for ever")

    def refused(self, kind, operation, **members):
        method = getattr(self._client, botocore.xform_name(operation))
        # Errors of the model have a class of their own; the others are ClientError with the code.
        expected = getattr(self._client.exceptions, kind, ClientError)
        try:
            output = method(**members)
        except expected as error:
            steps.expect(f"{operation}: error code", kind, error.response["Error"]["Code"])
            steps.expect(f"{operation}: HTTP status", 400, error.response["ResponseMetadata"]["HTTPStatusCode"])
            return error.response["Error"]["Message"]
        except ClientError as error:
            raise steps.Difference(f"{operation}: expected {kind}, got {error}")
        raise steps.Difference(f"{operation}: expected {kind}, got {output}")

    def wait_until_exists(self, name):
        self._client.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})

    def wait_until_gone(self, name):
        self._client.get_waiter("stream_not_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})

    def list_streams(self, page_size):
        pages = self._client.get_paginator("list_streams").paginate(PaginationConfig={"PageSize": page_size})
        return [name for page in pages for name in page["StreamNames"]]

    def list_shards(self, stream, page_size):
        # The pager of this boto3 sends the stream's name along with the token, which the service refuses; so by hand.
        page = self._client.list_shards(StreamName=stream, MaxResults=page_size)
        shards = page["Shards"]
        while "NextToken" in page:
            page = self._client.list_shards(NextToken=page["NextToken"], MaxResults=page_size)
            shards += page["Shards"]
        return [shard["ShardId"] for shard in shards]

    @staticmethod
    def seconds(timestamp):
        return timestamp.timestamp()


if __name__ == "__main__":
    steps.saw(f"boto3 {boto3.__version__}, botocore {botocore.__version__}")
    sys.exit(scenarios.run(Boto3Client(sys.argv[2]), sys.argv[1:]))
