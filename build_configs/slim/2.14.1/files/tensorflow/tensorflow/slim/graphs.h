#ifndef TENSORFLOW_SLIM_GRAPHS_H_
#define TENSORFLOW_SLIM_GRAPHS_H_

#include <string>
#include <vector>

#include "tensorflow/core/common_runtime/shape_refiner.h"
#include "tensorflow/core/framework/graph.pb.h"
#include "tensorflow/core/graph/graph.h"
#include "tensorflow/core/protobuf/config.pb.h"
#include "tensorflow/core/protobuf/meta_graph.pb.h"
#include "tensorflow/core/public/session.h"

namespace tensorflow {
namespace slim {

// What a session need not do before a model can run.

// Drops the functions that the graph does not call: a Keras model has its layers' training among
// them, and each function is copied several times while a session is made.
void DropUncalledFunctions(GraphDef* graph);

// Finds ops that are not registered, in functions too, which are otherwise read when they first
// run.
Status CheckOps(const GraphDef& graph);

// Makes a graph with the nodes of another and its functions, which the other has no more.
GraphDef MoveFunctions(GraphDef* graph);

// Marks functions that stay functions, where a session puts the bodies of others in the place of
// their calls: those that call themselves, and those that would make a graph too large. Those of
// others that Grappler would choose among, such as Keras' LSTM, are what they are.
void LimitInlining(GraphDef* graph);

// Copies the nodes that a run needs, without functions, which the copies of a graph share.
// Nodes that the run names and the graph lacks are for the session to report.
void CopyNeeded(const GraphDef& graph, const CallableOptions& run, GraphDef* copy);

// Gives variables the tensors of the checkpoint in an export, if the model restores them as
// TensorFlow 2 does and nothing else: to run the function that does it means to make a graph with
// several nodes for each variable. False: nothing was done, or not all; that function has to run,
// which says as well what is wrong.
bool RestoreVariables(const MetaGraphDef& meta_graph, const std::string& export_dir,
                      Session* session);

// Makes what a run of the default signature, or of the only one, needs when it runs first, in a
// thread of the session: the session has to finish it.
void StartPreparing(const MetaGraphDef& meta_graph, Session* session);

// Sets the shapes that signatures state for their outputs, where calls of functions give them:
// to infer them anew means to make a graph of each function.
void SetSignatureShapes(const MetaGraphDef& meta_graph, const Graph& graph, ShapeRefiner* refiner);

}  // namespace slim
}  // namespace tensorflow

#endif  // TENSORFLOW_SLIM_GRAPHS_H_
