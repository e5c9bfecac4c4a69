// SkipGramGenerateCandidates (tf.contrib.text): pairs of a token and its neighbours, in a window
// whose width is drawn at random for each token (T. Mikolov et al., arXiv:1301.3781).
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <type_traits>
#include <vector>

#include "ops/contrib/philox.h"
#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

uint64_t RandomSeed() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  uint64_t seed = static_cast<uint64_t>(now.tv_sec) * 1000000000 + now.tv_nsec;
  const int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
  if (file >= 0) {
    uint64_t bits = 0;
    if (read(file, &bits, sizeof(bits)) == sizeof(bits)) seed ^= bits;
    close(file);
  }
  return seed;
}

/// The scalar inputs after the tokens. [begin, end) are the tokens to use, and may be empty.
struct Range {
  int32_t min_skips, max_skips;
  int64_t begin, end;
  bool emit_self;
};

Status ReadRange(KernelContext* context, Range* range) {
  static constexpr const char* kNames[] = {"input_tensor", "min_skips", "max_skips",
                                           "start",        "limit",     "emit_self_as_target"};
  for (int i = 1; i < 6; ++i) {
    if (context->input(i).count != 1) {
      return InvalidArgument("%s must be a scalar, saw shape: %s", kNames[i],
                             ShapeText(context->input(i)).c_str());
    }
  }
  const auto scalar = [&](int i) { return *context->input(i).flat<int32_t>(); };
  const int64_t count = context->input(0).count;
  const int64_t start = scalar(3), limit = scalar(4);
  range->min_skips = scalar(1);
  range->max_skips = scalar(2);
  range->emit_self = *context->input(5).flat<bool>();
  if (range->min_skips < 0 || range->max_skips < 0) {
    return InvalidArgument("Both min_skips and max_skips must be >= 0. They are %d and %d",
                           range->min_skips, range->max_skips);
  }
  if (range->min_skips > range->max_skips) {
    return InvalidArgument("min_skips must be <= max_skips. They are %d and %d", range->min_skips,
                           range->max_skips);
  }
  if (start < 0) {
    return InvalidArgument("start must be >= 0, is %lld", static_cast<long long>(start));
  }
  if (start + limit > std::numeric_limits<int32_t>::max()) {
    return InvalidArgument("start + limit must be at most 2147483647, is %lld + %lld",
                           static_cast<long long>(start), static_cast<long long>(limit));
  }
  range->begin = start;
  range->end = limit < 0 ? count : std::min(start + limit, count);
  return Status();
}

/// Copies the elements of `from` that `indices` names to n places of `to` from `begin` on.
template <class T>
void Copy(KernelContext* context, const TensorView& from, const int64_t* indices, int64_t n,
          const TensorView& to, int64_t begin) {
  if constexpr (std::is_same_v<T, StringView>) {
    context->CopyStrings(from, indices, n, to, begin);
  } else {
    for (int64_t i = 0; i < n; ++i) to.flat<T>()[begin + i] = from.flat<T>()[indices[i]];
  }
}

template <class T>
class SkipGramGenerateCandidates final : public Kernel {
 public:
  Status Init(Attrs* attrs) override {
    int64_t seed, seed2;
    OPGRAFT_RETURN_IF_ERROR(attrs->Int("seed", &seed));
    OPGRAFT_RETURN_IF_ERROR(attrs->Int("seed2", &seed2));
    const bool random = seed == 0 && seed2 == 0;
    generator_ = random ? Philox(RandomSeed(), RandomSeed())
                        : Philox(static_cast<uint64_t>(seed), static_cast<uint64_t>(seed2));
    return Status();
  }

  Status Compute(KernelContext* context) override {
    Range range;
    OPGRAFT_RETURN_IF_ERROR(ReadRange(context, &range));
    return Generate(context, range);
  }

 private:
  /// A generator for the next `n` tokens. Like TensorFlow's it goes on with a block of its own, and
  /// goes back if the range ends before it starts.
  Philox Reserve(int64_t n) {
    std::lock_guard<std::mutex> lock(mutex_);
    const Philox reserved = generator_;
    generator_.Skip((n + 4) / 4);
    return reserved;
  }

  Status Generate(KernelContext* context, const Range& range) {
    Philox random = Reserve(range.end - range.begin);
    const int64_t n = std::max<int64_t>(range.end - range.begin, 0);
    const uint32_t choices = static_cast<uint32_t>(range.max_skips - range.min_skips) + 1;
    // How far the window of each token reaches, and where its pairs begin.
    std::vector<int64_t> reach(n), first(n + 1);
    for (int64_t i = 0; i < n; ++i) {
      reach[i] = int64_t{range.min_skips} + random.Uniform(choices);
      const int64_t neighbours = std::min(reach[i], i) + std::min(reach[i], n - 1 - i);
      first[i + 1] = first[i] + neighbours + range.emit_self;
    }
    const int64_t total = first[n];
    TensorView tokens, labels;
    OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, 1, &total, &tokens));
    OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(1, 1, &total, &labels));
    const TensorView& input = context->input(0);
    const int64_t pair_cost = DataTypeOf<T>::value == DT_STRING ? 40 : 1;
    context->ParallelFor(n, pair_cost * (1 + total / (n + 1)), [&](int64_t begin, int64_t end) {
      constexpr int64_t kBatch = 512;
      int64_t token[kBatch], label[kBatch];
      int64_t count = 0, at = first[begin];
      const auto flush = [&] {
        Copy<T>(context, input, token, count, tokens, at);
        Copy<T>(context, input, label, count, labels, at);
        at += count;
        count = 0;
      };
      for (int64_t i = begin; i < end; ++i) {
        const int64_t last = std::min(i + reach[i], n - 1);
        for (int64_t j = std::max<int64_t>(i - reach[i], 0); j <= last; ++j) {
          if (j == i && !range.emit_self) continue;
          token[count] = range.begin + i;
          label[count] = range.begin + j;
          if (++count == kBatch) flush();
        }
      }
      flush();
    });
    return Status();
  }

  std::mutex mutex_;
  Philox generator_;
};

Status SkipGramGenerateCandidatesShape(ShapeContext* context) {
  Shape shape;
  OPGRAFT_RETURN_IF_ERROR(context->WithRank(context->input(0), 1, &shape));
  // Not the last input: TensorFlow does not look at it either.
  for (int i = 1; i < 5; ++i) {
    OPGRAFT_RETURN_IF_ERROR(context->WithRank(context->input(i), 0, &shape));
  }
  for (int i = 0; i < 2; ++i) {
    const Dimension unknown = context->MakeDim(-1);
    context->set_output(i, context->MakeShape(1, &unknown));
  }
  return Status();
}

constexpr KernelDefinition kKernels[] = {
    ClassKernel<SkipGramGenerateCandidates<StringView>>({{"T", DT_STRING}}),
    ClassKernel<SkipGramGenerateCandidates<int64_t>>({{"T", DT_INT64}}),
    ClassKernel<SkipGramGenerateCandidates<int32_t>>({{"T", DT_INT32}}),
    ClassKernel<SkipGramGenerateCandidates<int16_t>>({{"T", DT_INT16}}),
};

OPGRAFT_REGISTER_OP(skip_gram_generate_candidates, OpBuilder("SkipGramGenerateCandidates")
                                                       .Alias("Addons>SkipGramGenerateCandidates")
                                                       .Input("input_tensor: T")
                                                       .Input("min_skips: int32")
                                                       .Input("max_skips: int32")
                                                       .Input("start: int32")
                                                       .Input("limit: int32")
                                                       .Input("emit_self_as_target: bool")
                                                       .Output("tokens: T")
                                                       .Output("labels: T")
                                                       .Attr("T: type")
                                                       .Attr("seed: int = 0")
                                                       .Attr("seed2: int = 0")
                                                       .Stateful()
                                                       .Shape(SkipGramGenerateCandidatesShape)
                                                       .Kernels(kKernels));

}  // namespace
}  // namespace opgraft
