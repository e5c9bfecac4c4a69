// Runs a case and says what is wrong with the outcome.
#ifndef OPGRAFT_OPS_FUZZ_CHECK_H_
#define OPGRAFT_OPS_FUZZ_CHECK_H_

#include <string>

#include "ops/fuzz/generator.h"
#include "ops/kernel/status.h"

namespace opgraft {
namespace fuzz {

struct Outcome {
  Code code;            // of the kernel
  std::string finding;  // empty if all is well
};

/// Computes a step; on `table` if the op takes one. Without a table it computes twice, the second
/// time with forwarded inputs, other garbage in new outputs and other ranges of ParallelFor: the
/// outputs have to be the same, bit by bit. Then the shape function: on the whole shapes, and on
/// parts of them. What it says has to fit the outputs.
Outcome Check(const Case& step, Table* table, Random* random);

/// Makes a table; null with an error's code in `outcome`.
std::unique_ptr<Table> CheckTable(const Case& step, Outcome* outcome);

}  // namespace fuzz
}  // namespace opgraft

#endif  // OPGRAFT_OPS_FUZZ_CHECK_H_
