# ruff: noqa: D101, D102, D103
"""slim.sizes against real links of a small library, by every linker that is there."""

import shutil
import subprocess

import pytest
from slim import linker_map
from slim.sizes import UNWINDING, SizesError, component, measure

GXX = shutil.which("g++")
TABLE, COLD = 5000, 1200
KERNEL = """
#include <stdexcept>
#include <vector>
template <class T> T twice(const std::vector<T>& v) { T s{}; for (T x : v) s += x; return s + s; }
static const char table[5000] = {1, 2, 3};
__attribute__((section("cold_data"))) extern const int cold[300] = {1};
static double untouched[30000];
thread_local int per_thread[2000];
extern "C" __attribute__((visibility("default"))) int entry(int n) {
  untouched[n] = n;
  std::vector<int> v(n, per_thread[n]++);
  if (n > 100) throw std::runtime_error("a message of the kernel");
  return twice(v) + table[n] + cold[n];
}
"""
FRAMEWORK = """
#include <map>
#include <string>
struct Base { virtual ~Base(); virtual int f(int) = 0; };
Base::~Base() {}
struct Node : Base {
  std::map<std::string, int> m;
  int f(int x) override { m["hello"] += x; return m["world"] + x; }
};
extern "C" __attribute__((visibility("default"))) int other(int n) { Node d; return d.f(n); }
int same_one(int x) { return x * 3 + 1; }
int same_two(int x) { return x * 3 + 1; }
extern "C" __attribute__((visibility("default"))) void* pick(int i) {
  return i ? (void*)same_one : (void*)same_two;
}
extern "C" __attribute__((visibility("default"))) const char* text(int n) {
  return n ? "a message of the kernel" : "and some other text that is long enough to be seen";
}
void never_called() { throw 1; }
"""
KERNEL_PATH, FRAMEWORK_PATH = "tensorflow/core/kernels/my_op.cc", "tensorflow/core/graph/node.cc"
OBJECTS = {
    "bazel-out/bin/_objs/kernels/my_op.pic.o": KERNEL_PATH,
    "bazel-out/bin/libgraph.pic.a(node.pic.o)": FRAMEWORK_PATH,
}
LINKERS = {
    "bfd": ("ld.bfd", ["-Wl,--gc-sections"]),
    "lld": ("ld.lld", ["-Wl,--gc-sections", "-Wl,--icf=all", "-Wl,-O2"]),
    "lld-relr": (
        "ld.lld",
        ["-Wl,--gc-sections", "-Wl,--pack-dyn-relocs=relr", "-static-libstdc++", "-static-libgcc"],
    ),
}

pytestmark = pytest.mark.skipif(GXX is None, reason="g++ is missing: apt-get install g++")


@pytest.fixture(scope="module")
def objects(tmp_path_factory):
    root = tmp_path_factory.mktemp("objects")
    out = root / "bazel-out" / "bin"
    (out / "_objs" / "kernels").mkdir(parents=True)
    flags = ["-O2", "-g", "-fPIC", "-ffunction-sections", "-fdata-sections", "-fvisibility=hidden"]
    for text, made in (
        (KERNEL, out / "_objs" / "kernels" / "my_op.pic.o"),
        (FRAMEWORK, out / "node.pic.o"),
    ):
        source = root / "source.cc"
        source.write_text(text)
        subprocess.run([GXX, *flags, "-c", source, "-o", made], check=True)
    subprocess.run(["ar", "rcs", out / "libgraph.pic.a", out / "node.pic.o"], check=True)
    return root


@pytest.fixture(scope="module", params=LINKERS)
def linked(request, objects):
    """The built library, the stripped one and the map."""
    program, flags = LINKERS[request.param]
    if shutil.which(program) is None:
        pytest.skip(f"{program} is missing: apt-get install lld")
    library, stripped = objects / f"{request.param}.so", objects / f"{request.param}-stripped.so"
    map_file = objects / f"{request.param}.map"
    subprocess.run(
        [
            *(GXX, "-shared", f"-fuse-ld={program[3:]}", "-o", library),
            "bazel-out/bin/_objs/kernels/my_op.pic.o",
            *("-Wl,--whole-archive", "bazel-out/bin/libgraph.pic.a", "-Wl,--no-whole-archive"),
            *(*flags, f"-Wl,-Map={map_file}"),
        ],
        cwd=objects,
        check=True,
    )
    subprocess.run(["strip", "-o", stripped, library], check=True)
    return library, stripped, map_file


def by_path(sizes):
    return {file["path"]: file for file in sizes["files"]}


def symbols(file):
    return {symbol["name"]: symbol["bytes"] for symbol in file["symbols"]}


def test_every_byte_is_somewhere(linked):
    library, stripped, map_file = linked
    for path in (library, stripped):
        sizes = measure(path, map_file, OBJECTS.get, built=library.stat().st_size)
        assert sizes["stripped"] == path.stat().st_size
        assert sizes["built"] == library.stat().st_size
        assert sum(file["bytes"] for file in sizes["files"]) == sizes["stripped"]
        assert sum(section["bytes"] for section in sizes["sections"]) == sizes["stripped"]
        assert 0 < sizes["compressed"] < sizes["stripped"]
        assert all(file["bytes"] > 0 for file in sizes["files"])
        for file in sizes["files"]:
            assert sum(symbol["bytes"] for symbol in file["symbols"]) <= file["bytes"]


def test_the_bytes_of_a_source(linked):
    _, stripped, map_file = linked
    sizes = measure(stripped, map_file, OBJECTS.get)
    kernel, framework = by_path(sizes)[KERNEL_PATH], by_path(sizes)[FRAMEWORK_PATH]
    assert kernel["component"] == "kernels"
    assert framework["component"] == "core"
    # The tables and some code, but not the zeros that take up no place in a file.
    assert TABLE + COLD < kernel["bytes"] < TABLE + COLD + 2000
    assert symbols(kernel)["cold"] == COLD
    [table] = [size for name, size in symbols(kernel).items() if "table" in name and size >= TABLE]
    assert table == TABLE
    assert symbols(kernel)["entry"] > 40
    assert symbols(framework)["Node::f(int)"] > 40
    assert symbols(framework)[UNWINDING] > 40
    assert not any("never_called" in name for name in symbols(framework))
    linker = {path for path in by_path(sizes) if path.startswith("linker/")}
    assert {"linker/headers", "linker/.dynsym", "linker/.rela.dyn"} <= linker
    assert 60 < by_path(sizes)["linker/merged constants"]["bytes"] < 4000
    assert not any(path.startswith("/") for path in by_path(sizes))


def test_symbols_are_as_large_as_nm_says(linked):
    library, stripped, map_file = linked
    kernel = by_path(measure(stripped, map_file, OBJECTS.get))[KERNEL_PATH]
    listed = subprocess.run(["nm", "-S", library], capture_output=True, text=True, check=True)
    nm = {
        line.split()[-1]: int(line.split()[1], 16)
        for line in listed.stdout.splitlines()
        if len(line.split()) == 4
    }
    if map_file.name.startswith("lld"):  # GNU ld's map has sections for sizes
        assert symbols(kernel)["entry"] == nm["entry"]
    assert nm["entry"] <= symbols(kernel)["entry"] <= nm["entry"] + nm.get("entry.cold", 0)


def test_objects_without_a_source_keep_a_name_without_directories(linked):
    _, stripped, map_file = linked
    sizes = measure(stripped, map_file, lambda obj: None)
    paths = set(by_path(sizes))
    assert {"toolchain/my_op.pic.o", "toolchain/libgraph/node.pic.o"} <= paths
    assert sum(file["bytes"] for file in sizes["files"]) == sizes["stripped"]


def test_it_is_the_same_twice(linked):
    _, stripped, map_file = linked
    assert measure(stripped, map_file, OBJECTS.get) == measure(stripped, map_file, OBJECTS.get)


def test_a_map_of_another_library(linked, tmp_path):
    _, stripped, map_file = linked
    other = tmp_path / "other.so"
    (tmp_path / "x.c").write_text("int x[5000] = {1}; int y(int i) { return x[i]; }")
    subprocess.run([GXX, "-shared", "-fPIC", "-o", other, tmp_path / "x.c"], check=True)
    with pytest.raises(SizesError, match=r"other\.so"):
        measure(other, map_file, OBJECTS.get)


@pytest.mark.parametrize("text", ["", "no map\n", "VMA LMA\n", "Linker script\n\x00\xff"])
def test_no_map(linked, tmp_path, text):
    bad = tmp_path / "bad.map"
    bad.write_text(text, encoding="latin-1")
    with pytest.raises(SizesError, match=r"-Wl,-Map"):
        measure(linked[1], bad, OBJECTS.get)


@pytest.mark.parametrize("cut", [0, 3, 40, 200, -600, -65])
def test_no_library(linked, tmp_path, cut):
    bad = tmp_path / "bad.so"
    bad.write_bytes(linked[1].read_bytes()[:cut])
    with pytest.raises(SizesError, match=r"bad\.so"):
        measure(bad, linked[2], OBJECTS.get)


def test_rows_of_llds_map(tmp_path):
    text = """\
             VMA              LMA     Size Align Out     In      Symbol
             100              100       30     8 .text
             100              100       10     8         a.o:(.text._Z1fv)
             100              100        8     1                 f()
             108              108        8     1                 g(int, (anonymous namespace)::h)
             110              110       20     8         <internal>:(.text.thunk)
             130              130       2d     8 .eh_frame
             130              130       15     8         lib x.a(b c.o):(.eh_frame+0x18)
               0                0        0     1         . = ALIGN ( CONSTANT ( MAXPAGESIZE ) )
"""
    (tmp_path / "x.map").write_text(text)
    pieces = linker_map.read(tmp_path / "x.map")
    assert [(p.output, p.name, p.obj, p.address, p.size) for p in pieces] == [
        (".text", ".text._Z1fv", "a.o", 0x100, 0x10),
        (".text", ".text.thunk", "", 0x110, 0x20),
        (".eh_frame", ".eh_frame", "lib x.a(b c.o)", 0x130, 0x18),
    ]
    assert pieces[0].symbols == [
        (0x100, 8, "f()"),
        (0x108, 8, "g(int, (anonymous namespace)::h)"),
    ]


def test_rows_of_gnu_lds_map(tmp_path):
    text = """\
Memory Configuration

Linker script and memory map

LOAD a.o
.text           0x0000000000000100       0x40
 *(.text.unlikely .text.*_unlikely)
 .text.f        0x0000000000000100       0x10 a.o
                0x0000000000000100                f()
                0x0000000000000108                . = ALIGN (0x8)
 *fill*         0x0000000000000110        0x8
 .text._ZN4long4name
                0x0000000000000118       0x20 dir/lib x.a(b c.o)

orphan
                0x0000000000000140        0x8
 orphan         0x0000000000000140        0x8 a.o
/DISCARD/
 *(.note.GNU-stack)
OUTPUT(x.so elf64-x86-64)
"""
    (tmp_path / "x.map").write_text(text)
    pieces = linker_map.read(tmp_path / "x.map")
    assert [(p.output, p.name, p.obj, p.address, p.size) for p in pieces] == [
        (".text", ".text.f", "a.o", 0x100, 0x10),
        (".text", ".text._ZN4long4name", "dir/lib x.a(b c.o)", 0x118, 0x20),
        ("orphan", "orphan", "a.o", 0x140, 8),
    ]
    assert pieces[0].symbols == [(0x100, 0, "f()")]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("tensorflow/core/kernels/matmul_op_real.cc", "kernels"),
        ("tensorflow/core/ops/math_ops.cc", "op definitions"),
        ("tensorflow/core/framework/graph.pb.cc", "protos"),
        ("tensorflow/core/common_runtime/executor.cc", "runtime"),
        ("tensorflow/core/util/tensor_bundle/tensor_bundle.cc", "checkpoints"),
        ("tensorflow/tsl/platform/env.cc", "tsl"),
        ("external/com_google_absl/absl/strings/cord.cc", "absl"),
        ("external/com_google_protobuf/src/google/protobuf/map.cc", "protobuf"),
        ("external/com_googlesource_code_re2/re2/dfa.cc", "re2"),
        ("external/double_conversion/double-conversion/bignum.cc", "double-conversion"),
        ("external/nsync/internal/mu.c", "nsync"),
        ("linker/.dynsym", "linker"),
        ("toolchain/libstdc++/locale.o", "toolchain"),
        ("build_configs/slim/stubs.cc", "build_configs/slim"),
        ("stubs.cc", "stubs.cc"),
    ],
)
def test_components(path, name):
    assert component(path) == name
