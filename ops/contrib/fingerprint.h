// Fingerprints of strings that TensorFlow promises never to change: data and models hold them.
#ifndef OPGRAFT_OPS_CONTRIB_FINGERPRINT_H_
#define OPGRAFT_OPS_CONTRIB_FINGERPRINT_H_

#include <cstdint>

#include "ops/kernel/types.h"

namespace opgraft {

/// FarmHash's Fingerprint64 (G. Pike, 2014): tf.fingerprint, tf.strings.to_hash_bucket_fast.
uint64_t Fingerprint64(StringView text);

}  // namespace opgraft

#endif  // OPGRAFT_OPS_CONTRIB_FINGERPRINT_H_
