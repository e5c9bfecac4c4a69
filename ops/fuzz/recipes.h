// What inputs and attrs of an op go together. Without it next to no random case would get past an
// op's first checks; with it most do, before the generator spoils one thing or another.
#ifndef OPGRAFT_OPS_FUZZ_RECIPES_H_
#define OPGRAFT_OPS_FUZZ_RECIPES_H_

#include <string>
#include <vector>

namespace opgraft {
namespace fuzz {

/// One input or attr, written "name:shape<bounds" or "name:shape=values", a character each:
///
///   a letter   a size that the whole case shares; a capital: one for each part of a list input
///   a digit    itself
///   ?          unknown, in a shape attr
///
/// "<mn": the numbers of column 0 are in [0, m), those of column 1 in [0, n). "=bm": these numbers.
/// Strings: "=A|B" has the words to choose from. An int attr: "name:=3".
struct Item {
  std::string name, shape, bounds, values;
};

/// Recipes of an op; empty if it has none, so that its shapes are random.
std::vector<std::vector<Item>> RecipesOf(const std::string& op);

}  // namespace fuzz
}  // namespace opgraft

#endif  // OPGRAFT_OPS_FUZZ_RECIPES_H_
