# ruff: noqa: D103
"""The tools that index a TensorFlow tree, on a small tree of its kinds of files."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "build_configs/slim"))

import closure  # noqa: E402, found through the line above
import registrations  # noqa: E402
from preprocess import Preprocessor  # noqa: E402

KERNELS = "tensorflow/core/kernels"
FILES = {
    "slice_op.h": """
namespace tensorflow { namespace functor {
template <typename Device, typename T, int N> struct Slice { void operator()(const Device& d); };
} }
""",
    # Uses the functor, and says beforehand that it is specialized elsewhere.
    "slice_op.cc": f"""
#include "{KERNELS}/slice_op.h"
namespace tensorflow {{
namespace functor {{
template <> void Slice<CPUDevice, float, 1>::operator()(const CPUDevice& d);
extern template struct Slice<CPUDevice, float, 1>;
}}
REGISTER_KERNEL_BUILDER(Name("Slice").Device(DEVICE_CPU), SliceOp<float>);
}}
""",
    "slice_op_cpu_impl.h": f"""
#include "{KERNELS}/slice_op.h"
namespace tensorflow {{ template struct functor::Slice<CpuDevice, float, DIMENSIONS>; }}
""",
    # All its code is in the header.
    "slice_op_cpu_impl_1.cc": f"""
#define DIMENSIONS 1
#include "{KERNELS}/slice_op_cpu_impl.h"
#undef DIMENSIONS
""",
    # Declares the functor itself.
    "tile_ops.cc": """
namespace tensorflow { namespace functor {
template <typename Device, typename T> struct Tile { void operator()(const Device& d) const; };
} }
""",
    "tile_functor.h": """
namespace tensorflow { namespace functor {
template <typename Device, typename T> struct Tile { void operator()(const Device& d) const {} };
} }
""",
    "tile_functor_cpu_float.cc": f"""
#include "{KERNELS}/tile_functor.h"
namespace tensorflow {{ namespace functor {{ template struct Tile<CPUDevice, float>; }} }}
""",
    "gather_functor.h": """
namespace tensorflow { namespace functor {
template <typename Device, int N> struct Gather { void operator()(const Device& d); };
} }
""",
    # Names the functor in a macro alone.
    "gather_op.h": f"""
#include "{KERNELS}/gather_functor.h"
#define ONE_CASE(N) \\
  case N: functor::Gather<CPUDevice, N>()(d); break
namespace tensorflow {{
template <typename Device> void DoGather(const Device& d, int n) {{ switch (n) {{ ONE_CASE(1); }} }}
}}
""",
    "gather_op.cc": f"""
#include "{KERNELS}/gather_op.h"
namespace tensorflow {{ void Compute(const CPUDevice& d, int n) {{ DoGather(d, n); }} }}
""",
    "gather_functor_cpu.cc": f"""
#include "{KERNELS}/gather_functor.h"
namespace tensorflow {{ template struct functor::Gather<CPUDevice, 1>; }}
""",
    # Has a class of the same name for itself.
    "pad_op.cc": """
namespace tensorflow { template <typename T> struct Tile { T value; }; }
""",
}


@pytest.fixture
def needs(tmp_path: Path) -> dict[str, list[str]]:
    tree = tmp_path / "tree"
    for name, text in FILES.items():
        path = tree / KERNELS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    scratch = tmp_path / "scratch"
    preprocessor = Preprocessor(tree, scratch)
    own = {n: preprocessor.run(n).own for n in preprocessor.files if n.endswith(".cc")}
    found = closure.needs(preprocessor, own)
    short = len(KERNELS) + 1
    return {name[short:]: [n[short:] for n in names] for name, names in found.items()}


def test_code_that_a_header_makes_is_the_source_s_own(needs: dict[str, list[str]]) -> None:
    assert needs["slice_op.cc"] == ["slice_op_cpu_impl_1.cc"]


def test_a_class_template_of_the_source_may_be_instantiated_beside_it(
    needs: dict[str, list[str]],
) -> None:
    assert needs["tile_ops.cc"] == ["tile_functor_cpu_float.cc"]


def test_a_macro_of_a_header_says_what_its_functions_need(needs: dict[str, list[str]]) -> None:
    assert needs["gather_op.cc"] == ["gather_functor_cpu.cc"]


def test_nothing_else_is_needed(needs: dict[str, list[str]]) -> None:
    assert needs.keys() == {"slice_op.cc", "tile_ops.cc", "gather_op.cc"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("namespace a { void Run() {} }", ["Run"]),
        ("namespace { void Run() {} }", []),
        ("template <> void Run<int>();", []),
        ("template <> void Run<int>() {}", ["Run"]),
        ("template struct b::Gather<int>;", ["Gather"]),
        ("extern template struct Gather<int>;", []),
        ("void Hash::Run() {}", ["Hash"]),
        ("static void Run() {}", []),
    ],
)
def test_what_a_text_defines_for_other_files(text: str, names: list[str]) -> None:
    assert list(closure.defined(text)) == names


def test_a_registration_that_is_not_understood_is_an_error() -> None:
    with pytest.raises(registrations.NotUnderstood):
        registrations.read('OPGRAFT_KERNEL("A", false, "AOp", Name("A") + 1);')
