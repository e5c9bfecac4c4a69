#include "ops/fuzz/recipes.h"

#include <sstream>

namespace opgraft {
namespace fuzz {
namespace {

struct Recipe {
  const char* op;
  const char* items;
};

constexpr char kReduceSlice[] = "data:abc indices:n2<4 axis:=0";
constexpr char kReduceLastSlice[] = "data:ab indices:n2<b axis:=1";
constexpr char kCross[] = "indices:E2<bm values:E shapes:2=bm dense:bD";

constexpr Recipe kRecipes[] = {
    {"AddV2", "x:abc y:abc"},
    {"AddV2", "x:abc y:1c"},
    {"AddV2", "x:a1c y:b1"},
    {"AdjustHsvInYiq", "images:bhw3 delta_h: scale_s: scale_v:"},
    {"AnonymousMutableDenseHashTable", "empty_key: deleted_key: value_shape:v"},
    {"AnonymousMutableDenseHashTable", "empty_key:k deleted_key:k value_shape:v"},
    {"BipartiteMatch", "distance_mat:rc num_valid_rows:"},
    {"BucketizeWithInputBoundaries", "input:abc boundaries:n"},
    {"DecodeLibsvm", "input:ab"},
    {"FusedConv2DBiasActivation",
     "conv_input:bhwc filter:21co bias:o side_input:0 conv_input_scale: side_input_scale:=0 "
     "strides:=12m1 dilations:=1111 data_format:=NHWC filter_format:=HWIO activation_mode:=Relu"},
    {"FusedConv2DBiasActivation",
     "conv_input:bhwc filter:klco bias:o side_input:bhwo conv_input_scale: side_input_scale: "
     "strides:=1111 padding:=SAME dilations:=1111 data_format:=NHWC filter_format:=HWIO"},
    {"GatherTree", "step_ids:tbk parent_ids:tbk<k max_sequence_lengths:b end_token:"},
    {"HyperplaneLSHProbes",
     "point_hyperplane_product:n4 num_tables:=2 num_hyperplanes_per_table:=2 num_probes:=5"},
    {"HyperplaneLSHProbes",
     "point_hyperplane_product:n6 num_tables:=1 num_hyperplanes_per_table:=6 num_probes:=9"},
    {"HyperplaneLSHProbes",
     "point_hyperplane_product:n6 num_tables:=3 num_hyperplanes_per_table:=2 num_probes:=n"},
    {"ImageConnectedComponents", "image:bhw"},
    {"ImageProjectiveTransform", "images:bhwc transforms:b8 interpolation:=NEAREST|BILINEAR"},
    {"ImageProjectiveTransform", "images:bhwc transforms:18 interpolation:=NEAREST|BILINEAR"},
    {"ImageProjectiveTransformV2",
     "images:bhwc transforms:b8 output_shape:2=xy interpolation:=NEAREST|BILINEAR"},
    {"InitializeTableFromTextFileV2", "filename:=a|b|none key_index:=0 value_index:=1"},
    {"InitializeTableV2", "keys:n values:n"},
    {"LookupTableFindV2", "keys:nm default_value:"},
    {"LookupTableImportV2", "keys:n values:n"},
    {"LookupTableInsertV2", "keys:n values:n"},
    {"LookupTableRemoveV2", "keys:n"},
    {"MaskedMatmul", "a:mk b:kn mask_indices:p2<mn transpose_a:=0 transpose_b:=0"},
    {"MaskedMatmul", "a:km b:kn mask_indices:p2<mn transpose_a:=1 transpose_b:=0"},
    {"MaskedMatmul", "a:km b:nk mask_indices:p2<mn transpose_a:=1 transpose_b:=1"},
    {"MutableDenseHashTableV2", "empty_key:k deleted_key:k value_shape:v"},
    {"MutableDenseHashTableV2", "empty_key: deleted_key: value_shape:v"},
    {"MutableHashTableOfTensorsV2", "value_shape:v"},
    {"AnonymousMutableHashTableOfTensors", "value_shape:v"},
    {"ObtainNext", "list:n counter:"},
    {"PeriodicResample", "values:ab8 shape:ab?"},
    {"PeriodicResample", "values:22n8 shape:444?"},
    {"PeriodicResample", "values:abc shape:?yc"},
    {"PeriodicResampleOpGrad", "grad:abc original_shape:abc desired_shape:ab?"},
    {"PeriodicResampleOpGrad", "grad:442 original_shape:228 desired_shape:44?"},
    {"ReduceSliceMax", kReduceSlice},
    {"ReduceSliceMax", kReduceLastSlice},
    {"ReduceSliceMin", kReduceSlice},
    {"ReduceSliceMin", kReduceLastSlice},
    {"ReduceSliceProd", kReduceSlice},
    {"ReduceSliceProd", kReduceLastSlice},
    {"ReduceSliceSum", kReduceSlice},
    {"ReduceSliceSum", kReduceLastSlice},
    {"ReduceSliceSum", "data:abc indices:n axis:=2"},
    {"ReinterpretStringToFloat", "input_data:ab"},
    {"Resampler", "data:bhwc warp:bp2"},
    {"Resampler", "data:bhwc warp:bpq2"},
    {"ResamplerGrad", "data:bhwc warp:bp2 grad_output:bpc"},
    {"ResamplerGrad", "data:bhwc warp:b2 grad_output:bc"},
    {"ScatterAddNdim", "input:ab indices:n2<ab deltas:n"},
    {"ScatterAddNdim", "input:abc indices:n1<a deltas:nbc"},
    {"SingleImageRandomDotStereograms",
     "depth_values:hw output_image_shape:xy1 output_data_window:uv"},
    {"SingleImageRandomDotStereograms",
     "depth_values:hw output_image_shape:xy3 output_data_window:xy number_colors:=9"},
    {"SkipGramGenerateCandidates",
     "input_tensor:n min_skips:=0 max_skips:<n start:=0 limit:<n emit_self_as_target:"},
    {"SkipGramGenerateCandidates",
     "input_tensor:n min_skips:<2 max_skips:=3 start:<n limit:=1 emit_self_as_target:"},
    {"SparseFeatureCross", kCross},
    {"SparseFeatureCrossV2", kCross},
    {"StringLower", "input:ab encoding:=|utf-8"},
    {"WALSComputePartialLhsAndRhs",
     "factors:rk factor_weights:r unobserved_weights: input_weights:n input_indices:e2<nr "
     "input_values:e entry_weights:0 input_block_size:=n input_is_transpose:=0"},
    {"WALSComputePartialLhsAndRhs",
     "factors:rk factor_weights:0 unobserved_weights: input_weights:0 input_indices:e2<rn "
     "input_values:e entry_weights:e input_block_size:=n input_is_transpose:=1"},
    {"ZeroInitializer", "ref:abc"},
    {"ZeroVarInitializer", "var: shape:abc"},
};

/// What follows `mark` in "name:shape<bounds" or "name:shape=values".
std::string After(const std::string& text, char mark) {
  const size_t at = text.find(mark);
  return at == std::string::npos ? "" : text.substr(at + 1);
}

}  // namespace

std::vector<std::vector<Item>> RecipesOf(const std::string& op) {
  std::vector<std::vector<Item>> recipes;
  for (const Recipe& recipe : kRecipes) {
    if (op != recipe.op) continue;
    recipes.emplace_back();
    std::stringstream in(recipe.items);
    for (std::string text; in >> text;) {
      const std::string right = After(text, ':');
      recipes.back().push_back({text.substr(0, text.find(':')),
                                right.substr(0, right.find_first_of("<=")), After(right, '<'),
                                After(right, '=')});
    }
  }
  return recipes;
}

}  // namespace fuzz
}  // namespace opgraft
