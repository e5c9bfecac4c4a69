// A C program that gives a model's first answer through a TensorFlow library, slim or full:
//
//     slim_host LIBRARY MODEL INPUTS
//
// LIBRARY is found as ld.so finds it. INPUTS is what slim_host.py writes. It prints as many bytes
// as it ever had in memory, and again for each line that it reads.

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensorflow/c/c_api.h"

static void Fail(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(1);
}

static void* Find(void* library, const char* name) {
  void* found = dlsym(library, name);
  if (found == NULL) Fail("the library has no %s", name);
  return found;
}

#define TF(name) ((__typeof__(&name))Find(library, #name))

static FILE* file;

static void ReadBytes(void* to, size_t size) {
  if (fread(to, 1, size, file) != size) Fail("the file of inputs is too short");
}

static int64_t ReadInt(void) {
  int64_t value;
  ReadBytes(&value, sizeof value);
  return value;
}

static char* ReadText(int64_t* size) {
  *size = ReadInt();
  char* text = malloc(*size + 1);
  ReadBytes(text, *size);
  text[*size] = 0;
  return text;
}

static TF_Output ReadOutput(void* library, TF_Graph* graph) {
  int64_t size;
  char* name = ReadText(&size);
  TF_Output output = {TF(TF_GraphOperationByName)(graph, name), (int)ReadInt()};
  if (output.oper == NULL) Fail("the graph has no %s", name);
  free(name);
  return output;
}

static TF_Tensor* ReadTensor(void* library) {
  const TF_DataType type = (TF_DataType)ReadInt();
  const int rank = (int)ReadInt();
  int64_t sizes[16], elements = 1;
  if (rank > 16) Fail("a rank of %d", rank);
  for (int i = 0; i < rank; ++i) elements *= sizes[i] = ReadInt();
  const size_t width = type == TF_STRING ? sizeof(TF_TString) : TF(TF_DataTypeSize)(type);
  TF_Tensor* tensor = TF(TF_AllocateTensor)(type, sizes, rank, elements * width);
  if (type != TF_STRING) {
    ReadBytes(TF(TF_TensorData)(tensor), elements * width);
    return tensor;
  }
  TF_TString* strings = TF(TF_TensorData)(tensor);
  for (int64_t i = 0; i < elements; ++i) {
    int64_t size;
    char* text = ReadText(&size);
    TF(TF_StringInit)(&strings[i]);
    TF(TF_StringCopy)(&strings[i], text, size);
    free(text);
  }
  return tensor;
}

static void PrintPeakMemory(void) {
  FILE* status = fopen("/proc/self/status", "r");
  char line[256];
  long long kilobytes = 0;
  while (fgets(line, sizeof line, status) != NULL) sscanf(line, "VmHWM: %lld", &kilobytes);
  fclose(status);
  printf("%lld\n", kilobytes * 1024);
  fflush(stdout);
}

int main(int count, char** arguments) {
  if (count != 4) Fail("slim_host LIBRARY MODEL INPUTS");
  void* library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) Fail("%s", dlerror());
  TF_Status* status = TF(TF_NewStatus)();
  TF_Graph* graph = TF(TF_NewGraph)();
  const char* tags[] = {"serve"};
  TF_Session* session = TF(TF_LoadSessionFromSavedModel)(
      TF(TF_NewSessionOptions)(), NULL, arguments[2], tags, 1, graph, NULL, status);
  if (TF(TF_GetCode)(status) != TF_OK) Fail("%s", TF(TF_Message)(status));

  file = fopen(arguments[3], "rb");
  if (file == NULL) Fail("%s cannot be opened", arguments[3]);
  TF_Output feeds[64], fetches[64];
  TF_Tensor *given[64], *made[64] = {NULL};
  const int inputs = (int)ReadInt(), outputs = (int)ReadInt();
  if (inputs > 64 || outputs > 64) Fail("%d inputs and %d outputs", inputs, outputs);
  for (int i = 0; i < inputs; ++i) {
    feeds[i] = ReadOutput(library, graph);
    given[i] = ReadTensor(library);
  }
  for (int i = 0; i < outputs; ++i) fetches[i] = ReadOutput(library, graph);
  TF(TF_SessionRun)(session, NULL, feeds, given, inputs, fetches, made, outputs, NULL, 0, NULL,
                    status);
  if (TF(TF_GetCode)(status) != TF_OK) Fail("%s", TF(TF_Message)(status));
  PrintPeakMemory();
  for (int c = getchar(); c != EOF; c = getchar()) {
    if (c == '\n') PrintPeakMemory();
  }
  _Exit(0);
}
