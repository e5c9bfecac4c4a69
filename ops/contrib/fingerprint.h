// Fingerprints of strings that TensorFlow promises never to change: data and models hold them.
#ifndef OPGRAFT_OPS_CONTRIB_FINGERPRINT_H_
#define OPGRAFT_OPS_CONTRIB_FINGERPRINT_H_

#include <cstdint>

#include "ops/kernel/types.h"

namespace opgraft {

/// FarmHash's Fingerprint64 (G. Pike, 2014): tf.fingerprint, tf.strings.to_hash_bucket_fast.
uint64_t Fingerprint64(StringView text);

/// The fingerprint of two things whose fingerprints are a and b, in this order. It is one step of
/// MurmurHash64A (A. Appleby, 2008) with its finish, from the state a.
uint64_t FingerprintCat64(uint64_t a, uint64_t b);

/// MurmurHash64A with the seed that libstdc++'s std::hash<std::string> has always had. Written out
/// because another C++ library's std::hash is another function.
uint64_t StdHash(StringView text);

}  // namespace opgraft

#endif  // OPGRAFT_OPS_CONTRIB_FINGERPRINT_H_
