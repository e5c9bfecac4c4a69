"""How TensorFlow's own files are compiled."""

load("//:levels.bzl", "LEVELS")
load("//:rules.bzl", "precompiled_header")

DEFINES = [
    "EIGEN_AVOID_STL_ARRAY",
    "EIGEN_MPL2_ONLY",
    "EIGEN_MAX_ALIGN_BYTES=64",
]

COPTS = [
    "-fno-exceptions",
    "-ftemplate-depth=900",
    "-msse3",
]

def selected(name, files, kind, level = "any", libraries = {}):
    """A library of selected sources, each with a header that says what it registers.

    Args:
      name: of the library.
      files: header (a digest) by source.
      kind: "kernels" or "ops".
      level: one of LEVELS.
      libraries: targets by source that needs them.
    """
    parts = []
    if kind == "ops":
        pch = "framework_pch"
    else:
        pch = "kernels_%s_pch" % level
    for source, header in sorted(files.items()):
        part = "%s_%s/%s" % (kind, level, source[:-len(".cc")])
        native.cc_library(
            name = part,
            srcs = ["//tensorflow:" + source],
            hdrs = [header + ".h"],
            copts = COPTS + LEVELS[level] + [
                "-include",
                "tensorflow/%s.h" % pch,
                "-include",
                "selection/%s.h" % header,
            ],
            alwayslink = True,
            linkstatic = True,
            deps = ["//tensorflow:" + pch] + libraries.get(source, []),
        )
        parts.append(":" + part)
    native.cc_library(
        name = name,
        linkstatic = True,
        deps = parts,
    )

def headers(name, kind, level = "any"):
    """A precompiled header, for one of LEVELS."""
    precompiled_header(
        name = name,
        copts = COPTS + LEVELS[level],
        header = "//:%s_pch.src.h" % kind,
        deps = [":headers"],
    )
