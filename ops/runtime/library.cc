#include "ops/runtime/library.h"

namespace opgraft {

const char kLibraryName[] = OPGRAFT_LIBRARY;

}  // namespace opgraft
