// ImageConnectedComponents (tf.contrib.image.connected_components): labels the areas of
// neighbouring (left, right, up, down) pixels that are equal and not zero, false or empty.
//
// A label is 1 + the index of one pixel of the area: of the root of its union-find tree. Which one
// that is follows from the order of unions, TensorFlow's, which is that of O. Stava and B. Benes,
// "Connected component labeling in CUDA" (GPU Computing Gems, 2011): blocks of 2 x 2 pixels first,
// then blocks of 2 x 2 blocks, and so on; the seams inside a block from left to right and then from
// top to bottom. Blocks of one size do not touch, so they can be done in any order.
#include <algorithm>
#include <complex>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>

#include "ops/kernel/half.h"
#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

// Integers and booleans are compared as unsigned numbers of their size, so that there is one copy
// of the code for each size.

template <class T>
bool IsZero(T pixel) {
  return pixel == T(0);
}
bool IsZero(Half pixel) { return (pixel.bits & 0x7fff) == 0; }
bool IsZero(BFloat16 pixel) { return (pixel.bits & 0x7fff) == 0; }
bool IsZero(StringView pixel) { return pixel.size == 0; }

/// Of two pixels the first of which is not zero. A NaN is equal to nothing.
template <class T>
bool Same(const T& a, const T& b) {
  return a == b;
}
bool Same(Half a, Half b) { return a.bits == b.bits && (a.bits & 0x7fff) <= 0x7c00; }
bool Same(BFloat16 a, BFloat16 b) { return a.bits == b.bits && (a.bits & 0x7fff) <= 0x7f80; }

template <class T>
using Buffer = std::unique_ptr<T, void (*)(void*)>;

template <class T>
Status Allocate(int64_t n, Buffer<T>* buffer) {
  buffer->reset(static_cast<T*>(std::malloc(n * sizeof(T))));
  if (*buffer != nullptr) return Status();
  return Error(Code::kResourceExhausted, "out of memory for the components of %lld pixels",
               static_cast<long long>(n));
}

/// One image and its forest. Indices count the pixels of this image.
template <class T>
class Labels {
 public:
  Labels(const T* pixels, int64_t height, int64_t width, uint32_t* parents, uint8_t* ranks)
      : pixels_(pixels), height_(height), width_(width), parents_(parents), ranks_(ranks) {}

  /// Every pixel of a block becomes a tree.
  void Reset(int64_t top, int64_t left, int64_t size) {
    const int64_t n = std::min(width_, left + size) - left;
    for (int64_t y = top; y < std::min(height_, top + size); ++y) {
      const int64_t first = y * width_ + left;
      for (int64_t i = first; i < first + n; ++i) parents_[i] = static_cast<uint32_t>(i);
      std::fill_n(ranks_ + first, n, uint8_t{0});
    }
  }

  /// Joins the quarters of a block.
  void Join(int64_t top, int64_t left, int64_t size) {
    const int64_t x = left + size / 2, y = top + size / 2;
    if (x < width_) {
      const int64_t end = std::min(height_, top + size) * width_ + x;
      for (int64_t i = top * width_ + x; i < end; i += width_) JoinPixels(i - 1, i);
    }
    if (y < height_) {
      const int64_t end = y * width_ + std::min(width_, left + size);
      for (int64_t i = y * width_ + left; i < end; ++i) JoinPixels(i - width_, i);
    }
  }

  /// Labels the pixels of a row; `base` is the label of the image's first one.
  void Write(int64_t y, int64_t base, int64_t* labels) const {
    const T* const row = pixels_ + y * width_;
    for (int64_t x = 0; x < width_; ++x) {
      if (IsZero(row[x])) {
        labels[x] = 0;
      } else if (x > 0 && Same(row[x], row[x - 1])) {
        labels[x] = labels[x - 1];
      } else {
        uint32_t root = static_cast<uint32_t>(y * width_ + x);
        while (parents_[root] != root) root = parents_[root];
        labels[x] = base + root;
      }
    }
  }

 private:
  uint32_t FindRoot(int64_t pixel) {
    uint32_t i = static_cast<uint32_t>(pixel);
    while (parents_[i] != i) i = parents_[i] = parents_[parents_[i]];
    return i;
  }

  void JoinPixels(int64_t a, int64_t b) {
    if (IsZero(pixels_[a]) || !Same(pixels_[a], pixels_[b])) return;
    const uint32_t root_a = FindRoot(a), root_b = FindRoot(b);
    if (root_a == root_b) return;
    // The lower rank becomes the root, contrary to the textbook. A rank still takes twice the
    // pixels of the one below it, so that a byte is enough.
    if (ranks_[root_a] < ranks_[root_b]) {
      parents_[root_b] = root_a;
    } else {
      parents_[root_a] = root_b;
      ++ranks_[root_b];
    }
  }

  const T* const pixels_;
  const int64_t height_, width_;
  uint32_t* const parents_;
  uint8_t* const ranks_;
};

template <class T>
Status LabelImages(KernelContext* context, const TensorView& images, const T* pixels,
                   int64_t* labels) {
  constexpr int64_t kTile = 64;  // what one thread does while it is in the cache
  const int64_t height = images.dims[1], width = images.dims[2], size = height * width;
  if (size > std::numeric_limits<uint32_t>::max()) {
    return InvalidArgument("an image must have at most %lld pixels, got %lld x %lld",
                           static_cast<long long>(std::numeric_limits<uint32_t>::max()),
                           static_cast<long long>(height), static_cast<long long>(width));
  }
  Buffer<uint32_t> parents(nullptr, std::free);
  Buffer<uint8_t> ranks(nullptr, std::free);
  OPGRAFT_RETURN_IF_ERROR(Allocate(images.count, &parents));
  OPGRAFT_RETURN_IF_ERROR(Allocate(images.count, &ranks));
  const auto image = [&](int64_t i) {
    return Labels<T>(pixels + i * size, height, width, parents.get() + i * size,
                     ranks.get() + i * size);
  };
  // Calls f(image, top, left) for the blocks of a size.
  const auto for_blocks = [&](int64_t block, int64_t cost, const auto& f) {
    const int64_t across = (width + block - 1) / block, down = (height + block - 1) / block;
    context->ParallelFor(images.dims[0] * down * across, cost, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        Labels<T> one = image(i / (down * across));
        f(&one, i / across % down * block, i % across * block);
      }
    });
  };
  const int64_t tile_cost = 15 * std::min(kTile, height) * std::min(kTile, width);
  for_blocks(kTile, tile_cost, [&](Labels<T>* one, int64_t top, int64_t left) {
    one->Reset(top, left, kTile);
    const int64_t bottom = std::min(height, top + kTile), right = std::min(width, left + kTile);
    for (int64_t block = 2; block <= kTile; block *= 2) {
      for (int64_t y = top; y < bottom; y += block) {
        for (int64_t x = left; x < right; x += block) one->Join(y, x, block);
      }
    }
  });
  for (int64_t block = 2 * kTile; block / 2 < std::max(height, width); block *= 2) {
    for_blocks(block, 40 * block,
               [&](Labels<T>* one, int64_t top, int64_t left) { one->Join(top, left, block); });
  }
  context->ParallelFor(images.dims[0] * height, 3 * width, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t i = row / height;
      image(i).Write(row % height, i * size + 1, labels + row * width);
    }
  });
  return Status();
}

Status AllocateLabels(KernelContext* context, TensorView* labels) {
  const TensorView& images = context->input(0);
  if (images.rank != 3) {
    return InvalidArgument("Input images must have rank 3, got shape %s",
                           ShapeText(images).c_str());
  }
  return context->AllocateOutput(0, 3, images.dims, labels);
}

template <class Pixel>
Status ImageConnectedComponents(KernelContext* context) {
  TensorView labels;
  OPGRAFT_RETURN_IF_ERROR(AllocateLabels(context, &labels));
  if (labels.count == 0) return Status();
  const TensorView& images = context->input(0);
  return LabelImages(context, images, images.flat<Pixel>(), labels.flat<int64_t>());
}

template <>
Status ImageConnectedComponents<StringView>(KernelContext* context) {
  TensorView labels;
  OPGRAFT_RETURN_IF_ERROR(AllocateLabels(context, &labels));
  if (labels.count == 0) return Status();
  const TensorView& images = context->input(0);
  Buffer<StringView> pixels(nullptr, std::free);
  OPGRAFT_RETURN_IF_ERROR(Allocate(images.count, &pixels));
  context->ReadStrings(images, 0, images.count, pixels.get());
  return LabelImages<StringView>(context, images, pixels.get(), labels.flat<int64_t>());
}

Status UnchangedShape(ShapeContext* context) {
  context->set_output(0, context->input(0));
  return Status();
}

template <class T, class Pixel = T>
constexpr KernelDefinition ComponentsKernel() {
  return FunctionKernel<ImageConnectedComponents<Pixel>>({{"dtype", DataTypeOf<T>::value}});
}

constexpr KernelDefinition kKernels[] = {
    ComponentsKernel<int64_t, uint64_t>(),
    ComponentsKernel<int32_t, uint32_t>(),
    ComponentsKernel<uint16_t>(),
    ComponentsKernel<int16_t, uint16_t>(),
    ComponentsKernel<uint8_t>(),
    ComponentsKernel<int8_t, uint8_t>(),
    ComponentsKernel<Half>(),
    ComponentsKernel<float>(),
    ComponentsKernel<double>(),
    ComponentsKernel<bool, uint8_t>(),
    ComponentsKernel<StringView>(),
    ComponentsKernel<BFloat16>(),
    ComponentsKernel<std::complex<float>>(),
    ComponentsKernel<std::complex<double>>(),
};

// TensorFlow has kernels for the last three types too, but its definition keeps them out.
OPGRAFT_REGISTER_OP(image_connected_components,
                    OpBuilder("ImageConnectedComponents")
                        .Alias("Addons>ImageConnectedComponents")
                        .Input("image: dtype")
                        .Output("components: int64")
                        .Attr("dtype: {int64, int32, uint16, int16, uint8, int8, half, float, "
                              "double, bool, string, bfloat16, complex64, complex128}")
                        .Shape(UnchangedShape)
                        .Kernels(kKernels));

}  // namespace
}  // namespace opgraft
