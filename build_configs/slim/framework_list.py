"""Lists the sources of TensorFlow's framework that every slim build has.

    python build_configs/slim/framework_list.py --tensorflow-source DIR --release 2.14.1

writes build_configs/slim/<release>/framework.txt: what the target //tensorflow/core:mobile_srcs
lists, with the SavedModel loader and without what an inference in one process does not use. No
kernel and no definition of an op is among them.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from build_files import BuildFiles

HERE = Path(__file__).resolve().parent
TARGET = "//tensorflow/core:mobile_srcs"

# What mobile_srcs leaves to the platform or leaves out.
EXTRA = """
tensorflow/cc/saved_model/fingerprinting.cc
tensorflow/cc/saved_model/loader.cc
tensorflow/cc/saved_model/loader_util.cc
tensorflow/cc/saved_model/metrics.cc
tensorflow/cc/saved_model/reader.cc
tensorflow/cc/saved_model/util.cc
tensorflow/core/platform/enable_tf2_utils.cc
tensorflow/core/platform/error_payloads.cc
tensorflow/tsl/framework/device_type.cc
tensorflow/tsl/lib/monitoring/collection_registry.cc
tensorflow/tsl/lib/monitoring/percentile_sampler.cc
tensorflow/tsl/lib/monitoring/sampler.cc
tensorflow/tsl/platform/default/env_time.cc
tensorflow/tsl/platform/default/error_logging.cc
tensorflow/tsl/platform/default/human_readable_json.cc
tensorflow/tsl/platform/default/logging.cc
tensorflow/tsl/platform/default/mutex.cc
tensorflow/tsl/platform/default/subprocess.cc
tensorflow/tsl/platform/default/tracing.cc
tensorflow/tsl/platform/retrying_utils.cc
tensorflow/tsl/platform/status_to_from_proto.cc
tensorflow/tsl/profiler/backends/cpu/annotation_stack.cc
tensorflow/tsl/profiler/backends/cpu/traceme_recorder.cc
tensorflow/tsl/profiler/utils/time_utils.cc
"""

# What slim builds do without. A file that only kernels use is not lost: kernel_index.py finds which
# of them need it.
LEFT_OUT = {
    "eager execution": r"/eager/|^tensorflow/c/eager",
    "other devices": r"pluggable_device|mkl|zen_|android|use_cudnn",
    "tests": r"test",
    "collectives between devices": r"common_runtime/(all_to_all|hierarchical_tree_broadcaster"
    r"|permuter|ring_\w+)\.cc",
    "training": r"quantize_training\.cc|no_op_cost_measurement\.cc",
    "tf.data": r"core/framework/(model|dataset)\.cc",
    "parts of the C API": r"^tensorflow/c/(kernels_experimental|checkpoint_reader)\.cc",
    "kernels": r"^tensorflow/core/kernels/|core/framework/reader_base\.cc",
    "helpers of kernels": r"core/util/(example_proto\w+|matmul_autotune|mirror_pad_mode"
    r"|ragged_to_dense_util|batch_util|guarded_philox_random|stat_summarizer)\.cc"
    r"|core/util/sparse/|core/util/quantization/|core/example/feature_util\.cc|core/lib/wav/"
    r"|tsl/lib/random/distribution_sampler\.cc",
}


def main() -> None:
    """Writes the list."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tensorflow-source", type=Path, required=True)
    parser.add_argument("--release", required=True)
    arguments = parser.parse_args()
    folder = HERE / arguments.release
    folder.mkdir(exist_ok=True)
    found = framework(arguments.tensorflow_source)
    (folder / "framework.txt").write_text("".join(f"{name}\n" for name in found), "utf-8")
    print(f"{len(found)} files")


def framework(tree: Path) -> list[str]:
    """The paths of the sources, sorted.

    Raises:
      KeyError: a label leads to no file of the tree.
      FileNotFoundError: a file of EXTRA is not there.
    """
    listed = BuildFiles(tree).expand(TARGET)
    skipped = re.compile("|".join(LEFT_OUT.values()))
    found = {name for name in listed if name.endswith(".cc") and not skipped.search(name)}
    for name in EXTRA.split():
        if not (tree / name).is_file():
            raise FileNotFoundError(tree / name)
        found.add(name)
    return sorted(found)


if __name__ == "__main__":
    main()
