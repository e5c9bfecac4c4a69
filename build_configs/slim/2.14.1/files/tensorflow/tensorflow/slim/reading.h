#ifndef TENSORFLOW_SLIM_READING_H_
#define TENSORFLOW_SLIM_READING_H_

#include <string>

#include "tensorflow/core/platform/status.h"
#include "tensorflow/core/protobuf/saved_model.pb.h"

namespace tensorflow {
namespace slim {

// Reads saved_model.pb without the functions that nothing calls: a Keras model has its layers'
// training among them, and what is not read need not be copied or given up either. Nor is the
// function that saves variables read if there is no kernel that does.
//
// Errors as those of ReadBinaryProto.
Status ReadSavedModel(const std::string& path, SavedModel* model);

}  // namespace slim
}  // namespace tensorflow

#endif  // TENSORFLOW_SLIM_READING_H_
