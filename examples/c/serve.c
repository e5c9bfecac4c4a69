// Answers one question to a SavedModel whose graph needs ops of opgraft, without Python.
//
//   serve LIBRARY MODEL INPUT OUTPUT VALUE...
//
// LIBRARY is a libopgraft_*.so, MODEL the directory of a SavedModel, INPUT and OUTPUT are names of
// tensors ("state:0"). The values fill the input in order; its one unknown dimension, if it has
// one, is as large as their number asks for.
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensorflow/c/c_api.h"

static void Fail(const char* what, const char* why) {
  fprintf(stderr, "serve: %s: %s\n", what, why);
  exit(1);
}

static void Check(const TF_Status* status, const char* what) {
  if (TF_GetCode(status) != TF_OK) Fail(what, TF_Message(status));
}

// "state:0" -> the tensor; ":0" may be left out.
static TF_Output FindTensor(TF_Graph* graph, const char* name) {
  char op_name[1024];
  const char* colon = strrchr(name, ':');
  const size_t length = colon == NULL ? strlen(name) : (size_t)(colon - name);
  char* end = NULL;
  const long index = colon == NULL ? 0 : strtol(colon + 1, &end, 10);
  if (length >= sizeof(op_name) || index < 0 || (end != NULL && (end == colon + 1 || *end != 0))) {
    Fail(name, "not the name of a tensor");
  }
  memcpy(op_name, name, length);
  op_name[length] = '\0';
  const TF_Output tensor = {TF_GraphOperationByName(graph, op_name), (int)index};
  if (tensor.oper == NULL) Fail(name, "the graph has no such operation");
  if (index >= TF_OperationNumOutputs(tensor.oper)) Fail(name, "the operation has fewer outputs");
  return tensor;
}

// The input's dimensions for `count` values; returns the rank.
static int FindShape(TF_Graph* graph, TF_Output input, const char* name, int64_t count,
                     int64_t dims[8], TF_Status* status) {
  int rank = TF_GraphGetTensorNumDims(graph, input, status);
  Check(status, name);
  if (rank < 0) {  // unknown: a vector
    dims[0] = count;
    return 1;
  }
  if (rank > 8) Fail(name, "more than 8 dimensions");
  TF_GraphGetTensorShape(graph, input, dims, rank, status);
  Check(status, name);
  int64_t known = 1;
  int unknown = -1;
  for (int i = 0; i < rank; ++i) {
    if (dims[i] >= 0) {
      known *= dims[i];
    } else if (unknown < 0) {
      unknown = i;
    } else {
      Fail(name, "more than one unknown dimension");
    }
  }
  if (unknown >= 0 && known > 0) {
    dims[unknown] = count / known;
    known *= dims[unknown];
  }
  if (known != count) Fail(name, "the number of values does not fit its shape");
  return rank;
}

static TF_Tensor* MakeTensor(TF_DataType dtype, const int64_t* dims, int rank, char** values,
                             int64_t count) {
  const size_t size = TF_DataTypeSize(dtype) != 0 ? TF_DataTypeSize(dtype) : sizeof(TF_TString);
  TF_Tensor* const tensor = TF_AllocateTensor(dtype, dims, rank, (size_t)count * size);
  if (tensor == NULL) Fail("input", "out of memory");
  void* const data = TF_TensorData(tensor);
  for (int64_t i = 0; i < count; ++i) {
    char* end = NULL;
    errno = 0;
    if (dtype == TF_FLOAT) {
      ((float*)data)[i] = strtof(values[i], &end);
    } else if (dtype == TF_DOUBLE) {
      ((double*)data)[i] = strtod(values[i], &end);
    } else if (dtype == TF_INT64) {
      ((int64_t*)data)[i] = strtoll(values[i], &end, 10);
    } else if (dtype == TF_INT32) {
      const long long value = strtoll(values[i], &end, 10);
      if (value < INT32_MIN || value > INT32_MAX) errno = ERANGE;
      ((int32_t*)data)[i] = (int32_t)value;
    } else if (dtype == TF_STRING) {
      TF_StringInit(&((TF_TString*)data)[i]);
      TF_StringCopy(&((TF_TString*)data)[i], values[i], strlen(values[i]));
    } else {
      Fail("input", "its type is none of float, double, int32, int64 and string");
    }
    if (end != NULL && (end == values[i] || *end != '\0' || errno == ERANGE)) {
      Fail(values[i], "not a number that fits the input's type");
    }
  }
  return tensor;
}

// One element per line.
static void PrintTensor(const TF_Tensor* tensor) {
  const void* const data = TF_TensorData(tensor);
  const int64_t count = TF_TensorElementCount(tensor);
  for (int64_t i = 0; i < count; ++i) {
    switch (TF_TensorType(tensor)) {
      case TF_FLOAT:
        printf("%.9g\n", (double)((const float*)data)[i]);
        break;
      case TF_DOUBLE:
        printf("%.17g\n", ((const double*)data)[i]);
        break;
      case TF_INT32:
        printf("%" PRId32 "\n", ((const int32_t*)data)[i]);
        break;
      case TF_INT64:
        printf("%" PRId64 "\n", ((const int64_t*)data)[i]);
        break;
      case TF_STRING: {
        const TF_TString* const text = &((const TF_TString*)data)[i];
        fwrite(TF_StringGetDataPointer(text), 1, TF_StringGetSize(text), stdout);
        putchar('\n');
        break;
      }
      default:
        Fail("output", "its type is none of float, double, int32, int64 and string");
    }
  }
}

int main(int argc, char** argv) {
  if (argc < 6) {
    fprintf(stderr, "usage: %s LIBRARY MODEL INPUT OUTPUT VALUE...\n", argv[0]);
    return 2;
  }
  const char* const library_path = argv[1];
  const char* const model = argv[2];
  const char* const input_name = argv[3];
  const char* const output_name = argv[4];
  char** const values = argv + 5;
  const int64_t count = argc - 5;
  TF_Status* const status = TF_NewStatus();

  // The ops must be there before the graph that names them is read.
  TF_Library* const library = TF_LoadLibrary(library_path, status);
  Check(status, library_path);

  TF_Graph* const graph = TF_NewGraph();
  TF_SessionOptions* const options = TF_NewSessionOptions();
  const char* const tags[] = {"serve"};
  TF_Session* const session =
      TF_LoadSessionFromSavedModel(options, NULL, model, tags, 1, graph, NULL, status);
  Check(status, model);

  const TF_Output input = FindTensor(graph, input_name);
  const TF_Output output = FindTensor(graph, output_name);
  int64_t dims[8];
  const int rank = FindShape(graph, input, input_name, count, dims, status);
  TF_Tensor* const question = MakeTensor(TF_OperationOutputType(input), dims, rank, values, count);
  TF_Tensor* answer = NULL;
  TF_SessionRun(session, NULL, &input, &question, 1, &output, &answer, 1, NULL, 0, NULL, status);
  Check(status, output_name);
  PrintTensor(answer);

  TF_DeleteTensor(answer);
  TF_DeleteTensor(question);
  TF_CloseSession(session, status);
  Check(status, model);
  TF_DeleteSession(session, status);
  TF_DeleteSessionOptions(options);
  TF_DeleteGraph(graph);
  TF_DeleteLibraryHandle(library);
  TF_DeleteStatus(status);
  if (fflush(stdout) != 0) Fail("standard output", strerror(errno));
  return 0;
}
