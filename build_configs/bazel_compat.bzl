"""Lets Debian's Bazel (bazel-bootstrap 4.2.3, which names no version) work without a network.

Its built-in WORKSPACE suffix fetches rules_cc, rules_java and a coverage tool from the network as
soon as a C++ target or test is analysed. Nothing here needs more of them than the native rules, so
stand-ins with the same names are defined first. A released Bazel fetches its own and sees none of
this.
"""

_NATIVE_RULES = {
    "rules_cc": ("cc", [
        "cc_binary",
        "cc_import",
        "cc_library",
        "cc_proto_library",
        "cc_test",
        "cc_toolchain",
        "cc_toolchain_suite",
        "fdo_prefetch_hints",
        "fdo_profile",
        "objc_import",
        "objc_library",
    ]),
    "rules_java": ("java", [
        "java_binary",
        "java_import",
        "java_library",
        "java_lite_proto_library",
        "java_package_configuration",
        "java_plugin",
        "java_proto_library",
        "java_runtime",
        "java_test",
        "java_toolchain",
    ]),
}

def _native_rules_impl(ctx):
    package, rules = _NATIVE_RULES[ctx.attr.rules]
    ctx.file("BUILD")
    ctx.file(package + "/BUILD", """\
package(default_visibility = ["//visibility:public"])

toolchain_type(name = "toolchain_type")
""")
    ctx.file(package + "/defs.bzl", "\n".join([
        "def %s(**kwargs):\n    native.%s(**kwargs)\n" % (rule, rule)
        for rule in rules
    ]))

_native_rules = repository_rule(
    implementation = _native_rules_impl,
    attrs = {"rules": attr.string(mandatory = True)},
)

def _coverage_impl(ctx):
    ctx.file("BUILD", """\
filegroup(name = "coverage_report_generator", visibility = ["//visibility:public"])
""")

_coverage = repository_rule(implementation = _coverage_impl)

def bazel_compat():
    """Defines the stand-ins where they are needed."""
    if native.bazel_version:
        return
    for name in _NATIVE_RULES:
        _native_rules(name = name, rules = name)
    _coverage(name = "remote_coverage_tools")
