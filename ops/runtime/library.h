// What this library is: set at build time.
#ifndef OPGRAFT_OPS_RUNTIME_LIBRARY_H_
#define OPGRAFT_OPS_RUNTIME_LIBRARY_H_

namespace opgraft {

extern const char kLibraryName[];  // "lookup"; library.cc
extern const char kBuiltFor[];     // "2.14.1" or "c_api"; the adapter

struct Adapter;                        // cc_adapter.h
extern const Adapter* const kAdapter;  // the part of the C++ API's that it needs; library.cc

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_LIBRARY_H_
