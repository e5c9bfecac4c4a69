#ifndef TENSORFLOW_SLIM_GRAPHS_H_
#define TENSORFLOW_SLIM_GRAPHS_H_

#include "tensorflow/core/common_runtime/shape_refiner.h"
#include "tensorflow/core/framework/graph.pb.h"
#include "tensorflow/core/graph/graph.h"
#include "tensorflow/core/protobuf/config.pb.h"
#include "tensorflow/core/protobuf/meta_graph.pb.h"

namespace tensorflow {
namespace slim {

// What a session need not do before a model can run.

// Drops the functions that the graph does not call: a Keras model has its layers' training among
// them, and each function is copied several times while a session is made.
void DropUncalledFunctions(GraphDef* graph);

// Finds ops that are not registered, in functions too, which are otherwise read when they first
// run.
Status CheckOps(const GraphDef& graph);

// Marks functions that stay functions, where a session puts the bodies of others in the place of
// their calls: those that call themselves, and those that would make a graph too large.
void LimitInlining(GraphDef* graph);

// Copies the nodes that a run needs, without functions, which the copies of a graph share.
// Nodes that the run names and the graph lacks are for the session to report.
void CopyNeeded(const GraphDef& graph, const CallableOptions& run, GraphDef* copy);

// Sets the shapes that signatures state for their outputs, where calls of functions give them:
// to infer them anew means to make a graph of each function.
void SetSignatureShapes(const MetaGraphDef& meta_graph, const Graph& graph, ShapeRefiner* refiner);

}  // namespace slim
}  // namespace tensorflow

#endif  // TENSORFLOW_SLIM_GRAPHS_H_
