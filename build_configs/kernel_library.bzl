"""Rules for kernels: C++ that knows no TensorFlow."""

# What every source of a library is compiled with, the adapters' included.
# Sized deallocation is CXXABI_1.3.9, newer than manylinux_2_17.
PORTABLE = ["-include", "ops/kernel/portable.h", "-fno-sized-deallocation"]

def kernel_library(name, deps = [], **kwargs):
    """A cc_library of ops; all of what it registers gets into the libraries that link it."""
    native.cc_library(
        name = name,
        alwayslink = True,
        copts = PORTABLE,
        linkstatic = True,
        deps = ["//ops/kernel"] + deps,
        **kwargs
    )

def kernel_test(name, deps = [], srcs = None, **kwargs):
    """A GoogleTest of <name>.cc without TensorFlow."""
    native.cc_test(
        name = name,
        srcs = srcs or [name + ".cc"],
        linkstatic = True,  # between shared libraries, hidden visibility would hide
        deps = ["//ops/kernel:testing", "@googletest//:gtest_main"] + deps,
        **kwargs
    )
