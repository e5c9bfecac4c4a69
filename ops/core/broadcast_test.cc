#include "ops/core/broadcast.h"

#include <functional>
#include <vector>

#include "gtest/gtest.h"
#include "ops/kernel/testing.h"

namespace opgraft {
namespace {

using testing::TestTensor;

TestTensor Shaped(std::vector<int64_t> dims) { return TestTensor(DT_INT32, std::move(dims)); }

int NumLoops(std::vector<int64_t> x, std::vector<int64_t> y) {
  Broadcast broadcast;
  EXPECT_OK(broadcast.Init(Shaped(x).view(), Shaped(y).view()));
  return broadcast.num_loops();
}

TEST(BroadcastTest, MergesDimensionsThatAreWalkedAlike) {
  EXPECT_EQ(NumLoops({}, {}), 1);
  EXPECT_EQ(NumLoops({2, 3, 4}, {2, 3, 4}), 1);
  EXPECT_EQ(NumLoops({2, 3, 4}, {}), 1);
  EXPECT_EQ(NumLoops({2, 3, 4}, {3, 4}), 2);
  EXPECT_EQ(NumLoops({2, 1, 3, 4}, {2, 1, 3, 4}), 1);
  EXPECT_EQ(NumLoops({2, 3, 4, 5}, {2, 1, 1, 5}), 3);
  EXPECT_EQ(NumLoops({2, 1, 2, 1}, {1, 2, 1, 2}), 4);
}

TEST(BroadcastTest, RejectsWhatDoesNotFit) {
  Broadcast broadcast;
  EXPECT_ERROR(broadcast.Init(Shaped({2, 3}).view(), Shaped({4}).view()), Code::kInvalidArgument,
               "Incompatible shapes: [2,3] vs. [4]");
  EXPECT_ERROR(broadcast.Init(Shaped({0}).view(), Shaped({3}).view()), Code::kInvalidArgument,
               "Incompatible shapes: [0] vs. [3]");
  const int64_t large[] = {int64_t{1} << 40, 1};
  const int64_t wide[] = {1, int64_t{1} << 40};
  const TensorView x = {DT_INT32, 2, large, large[0], nullptr, nullptr};
  const TensorView y = {DT_INT32, 2, wide, wide[1], nullptr, nullptr};
  EXPECT_ERROR(broadcast.Init(x, y), Code::kInvalidArgument, "too many elements");
  const std::vector<int64_t> many(255, 1);
  EXPECT_ERROR(broadcast.Init(Shaped(many).view(), Shaped({}).view()), Code::kInvalidArgument,
               "at most 254 dimensions");
}

/// 10 * x + y at every element, element by element.
std::vector<int> Expected(const Broadcast& broadcast, const std::vector<int64_t>& x_dims,
                          const std::vector<int64_t>& y_dims) {
  std::vector<int> result;
  const auto offset = [&](const std::vector<int64_t>& dims, const std::vector<int64_t>& index) {
    int64_t at = 0;
    for (size_t i = 0; i < dims.size(); ++i) {
      const int64_t k = index[index.size() - dims.size() + i];
      at = at * dims[i] + (dims[i] == 1 ? 0 : k);
    }
    return static_cast<int>(at);
  };
  std::vector<int64_t> index(broadcast.rank());
  for (int64_t i = 0; i < broadcast.count(); ++i) {
    int64_t rest = i;
    for (int d = broadcast.rank() - 1; d >= 0; --d) {
      index[d] = rest % broadcast.dims()[d];
      rest /= broadcast.dims()[d];
    }
    result.push_back(10 * offset(x_dims, index) + offset(y_dims, index));
  }
  return result;
}

TEST(BroadcastTest, VisitsEveryElementFromAnyStart) {
  const std::vector<std::pair<std::vector<int64_t>, std::vector<int64_t>>> cases = {
      {{}, {}},
      {{3}, {3}},
      {{}, {4}},
      {{4}, {}},
      {{2, 3}, {3}},
      {{2, 3}, {2, 1}},
      {{3, 1}, {1, 4}},
      {{2, 1, 3}, {4, 1}},
      {{2, 3, 1, 2}, {1, 1, 4, 2}},
      {{2, 1, 2, 1, 2, 1, 2}, {1, 2, 1, 2, 1, 2, 1}},
      {{1, 1, 1, 1, 1, 1, 1, 1, 1, 2}, {2}},
      {{0, 3}, {1, 3}},
      {{1}, {0}},
  };
  for (const auto& [x_dims, y_dims] : cases) {
    Broadcast broadcast;
    const TestTensor x = Shaped(x_dims), y = Shaped(y_dims);
    ASSERT_OK(broadcast.Init(x.view(), y.view()));
    std::vector<int> xs(x.count()), ys(y.count());
    for (size_t i = 0; i < xs.size(); ++i) xs[i] = static_cast<int>(i);
    for (size_t i = 0; i < ys.size(); ++i) ys[i] = static_cast<int>(i);
    const std::vector<int> expected = Expected(broadcast, x_dims, y_dims);
    const int64_t count = broadcast.count();
    for (int64_t step = 1; step <= count + 1; ++step) {
      std::vector<int> zs(count);
      for (int64_t begin = 0; begin < count; begin += step) {
        broadcast.Run(begin, std::min(begin + step, count), xs.data(), ys.data(), zs.data(),
                      [](int a, int b) { return 10 * a + b; });
      }
      EXPECT_EQ(zs, expected) << ShapeText(x.view()).c_str() << ShapeText(y.view()).c_str();
    }
  }
}

}  // namespace
}  // namespace opgraft
