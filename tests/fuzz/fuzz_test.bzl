"""Fuzz targets: functions that take any bytes and check what must hold.

`tools/fuzz` searches for bytes that break one; the ordinary tests replay those
that were found worth keeping.
"""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

def fuzz_test(name, deps):
    """Makes a target of NAME_fuzzer.cc, which defines LLVMFuzzerTestOneInput.

    The seeds are the files in seeds/NAME/, of which there must be some.

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
    cc_test(
        name = name + "_test",
        size = "small",
        args = ["{}/seeds/{}".format(native.package_name(), name)],
        data = native.glob(["seeds/{}/*".format(name)]),
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
