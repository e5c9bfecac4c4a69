"""Op libraries: kernels, compiled once, linked with the adapter of each runtime."""

load("//build_configs:kernel_library.bzl", "PORTABLE")
load("//build_configs:runtimes.bzl", "RUNTIMES")
load("//build_configs:tf_runtime.bzl", "repository_name")

def _tag(row):
    """The row's minor release in target names: "2_14"."""
    return repository_name(row["version"])[len("tensorflow_"):]

def _version_number(row):
    major, minor = row["version"].split(".")[:2]
    patch = row["version"].split(".")[2].split("rc")[0]
    return int(major) * 10000 + int(minor) * 100 + int(patch)

def _supported():
    return [row for row in RUNTIMES if row["tier"] != "unseen"]

def graft_adapters(name, srcs, deps):
    """The adapter to TensorFlow's C++ API, once per runtime: <name>_2_14, ...

    Args:
      name: of the targets, before the release.
      srcs: of the adapter.
      deps: besides the headers of the release.
    """
    for row in _supported():
        defines = [
            "OPGRAFT_TF=%d" % _version_number(row),
            "OPGRAFT_BUILT_FOR=\\\"%s\\\"" % row["version"],
            "_GLIBCXX_USE_CXX11_ABI=%d" % row["cxx11_abi"],
        ]
        if row["std"] != "c++11" and _version_number(row) >= 20900:
            defines.append("EIGEN_MAX_ALIGN_BYTES=64")
        native.cc_library(
            name = "%s_%s" % (name, _tag(row)),
            srcs = srcs,
            # Small: what takes time is in the kernels, and every library of a runtime has a copy.
            copts = PORTABLE + ["-std=" + row["std"], "-Os", "-Wno-deprecated-declarations"],
            local_defines = defines,
            deps = deps + ["@%s//:headers" % repository_name(row["version"])],
            alwayslink = True,
            linkstatic = True,
            visibility = ["//visibility:public"],
        )

def _library(name, file, ops, adapter, library, framework = [], framework_linkopts = []):
    native.cc_binary(
        name = file,
        additional_linker_inputs = ["//ops/runtime:exports.lds"] + framework,
        linkopts = [
            "-Wl,--version-script=$(location //ops/runtime:exports.lds)",
            "-Wl,--gc-sections",
            "-Wl,-s",
            # gold exports what the version script hides if a shared library uses the same name.
            "-fuse-ld=bfd",
            # A new glibc has merged them into libc; those of old systems have not.
            "-Wl,--push-state,--no-as-needed,-l:libdl.so.2,-l:libpthread.so.0,--pop-state",
        ] + framework_linkopts,
        linkshared = True,
        deps = ops + [adapter, "//ops/runtime:library_%s" % library],
    )
    native.filegroup(name = name, srcs = [file])

def graft_libraries(name, ops, c_api = True):
    """libopgraft_<name>.so for every runtime, as <name>_2_14, ..., and as <name>_c_api.

    Args:
      name: of the family of ops.
      ops: cc_libraries with the kernels.
      c_api: whether the C API can serve this family.
    """
    for row in _supported():
        _library(
            name = "%s_%s" % (name, _tag(row)),
            file = "tf%s/libopgraft_%s.so" % (_tag(row).replace("_", "."), name),
            ops = ops,
            adapter = "//ops/runtime:cc_api_" + _tag(row),
            framework = ["@%s//:framework" % repository_name(row["version"])],
            # By name, not by path: up to 1.13 the library has no soname.
            framework_linkopts = [
                "-Lexternal/%s/lib" % repository_name(row["version"]),
                "-l:" + row["framework"],
            ] if row["framework"] else [],
            library = name,
        )
    if c_api:
        _library(
            name = name + "_c_api",
            file = "c_api/libopgraft_%s.so" % name,
            ops = ops,
            adapter = "//ops/runtime:c_api",
            library = name,
        )

def library_names(name, libraries):
    """Targets that tell a library what it is: <name>_lookup, ...

    Args:
      name: of the targets, before that of the library.
      libraries: names of the families of ops, and of each the adapter that it needs.
    """
    for library, adapter in libraries.items():
        native.cc_library(
            name = "%s_%s" % (name, library),
            srcs = ["library.cc"],
            copts = PORTABLE,
            linkstatic = True,
            local_defines = [
                "OPGRAFT_ADAPTER=" + adapter,
                "OPGRAFT_LIBRARY=\\\"%s\\\"" % library,
            ],
            visibility = ["//visibility:public"],
            deps = [":report", "//ops/kernel"],
        )
