// HyperplaneLSHProbes (tf.contrib.nearest_neighbor): the buckets to look into, best first, of hash
// tables whose hash bits are the sides of hyperplanes that a point is on. The order is that of Lv
// et al. 2007, "Multi-Probe LSH: Efficient Indexing for High-Dimensional Similarity Search".
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

constexpr int kMaxTables = 1000;
constexpr int kMaxHyperplanes = 30;  // a bucket is an int32

/// A bucket that differs from the point's own in `flipped` bits.
template <class T>
struct Probe {
  T score;  // sum of the squared distances to the hyperplanes of the flipped bits
  int32_t table;
  int32_t flipped;
  int32_t last;  // rank of the most distant of those hyperplanes
};

/// The probe with the smallest score first. Unlike the heap of <algorithm> it has a defined order
/// of equal scores, which is TensorFlow's; and a NaN cannot harm it.
template <class T>
class Heap {
 public:
  bool empty() const { return probes_.empty(); }
  void clear() { probes_.clear(); }
  void reserve(size_t n) { probes_.reserve(n); }

  /// Adds a probe anywhere; Order() is due afterwards.
  void Append(const Probe<T>& probe) { probes_.push_back(probe); }
  void Order() {
    for (size_t i = probes_.size() / 2; i-- > 0;) Sink(i);
  }

  void Push(const Probe<T>& probe) {
    size_t i = probes_.size();
    probes_.push_back(probe);
    for (; i > 0 && probes_[(i - 1) / 2].score > probe.score; i = (i - 1) / 2) {
      probes_[i] = probes_[(i - 1) / 2];
    }
    probes_[i] = probe;
  }

  Probe<T> Pop() {
    const Probe<T> top = probes_.front();
    probes_.front() = probes_.back();
    probes_.pop_back();
    if (!probes_.empty()) Sink(0);
    return top;
  }

 private:
  bool InOrder(size_t a, size_t b) const { return probes_[a].score <= probes_[b].score; }

  void Sink(size_t i) {
    for (;;) {
      const size_t left = 2 * i + 1, right = left + 1, n = probes_.size();
      if (left >= n) return;
      // A child that is not in order with i moves up: the right one if left is none or not in order
      // with it.
      const bool left_stays = InOrder(i, left);
      if (left_stays && (right >= n || InOrder(i, right))) return;
      const bool take_right = right < n && (left_stays || !InOrder(left, right));
      const size_t child = take_right ? right : left;
      std::swap(probes_[i], probes_[child]);
      i = child;
    }
  }

  std::vector<Probe<T>> probes_;
};

/// Finds the probes of one point after another.
template <class T>
class Prober {
 public:
  Prober(int num_tables, int num_hyperplanes, int64_t num_probes)
      : num_tables_(num_tables),
        num_hyperplanes_(num_hyperplanes),
        own_(num_tables),
        nearest_(static_cast<size_t>(num_tables) * num_hyperplanes) {
    constexpr int64_t kMost = 1024;  // a hostile number of probes needs memory only as it comes
    if (num_probes > num_tables) heap_.reserve(std::min(num_probes, kMost));
  }

  /// products: the point's inner products with the hyperplanes. There must be enough probes.
  void Find(const T* products, int num_probes, int32_t* probes, int32_t* tables) {
    const int first = std::min(num_probes, num_tables_);
    for (int table = 0; table < first; ++table) {
      probes[table] = own_[table] = Bucket(products + table * num_hyperplanes_);
      tables[table] = table;
    }
    if (first == num_probes) return;
    heap_.clear();
    for (int table = 0; table < num_tables_; ++table) {
      Sort(products + table * num_hyperplanes_, Nearest(table));
      heap_.Append({Square(products, table, 0), table, Bit(table, 0), 0});
    }
    heap_.Order();
    for (int i = first; i < num_probes; ++i) {
      const Probe<T> probe = heap_.Pop();
      probes[i] = own_[probe.table] ^ probe.flipped;
      tables[i] = probe.table;
      Continue(products, probe);
    }
  }

 private:
  /// The two probes that follow from one: its last hyperplane is exchanged for the next, or the
  /// next one is added. Each set of hyperplanes is reached in one way.
  void Continue(const T* products, const Probe<T>& probe) {
    const int next = probe.last + 1;
    if (next == num_hyperplanes_) return;
    const T last_square = Square(products, probe.table, probe.last);
    const T next_square = Square(products, probe.table, next);
    const int32_t next_bit = Bit(probe.table, next);
    heap_.Push({probe.score - last_square + next_square, probe.table,
                probe.flipped ^ Bit(probe.table, probe.last) ^ next_bit, next});
    heap_.Push({probe.score + next_square, probe.table, probe.flipped ^ next_bit, next});
  }

  /// The bucket that the point itself is in; the first hyperplane gives the highest bit.
  int32_t Bucket(const T* products) const {
    int32_t bucket = 0;
    for (int i = 0; i < num_hyperplanes_; ++i) bucket = bucket << 1 | (products[i] >= 0 ? 1 : 0);
    return bucket;
  }

  /// Hyperplanes by their distance; equals and NaNs in the order of std::sort for up to 16
  /// elements, which is an insertion sort's.
  void Sort(const T* products, int* nearest) const {
    constexpr int kTogether = 4;
    T distances[kMaxHyperplanes + kTogether];
    int32_t ranks[kMaxHyperplanes + kTogether] = {};
    const int n = num_hyperplanes_;
    for (int i = 0; i < n; ++i) distances[i] = std::abs(products[i]);
    for (int i = n; i < n + kTogether; ++i) distances[i] = 0;
    // Counting how many are nearer takes more comparisons, but none is a branch.
    for (int j = 0; j < n; ++j) {
      const T distance = distances[j];
      for (int i = 0; i < n; i += kTogether) {
        for (int k = 0; k < kTogether; ++k) ranks[i + k] += distance < distances[i + k];
      }
    }
    int sum = 0;
    for (int i = 0; i < n; ++i) sum += ranks[i];
    // Each pair counts once, unless it is of equals or NaNs.
    if (2 * sum != n * (n - 1)) return InsertionSort(distances, nearest);
    for (int i = 0; i < n; ++i) nearest[ranks[i]] = i;
  }

  void InsertionSort(const T* distances, int* nearest) const {
    for (int i = 0; i < num_hyperplanes_; ++i) {
      int at = i;
      if (i > 0 && distances[i] < distances[nearest[0]]) {
        for (; at > 0; --at) nearest[at] = nearest[at - 1];
      } else {
        for (; at > 1 && distances[i] < distances[nearest[at - 1]]; --at) {
          nearest[at] = nearest[at - 1];
        }
      }
      nearest[at] = i;
    }
  }

  int* Nearest(int table) { return nearest_.data() + table * num_hyperplanes_; }
  int32_t Bit(int table, int rank) {
    return int32_t{1} << (num_hyperplanes_ - 1 - Nearest(table)[rank]);
  }
  T Square(const T* products, int table, int rank) {
    const T distance = products[table * num_hyperplanes_ + Nearest(table)[rank]];
    return distance * distance;
  }

  const int num_tables_, num_hyperplanes_;
  std::vector<int32_t> own_;  // the bucket of each table that the point is in
  std::vector<int> nearest_;  // hyperplanes of each table, the nearest first
  Heap<T> heap_;
};

Status ReadScalar(KernelContext* context, int i, const char* name, int32_t max, int32_t* value) {
  const TensorView& scalar = context->input(i);
  if (scalar.rank != 0) {
    return InvalidArgument("%s must be a scalar, saw shape: %s", name, ShapeText(scalar).c_str());
  }
  *value = *scalar.flat<int32_t>();
  if (*value < 1 || *value > max) {
    return InvalidArgument("%s is %d, not in [1, %d]", name, *value, max);
  }
  return Status();
}

template <class T>
Status HyperplaneLSHProbes(KernelContext* context) {
  const TensorView& products = context->input(0);
  int32_t num_tables, num_hyperplanes, num_probes;
  if (products.rank != 2) {
    return InvalidArgument("point_hyperplane_product must be a matrix, saw shape: %s",
                           ShapeText(products).c_str());
  }
  OPGRAFT_RETURN_IF_ERROR(ReadScalar(context, 1, "num_tables", kMaxTables, &num_tables));
  OPGRAFT_RETURN_IF_ERROR(
      ReadScalar(context, 2, "num_hyperplanes_per_table", kMaxHyperplanes, &num_hyperplanes));
  OPGRAFT_RETURN_IF_ERROR(ReadScalar(context, 3, "num_probes", INT32_MAX, &num_probes));
  const int64_t batch_size = products.dims[0], width = products.dims[1];
  if (width != int64_t{num_tables} * num_hyperplanes) {
    return InvalidArgument(
        "%d tables of %d hyperplanes each need %d products per point, saw shape:"
        " %s",
        num_tables, num_hyperplanes, num_tables * num_hyperplanes, ShapeText(products).c_str());
  }
  const int64_t buckets = int64_t{num_tables} << num_hyperplanes;
  if (batch_size > 0 && num_probes > buckets) {
    return Error(Code::kInternal,
                 "num_probes is %d, but %d tables of %d hyperplanes have only %lld"
                 " buckets",
                 num_probes, num_tables, num_hyperplanes, static_cast<long long>(buckets));
  }
  int64_t count;
  if (__builtin_mul_overflow(batch_size, num_probes, &count)) {
    return InvalidArgument("%d probes of %lld points each are more than 2^63", num_probes,
                           static_cast<long long>(batch_size));
  }
  const int64_t dims[] = {batch_size, num_probes};
  TensorView probes, tables;
  OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, 2, dims, &probes));
  OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(1, 2, dims, &tables));

  const T* const in = products.flat<T>();
  int32_t* const probes_out = probes.flat<int32_t>();
  int32_t* const tables_out = tables.flat<int32_t>();
  const int64_t more = std::max(num_probes - num_tables, 0);
  context->ParallelFor(batch_size, 2 * width + 100 * more, [&](int64_t begin, int64_t end) {
    Prober<T> prober(num_tables, num_hyperplanes, num_probes);
    for (int64_t i = begin; i < end; ++i) {
      prober.Find(in + i * width, num_probes, probes_out + i * num_probes,
                  tables_out + i * num_probes);
    }
  });
  return Status();
}

/// TensorFlow's op has no shape function, so that wrong shapes come up in the kernel only.
Status HyperplaneLSHProbesShape(ShapeContext* context) {
  const Shape products = context->input(0);
  int64_t num_probes;
  const bool known = context->ConstantInput(3, 1, &num_probes) && num_probes > 0;
  const Dimension dims[] = {
      context->Rank(products) == 2 ? context->Dim(products, 0) : context->MakeDim(-1),
      context->MakeDim(known ? num_probes : -1)};
  context->set_output(0, context->MakeShape(2, dims));
  context->set_output(1, context->MakeShape(2, dims));
  return Status();
}

constexpr KernelDefinition kKernels[] = {
    FunctionKernel<HyperplaneLSHProbes<float>>({{"CoordinateType", DT_FLOAT}}),
    FunctionKernel<HyperplaneLSHProbes<double>>({{"CoordinateType", DT_DOUBLE}}),
};

OPGRAFT_REGISTER_OP(hyperplane_lsh_probes, OpBuilder("HyperplaneLSHProbes")
                                               .Input("point_hyperplane_product: CoordinateType")
                                               .Input("num_tables: int32")
                                               .Input("num_hyperplanes_per_table: int32")
                                               .Input("num_probes: int32")
                                               .Output("probes: int32")
                                               .Output("table_ids: int32")
                                               .Attr("CoordinateType: {float, double}")
                                               .Shape(HyperplaneLSHProbesShape)
                                               .Kernels(kKernels));

}  // namespace
}  // namespace opgraft
