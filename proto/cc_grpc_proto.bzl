"""A C++ library of a .proto file's messages and gRPC services.

Debian ships protoc and grpc_cpp_plugin but no Bazel rules that fit its Bazel;
this is the small part of them that one service needs.
"""

load("@rules_cc//cc:defs.bzl", "cc_library")

def _generate_impl(ctx):
    proto = ctx.file.src
    external = ctx.attr.src.label.workspace_root

    # protoc writes below its output root what it reads below its input root:
    # our own files beside their sources, other repositories' below this package
    # by the path that others import them by.
    if external:
        in_root = external
        out_root = ctx.bin_dir.path + "/" + ctx.label.package
        base = proto.path[len(external) + 1:-len(".proto")]
    else:
        in_root = "."
        out_root = ctx.bin_dir.path
        base = proto.basename[:-len(".proto")]
    outs = [
        ctx.actions.declare_file(base + suffix)
        for suffix in [".pb.h", ".pb.cc", ".grpc.pb.h", ".grpc.pb.cc"]
    ]

    args = ctx.actions.args()
    args.add("--proto_path=" + in_root)
    args.add("--proto_path=/usr/include")
    args.add("--cpp_out=" + out_root)
    args.add("--grpc_out=" + out_root)
    args.add(ctx.executable._plugin, format = "--plugin=protoc-gen-grpc=%s")
    args.add(proto)
    ctx.actions.run(
        executable = ctx.executable._protoc,
        arguments = [args],
        inputs = [proto],
        outputs = outs,
        tools = [ctx.executable._plugin],
        mnemonic = "GrpcProto",
        progress_message = "Generating C++ from " + proto.short_path,
    )
    return [DefaultInfo(files = depset(outs))]

_generate = rule(
    implementation = _generate_impl,
    attrs = {
        "src": attr.label(allow_single_file = [".proto"], mandatory = True),
        "_plugin": attr.label(
            default = "@debian//:bin/grpc_cpp_plugin",
            allow_single_file = True,
            executable = True,
            cfg = "exec",
        ),
        "_protoc": attr.label(
            default = "@debian//:bin/protoc",
            allow_single_file = True,
            executable = True,
            cfg = "exec",
        ),
    },
    output_to_genfiles = False,
)

def cc_grpc_proto(name, src, visibility = None):
    """Generates and compiles the messages and services of one .proto file.

    Args:
      name: the cc_library's name; include the headers by the proto's path.
      src: the .proto file.
      visibility: as usual.
    """
    _generate(
        name = name + "_generated",
        src = src,
        visibility = ["//visibility:private"],
    )
    cc_library(
        name = name,
        srcs = [name + "_generated"],
        hdrs = [name + "_generated"],
        # Generated code is not held to our warnings.
        copts = ["-w"],
        # Where files of other repositories are generated.
        includes = ["."] if src.startswith("@") else [],
        # Server reflection finds a service by its registered descriptor, which
        # nothing else may refer to.
        alwayslink = True,
        visibility = visibility,
        deps = ["@debian//:grpc"],
    )
