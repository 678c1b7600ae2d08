"""Fuzz targets: functions that take any bytes and check what must hold.

`tools/fuzz` searches for bytes that break one; the ordinary tests replay those
that were found worth keeping.
"""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

def _seeds_impl(ctx):
    folder = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run_shell(
        inputs = ctx.files.srcs,
        outputs = [folder],
        command = """
            folder=$1; shift
            for file; do
              case $file in
                *.tar.gz) tar --extract --gzip --file $file --directory $folder ;;
                *) cp $file $folder ;;
              esac
            done""",
        arguments = [folder.path] + [file.path for file in ctx.files.srcs],
    )
    return [DefaultInfo(
        files = depset([folder]),
        runfiles = ctx.runfiles([folder]),
    )]

_seeds = rule(
    implementation = _seeds_impl,
    attrs = {"srcs": attr.label_list(allow_files = True)},
    doc = "A folder of these files, and of those in archives among them.",
)

def fuzz_test(name, deps):
    """Makes a target of NAME_fuzzer.cc, which defines LLVMFuzzerTestOneInput.

    The seeds are the files in seeds/NAME/, of which there must be some: made by
    hand, and in found.tar.gz those that libFuzzer found.

    Args:
      name: of the target. `NAME_test` replays the seeds, with any compiler.
        `NAME_fuzzer`, which only `--config=fuzz` can link, is libFuzzer's
        program.
      deps: what NAME_fuzzer.cc includes.
    """
    cc_library(
        name = name + "_target",
        testonly = True,
        srcs = [name + "_fuzzer.cc"],
        # Only a main that no file here names calls it.
        alwayslink = True,
        deps = deps,
    )
    _seeds(
        name = name + "_seeds",
        srcs = native.glob(["seeds/{}/*".format(name)]),
    )
    cc_test(
        name = name + "_test",
        size = "small",
        args = ["$(rootpath :{}_seeds)".format(name)],
        data = [":{}_seeds".format(name)],
        deps = [
            ":replay_main",
            ":{}_target".format(name),
        ],
    )
    cc_binary(
        name = name + "_fuzzer",
        testonly = True,
        linkopts = ["-fsanitize=fuzzer"],
        # Not for `//...`: GCC has no libFuzzer.
        tags = ["manual"],
        deps = [":{}_target".format(name)],
    )
