#include "ops/runtime/library.h"

namespace opgraft {

const char kLibraryName[] = OPGRAFT_LIBRARY;

extern const Adapter OPGRAFT_ADAPTER __attribute__((weak));  // the C API's adapter has none
const Adapter* const kAdapter = &OPGRAFT_ADAPTER;

}  // namespace opgraft
