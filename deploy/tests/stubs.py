"""The interface's Python code, made by protoc in a directory of its own."""

import importlib
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]

# As google.rpc defines them, in a package of its own: Debian's python3-protobuf
# does not have them.
STATUS_PROTO = """
syntax = "proto3";
package deploy_test;
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
message Status { repeated google.protobuf.Any details = 3; }
message RetryInfo { google.protobuf.Duration retry_delay = 1; }
"""

with tempfile.TemporaryDirectory() as _directory:
    (pathlib.Path(_directory) / "status_details.proto").write_text(STATUS_PROTO)
    subprocess.run(
        ["protoc", f"--proto_path={ROOT / 'proto'}", f"--proto_path={_directory}",
         "--plugin=protoc-gen-grpc=/usr/bin/grpc_python_plugin",
         f"--python_out={_directory}", f"--grpc_out={_directory}",
         "mentions/v1/mentions.proto", "status_details.proto"], check=True)
    sys.path.insert(0, _directory)
    messages = importlib.import_module("mentions.v1.mentions_pb2")
    service = importlib.import_module("mentions.v1.mentions_pb2_grpc")
    _status = importlib.import_module("status_details_pb2")


def retry_delay(trailing_metadata) -> float:
    """The seconds to wait that a status asks for; 0: none."""
    for key, value in trailing_metadata or ():
        if key != "grpc-status-details-bin":
            continue
        for detail in _status.Status.FromString(value).details:
            if detail.type_url.endswith("google.rpc.RetryInfo"):
                info = _status.RetryInfo.FromString(detail.value)
                return info.retry_delay.seconds + info.retry_delay.nanos / 1e9
    return 0.0
