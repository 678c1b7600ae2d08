"""Repository rules that bind what Debian 12 installs to Bazel labels."""

_RULES_CC = "/usr/share/bazel/rules/cc"

# These two files load `use_cpp_toolchain`, which Debian's Bazel 4.2.3 lacks;
# the list is what that function returns in the Bazel versions that have it.
_NEEDS_REWRITE = [
    "cc/private/rules_impl/cc_flags_supplier.bzl",
    "cc/private/rules_impl/compiler_flag.bzl",
]

def _debian_rules_cc_impl(ctx):
    copied = ctx.execute(["cp", "-R", _RULES_CC + "/cc", "cc"])
    if copied.return_code != 0:
        fail("no rules_cc in {}: install Debian's bazel-rules-cc ({})".format(
            _RULES_CC,
            copied.stderr.strip(),
        ))
    for path in _NEEDS_REWRITE:
        text = ctx.read(_RULES_CC + "/" + path)
        text = text.replace(", \"use_cpp_toolchain\"", "")
        text = text.replace(
            "use_cpp_toolchain()",
            "[\"@bazel_tools//tools/cpp:toolchain_type\"]",
        )
        ctx.file(path, text, executable = False)
    ctx.file("BUILD.bazel", "")

debian_rules_cc = repository_rule(
    implementation = _debian_rules_cc_impl,
    doc = "Debian's bazel-rules-cc, made to load in Debian's Bazel 4.2.3.",
    local = True,
)

_PROGRAMS = ["protoc", "grpc_cpp_plugin", "grpc_python_plugin"]

def _debian_packages_impl(ctx):
    for program in _PROGRAMS:
        ctx.symlink("/usr/bin/" + program, "bin/" + program)

    # gRPC's standard services, from grpc-proto.
    ctx.symlink("/usr/share/grpc-proto/grpc", "grpc")
    ctx.symlink(ctx.attr.build_file, "BUILD.bazel")

debian_packages = repository_rule(
    implementation = _debian_packages_impl,
    attrs = {"build_file": attr.label(mandatory = True)},
    doc = "C++ libraries of Debian's -dev packages as linkable targets, and protoc.",
    local = True,
)
