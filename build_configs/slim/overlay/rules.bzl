"""What the C++ rules lack: a precompiled header, and a link whose map file is kept."""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "CPP_COMPILE_ACTION_NAME")
load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

_TOOLCHAIN = {
    "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
}

def _precompiled_header_impl(ctx):
    toolchain = find_cpp_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    info = cc_common.merge_cc_infos(cc_infos = [dep[CcInfo] for dep in ctx.attr.deps])
    context = info.compilation_context
    header = ctx.actions.declare_file(ctx.label.name + ".h")
    compiled = ctx.actions.declare_file(ctx.label.name + ".h.gch")
    ctx.actions.expand_template(template = ctx.file.header, output = header, substitutions = {})
    variables = cc_common.create_compile_variables(
        feature_configuration = features,
        cc_toolchain = toolchain,
        source_file = header.path,
        output_file = compiled.path,
        user_compile_flags = ctx.fragments.cpp.copts + ctx.fragments.cpp.cxxopts + ctx.attr.copts,
        include_directories = context.includes,
        quote_include_directories = context.quote_includes,
        system_include_directories = context.system_includes,
        preprocessor_defines = context.defines,
        use_pic = True,
    )
    flags = cc_common.get_memory_inefficient_command_line(
        feature_configuration = features,
        action_name = CPP_COMPILE_ACTION_NAME,
        variables = variables,
    )
    ctx.actions.run(
        executable = toolchain.compiler_executable,
        arguments = ["-x", "c++-header"] + flags,
        inputs = depset([header], transitive = [context.headers, toolchain.all_files]),
        outputs = [compiled],
        env = {"PATH": "/usr/bin:/bin"},
        mnemonic = "PrecompiledHeader",
        progress_message = "Compiling %s" % compiled.short_path,
    )
    mine = CcInfo(compilation_context = cc_common.create_compilation_context(
        headers = depset([header, compiled]),
    ))
    return [cc_common.merge_cc_infos(cc_infos = [mine, info])]

# Compiled with the flags that its users have; they say -include PACKAGE/NAME.h first.
precompiled_header = rule(
    implementation = _precompiled_header_impl,
    attrs = dict(
        _TOOLCHAIN,
        copts = attr.string_list(),
        deps = attr.label_list(providers = [CcInfo]),
        header = attr.label(allow_single_file = True),
    ),
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)

def _slim_library_impl(ctx):
    toolchain = find_cpp_toolchain(ctx)
    library = ctx.actions.declare_file(ctx.label.name + ".so")
    layout = ctx.actions.declare_file(ctx.label.name + ".map")
    info = cc_common.merge_cc_infos(cc_infos = [dep[CcInfo] for dep in ctx.attr.deps])
    always = []
    if_needed = []
    for linker_input in info.linking_context.linker_inputs.to_list():
        for part in linker_input.libraries:
            (always if part.alwayslink else if_needed).extend(part.pic_objects)

    # Objects rather than archives, whose members would not say what source they are of.
    objects = ctx.actions.args()
    objects.use_param_file("@%s", use_always = True)
    objects.add_all(always)
    objects.add("-Wl,--start-lib")
    objects.add_all(if_needed)
    objects.add("-Wl,--end-lib")
    flags = ["-shared", "-o", library.path, "-Wl,-Map=" + layout.path]
    flags.append("-Wl,--version-script=" + ctx.file.exports.path)
    ctx.actions.run(
        executable = toolchain.compiler_executable,
        arguments = flags + [objects] + ctx.attr.linkopts,
        inputs = depset(
            always + if_needed + [ctx.file.exports],
            transitive = [toolchain.all_files],
        ),
        outputs = [library, layout],
        env = {"PATH": "/usr/bin:/bin"},
        mnemonic = "SlimLink",
        progress_message = "Linking %s" % library.short_path,
    )
    return [DefaultInfo(files = depset([library, layout]))]

slim_library = rule(
    implementation = _slim_library_impl,
    attrs = dict(
        _TOOLCHAIN,
        deps = attr.label_list(providers = [CcInfo]),
        exports = attr.label(allow_single_file = True),
        linkopts = attr.string_list(),
    ),
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)
