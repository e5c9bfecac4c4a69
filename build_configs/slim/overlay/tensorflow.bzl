"""How TensorFlow's own files are compiled."""

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

_LEVELS = {
    "base": [],
    "v3": ["-march=x86-64-v3"],
    "v4": ["-march=x86-64-v4"],
}

def selected(name, files, kind, level = "base"):
    """A library of selected sources, each with a header that says what it registers.

    Args:
      name: of the library.
      files: header (a digest) by source.
      kind: "kernels" or "ops".
      level: of the processors it is for.
    """
    parts = []
    if kind == "ops":
        pch = "framework_pch"
    else:
        pch = "kernels_pch" if level == "base" else "kernels_%s_pch" % level
    for source, header in sorted(files.items()):
        part = "%s_%s/%s" % (kind, level, source[:-len(".cc")])
        native.cc_library(
            name = part,
            srcs = ["//tensorflow:" + source],
            hdrs = [header + ".h"],
            copts = COPTS + _LEVELS[level] + [
                "-include",
                "tensorflow/%s.h" % pch,
                "-include",
                "selection/%s.h" % header,
            ],
            alwayslink = True,
            linkstatic = True,
            deps = ["//tensorflow:" + pch],
        )
        parts.append(":" + part)
    native.cc_library(
        name = name,
        linkstatic = True,
        deps = parts,
    )

def headers(name, kind, level = "base"):
    """A precompiled header, for a level of processors."""
    precompiled_header(
        name = name,
        copts = COPTS + _LEVELS[level],
        header = "//:%s_pch.src.h" % kind,
        deps = [":headers"],
    )
