"""Test programs: one for each package, its files compiled as one; and libraries
that are compiled as one file, too.

Most of the time that a test file takes to compile goes into headers and the
templates of gtest and gmock; together they take a quarter of what they take one
by one. So names in a file's anonymous namespace are unique in its package, which
the compiler checks.
"""

load("@rules_cc//cc:defs.bzl", "cc_library", "cc_test")

def _one_file(name, files, testonly = True):
    """all_NAME.cc, which includes the files."""
    native.genrule(
        name = name + "_files",
        testonly = testonly,
        outs = ["all_" + name + ".cc"],
        cmd = "printf '#include \"{}/%s\"\\n' {} >$@".format(
            native.package_name(),
            " ".join(files),
        ),
    )
    cc_library(
        name = name + "_included",
        testonly = testonly,
        textual_hdrs = files,
    )
    return ["all_" + name + ".cc"]

def package_test(name, deps, files = None, threads = [], apart = [], **kwargs):
    """Makes one test program of the `*_test.cc` of a package.

    Args:
      name: of the program, which ends in `_test`.
      deps: what the files include.
      files: all `*_test.cc` if not given.
      threads: those of the files that ThreadSanitizer checks, too: they become
        a program of their own, tagged `threads`.
      apart: files that belong to other programs of this package.
      **kwargs: of cc_test.
    """
    if files == None:
        files = native.glob(["*_test.cc"], exclude = threads + apart)
    tags = kwargs.pop("tags", [])
    for program, its_files, its_tags in [
        (name, files, tags),
        (name[:-len("test")] + "threads_test", threads, tags + ["threads"]),
    ]:
        if its_files:
            cc_test(
                name = program,
                srcs = _one_file(program, its_files),
                tags = its_tags,
                deps = deps + [
                    ":{}_included".format(program),
                    "@debian//:gtest_main",
                ],
                **kwargs
            )

def one_file_library(name, files, deps, **kwargs):
    """A library, not only for tests, whose sources are compiled as one file."""
    cc_library(
        name = name,
        srcs = _one_file(name, files, testonly = False),
        deps = deps + [":{}_included".format(name)],
        **kwargs
    )

def support(deps, **kwargs):
    """A library `support` of the package's other sources, for all tests."""
    cc_library(
        name = "support",
        testonly = True,
        srcs = native.glob(["*.cc"], exclude = ["*_test.cc"]),
        hdrs = native.glob(["*.h"]),
        visibility = [
            "//bench:__pkg__",
            "//tests:__subpackages__",
        ],
        deps = deps,
        **kwargs
    )
