"""boto3 on the tour: `tour_boto3.py ENDPOINT NEWER_MODELS`.

Debian's boto3 is older than the newest operations and members. What it does not know, the same boto3 calls with the model in
the folder NEWER_MODELS, which is how its users bring it up to date too (AWS_DATA_PATH); the answer says so.
"""

import sys

import boto3
import botocore
import botocore.session
from botocore.exceptions import ClientError

import tour_lines


def client_of(endpoint, newer_models=None):
    session = botocore.session.Session()
    if newer_models:
        session.set_config_variable("data_path", newer_models)
    return boto3.Session(botocore_session=session).client("kinesis", endpoint_url=endpoint)


def read_until(stream, data):
    """The events of a subscription up to the one that brings a record with this data."""
    events = []
    for event in stream:
        events.append(event["SubscribeToShardEvent"])
        if any(record["Data"] == data for record in events[-1]["Records"]):
            break
    stream.close()
    return {"Events": events}


def main(endpoint, newer_models):
    debian = client_of(endpoint)
    newer = client_of(endpoint, newer_models)
    known = set(debian.meta.service_model.operation_names)

    def call(operation, members, recent, until):
        up_to_date = recent or operation not in known
        client = newer if up_to_date else debian
        try:
            output = getattr(client, botocore.xform_name(operation))(**members)
        except ClientError as error:
            return tour_lines.refused(
                error.response["Error"]["Code"], error.response["Error"]["Message"],
                error.response["ResponseMetadata"]["HTTPStatusCode"])
        output.pop("ResponseMetadata")
        if "EventStream" in output:
            output = read_until(output["EventStream"], until)
        return {"output": output, "newerModel": up_to_date}

    tour_lines.serve(call)


if __name__ == "__main__":
    main(*sys.argv[1:])
