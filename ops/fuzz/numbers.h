// Elements of inputs: harmless ones, and those that break code which trusts its callers.
#ifndef OPGRAFT_OPS_FUZZ_NUMBERS_H_
#define OPGRAFT_OPS_FUZZ_NUMBERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "ops/fuzz/random.h"
#include "ops/kernel/testing.h"

namespace opgraft {
namespace fuzz {

/// Sets element `i` of a tensor of numbers or bools: `whole` for integers, `real` for the others.
void SetNumber(const testing::TestTensor& tensor, int64_t i, int64_t whole, double real);

/// The elements of an int32 or int64 tensor.
std::vector<int64_t> Integers(const testing::TestTensor& tensor);

/// A tensor of any type, full of one kind of harmless elements.
testing::TestTensor MakeTensor(Random* random, DataType dtype, const std::vector<int64_t>& dims);

/// Puts hostile elements into a tensor: one, or all.
void SpoilElements(Random* random, testing::TestTensor* tensor);

int64_t HostileInteger(Random* random);
float HostileFloat(Random* random);
std::string HostileString(Random* random);

/// What a file or a string with some structure may hold: a number, a record of LIBSVM, words.
std::string Line(Random* random);

}  // namespace fuzz
}  // namespace opgraft

#endif  // OPGRAFT_OPS_FUZZ_NUMBERS_H_
