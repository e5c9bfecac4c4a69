#ifndef TENSORFLOW_SLIM_EVALUATE_H_
#define TENSORFLOW_SLIM_EVALUATE_H_

#include <string>
#include <vector>

#include "tensorflow/core/common_runtime/device.h"
#include "tensorflow/core/framework/function.h"
#include "tensorflow/core/framework/tensor.h"
#include "tensorflow/core/graph/graph.h"

namespace tensorflow {
namespace slim {

// Computes tensors ("node:0") of a graph without inputs, node after node: what constants make up is
// small, and an executor for it takes longer than to compute it. False: nothing was computed, since
// the graph has nodes that need an executor, or something is wrong, which that will name.
bool Evaluate(const Graph& graph, const std::vector<std::string>& names, Device* device,
              FunctionLibraryRuntime* functions, std::vector<Tensor>* outputs);

}  // namespace slim
}  // namespace tensorflow

#endif  // TENSORFLOW_SLIM_EVALUATE_H_
