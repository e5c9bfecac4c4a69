#ifndef TENSORFLOW_SLIM_BLOCKS_H_
#define TENSORFLOW_SLIM_BLOCKS_H_

#include <cstddef>

namespace tensorflow {
namespace slim {

// Memory for tensors, for tsl's CPU allocator. What is large comes from the system and is kept when
// it is freed: a run frees all that it computed, the next one needs the same again, and pages that
// went back to the system have to be found and zeroed. Kept and used blocks together are never more
// than half as much again as the used ones once were. Any number of threads may call.

// Bytes aligned to a power of two; nullptr if there are none.
void* AllocateBlock(size_t bytes, size_t alignment);
void FreeBlock(void* block);

// Gives back what is kept, and forgets how much was used: a session has ended.
void ReleaseBlocks();

}  // namespace slim
}  // namespace tensorflow

#endif  // TENSORFLOW_SLIM_BLOCKS_H_
