#!/usr/bin/env python3
"""Prints one line for each mention: subscriber.py ADDR:PORT LOGIN OWNER/NAME

The GitHub token is in $GITHUB_TOKEN. docs/clients.md says how to generate the
modules imported here, and what a subscriber has to do.
"""

import os
import random
import sys
import threading
import time

import grpc
from google.rpc import error_details_pb2
from mentions.v1 import mentions_pb2, mentions_pb2_grpc

FINAL = {"INVALID_ARGUMENT", "UNAUTHENTICATED", "PERMISSION_DENIED", "NOT_FOUND",
         "FAILED_PRECONDITION", "UNIMPLEMENTED"}  # a retry cannot help
MAX_BACKOFF = 30  # seconds
MAX_SILENCE = 120  # seconds; the server sends something every 30 s
OPTIONS = [("grpc.keepalive_time_ms", 30_000),  # the server allows 10 s
           ("grpc.http2.max_pings_without_data", 0),
           ("grpc.max_reconnect_backoff_ms", MAX_BACKOFF * 1000),
           ("grpc.enable_retries", 0)]  # with them, 1.51 can lose a call's end


def retry_delay(error):
    """The least number of seconds to wait, as the server says (RetryInfo)."""
    info = error_details_pb2.RetryInfo()
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in error_details_pb2.Status.FromString(value).details:
                if detail.Unpack(info):
                    return info.retry_delay.ToTimedelta().total_seconds()
    return 0


def cancel_when_silent(call, heard):
    while heard.wait(MAX_SILENCE):
        heard.clear()
    call.cancel()


def line_of(mention):
    text = " ".join([mention.updated_at.ToJsonString(), mention.url,
                     *mention.body.strip().splitlines()[:1]])
    return "".join(c for c in text if c.isprintable())


def main(address, login, repo):
    # For loopback; elsewhere secure_channel(), so that nobody can read the token.
    channel = grpc.insecure_channel(address, OPTIONS)
    stub = mentions_pb2_grpc.MentionServiceStub(channel)
    token = os.environ.get("GITHUB_TOKEN")
    metadata = [("authorization", "Bearer " + token)] if token else []
    request = mentions_pb2.SubscribeRequest(repo=repo, user=login)
    backoff = 1
    while True:  # gRPC never retries a stream that has begun
        call, heard = stub.Subscribe(request, metadata=metadata), threading.Event()
        threading.Thread(target=cancel_when_silent, args=(call, heard),
                         daemon=True).start()
        try:
            for response in call:
                heard.set()
                if response.HasField("mention"):
                    print(line_of(response.mention), flush=True)
                request.resume_token = response.resume_token  # of every response
                backoff = 1
        except grpc.RpcError as error:
            print(f"{error.code().name}: {error.details()}", file=sys.stderr)
            if error.code().name in FINAL:
                return 1
        time.sleep(max(retry_delay(call), backoff * random.uniform(0.5, 1)))
        backoff = min(2 * backoff, MAX_BACKOFF)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) == 4 else __doc__)
