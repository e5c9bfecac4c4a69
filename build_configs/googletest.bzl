"""GoogleTest from Debian's source package: installed, or fetched by apt-get without being root."""

_INSTALLED = "/usr/src/googletest"

_BUILD = """\
package(default_visibility = ["//visibility:public"])

cc_library(
    name = "gtest",
    srcs = glob(
        ["googletest/src/*.cc", "googletest/src/*.h", "googlemock/src/*.cc"],
        exclude = ["**/*-all.cc", "**/*_main.cc"],
    ),
    hdrs = glob(["googletest/include/**/*.h", "googlemock/include/**/*.h"]),
    copts = ["-Wno-error"],
    includes = ["googlemock/include", "googletest/include", "googletest", "googlemock"],
    linkopts = ["-pthread"],
)

cc_library(
    name = "gtest_main",
    srcs = ["googletest/src/gtest_main.cc"],
    linkopts = ["-pthread"],
    deps = [":gtest"],
)
"""

def _googletest_impl(ctx):
    source = ctx.path(_INSTALLED)
    if not source.exists:
        fetched = ctx.execute(["sh", "-c", "apt-get download googletest && dpkg -x googletest_*.deb deb"])
        source = ctx.path("deb" + _INSTALLED)
        if fetched.return_code != 0 or not source.exists:
            fail("The C++ tests need GoogleTest's source in %s: apt-get install googletest\n%s" %
                 (_INSTALLED, fetched.stderr))
    for part in ["googletest", "googlemock"]:
        ctx.symlink(source.get_child(part), part)
    ctx.file("BUILD", _BUILD)

    # A BUILD file inside would hide the sources from the globs above.
    for part in ["googletest", "googlemock"]:
        for name in ["BUILD", "BUILD.bazel"]:
            if ctx.path(part).get_child(name).exists:
                fail("%s/%s has a %s: use Debian's package" % (source, part, name))

googletest = repository_rule(implementation = _googletest_impl)
