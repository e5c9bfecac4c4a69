"""Headers and link library of a TensorFlow release, out of its wheel."""

load("//build_configs:runtimes.bzl", "RUNTIMES")

_BUILD = """\
package(default_visibility = ["//visibility:public"])

cc_library(
    name = "headers",
    hdrs = glob(["include/**"], exclude = ["**/*.so"]),
    includes = [
        "include",
        "include/external/eigen_archive",
        "include/external/ml_dtypes",
        "include/external/ml_dtypes/include",
        "include/external/nsync/public",
    ],
)

# What an op library links; empty where the runtime's symbols are global.
filegroup(
    name = "framework",
    srcs = glob(["lib/libtensorflow_framework.so*"]),
)

# What a C program links.
filegroup(
    name = "c_api",
    srcs = glob(["lib/*.so*"]),
)
"""

def repository_name(version):
    """"2.14.1" -> "tensorflow_2_14"."""
    major, minor = version.split(".")[:2]
    return "tensorflow_%s_%s" % (major, minor)

def _tf_runtime_impl(ctx):
    python = ctx.os.environ.get("OPGRAFT_PYTHON") or ctx.which("python3")
    if not python:
        fail("No python3 on PATH to fetch the wheel %s with" % ctx.attr.wheel)
    ctx.report_progress("pip download " + ctx.attr.wheel)
    result = ctx.execute(
        [python, ctx.path(ctx.attr._fetch), ctx.attr.wheel, ctx.attr.sha256] + ctx.attr.libraries,
        timeout = 1800,
    )
    if result.return_code != 0:
        fail("Cannot get %s:\n%s%s" % (ctx.attr.wheel, result.stdout, result.stderr))
    ctx.file("BUILD", _BUILD)

tf_runtime = repository_rule(
    implementation = _tf_runtime_impl,
    attrs = {
        "libraries": attr.string_list(doc = "file names in the wheel, symbolic links by soname"),
        "sha256": attr.string(mandatory = True),
        "wheel": attr.string(mandatory = True),
        "_fetch": attr.label(default = "//build_configs:fetch_wheel.py"),
    },
    # Not on OPGRAFT_PYTHON: with another Python comes the same wheel.
)

def tf_runtimes():
    """A repository for each row of runtimes.bzl."""
    for row in RUNTIMES:
        tf_runtime(
            name = repository_name(row["version"]),
            libraries = [row["framework"]] if row["framework"] else [],
            sha256 = row["sha256"],
            wheel = row["wheel"],
        )

    # The newest supported release once more, with all that a C program links.
    newest = [row for row in RUNTIMES if row["tier"] == "tested"][-1]
    tf_runtime(
        name = "tensorflow_c_api",
        libraries = ["libtensorflow_framework.so.2", "libtensorflow_cc.so.2"],
        sha256 = newest["sha256"],
        wheel = newest["wheel"],
    )
