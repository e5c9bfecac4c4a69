// SingleImageRandomDotStereograms (tf.contrib.image): a picture of random dots that shows depth to
// eyes that look past it. The method is that of H. Thimbleby, S. Inglis and I. Witten, "Displaying
// 3D Images: Algorithms for Single-Image Random-Dot Stereograms", IEEE Computer 27(10), 1994: in
// every row, pixels that the two eyes see as one point get one colour.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

constexpr int64_t kMaxSize = INT32_MAX;
constexpr uint8_t kBlack = 0, kWhite = 255;

Status CheckSize(const char* what, int64_t size, int64_t min) {
  if (size >= min && size <= kMaxSize) return Status();
  return InvalidArgument("%s must be known, at least %lld and at most %lld, got %lld", what,
                         static_cast<long long>(min), static_cast<long long>(kMaxSize),
                         static_cast<long long>(size));
}

template <class T>
void CopyTo(const TensorView& from, double* to) {
  std::copy_n(from.flat<T>(), from.count, to);
}

class SingleImageRandomDotStereograms final : public Kernel {
 public:
  Status Init(Attrs* attrs) override {
    OPGRAFT_RETURN_IF_ERROR(attrs->Bool("hidden_surface_removal", &hidden_surface_removal_));
    OPGRAFT_RETURN_IF_ERROR(attrs->Int("convergence_dots_size", &dot_));
    OPGRAFT_RETURN_IF_ERROR(attrs->Float("mu", &mu_));
    OPGRAFT_RETURN_IF_ERROR(attrs->Bool("normalize", &normalize_));
    OPGRAFT_RETURN_IF_ERROR(attrs->Float("normalize_max", &normalize_max_));
    OPGRAFT_RETURN_IF_ERROR(attrs->Float("normalize_min", &normalize_min_));
    OPGRAFT_RETURN_IF_ERROR(attrs->Float("border_level", &border_));
    OPGRAFT_RETURN_IF_ERROR(attrs->Int("number_colors", &number_colors_));
    OPGRAFT_RETURN_IF_ERROR(InitEyes(attrs));
    return InitSizes(attrs);
  }

  Status Compute(KernelContext* context) override {
    const TensorView& depths = context->input(0);
    if (depths.rank != 2 || depths.count == 0) {
      return InvalidArgument("depth_values must be a matrix of at least one value, got shape %s",
                             ShapeText(depths).c_str());
    }
    TensorView image;
    const int64_t dims[] = {height_, width_, channels_};
    OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, 3, dims, &image));
    if (image.count == 0) return Status();

    const std::vector<double> levels = Levels(depths);
    const int64_t rows = depths.dims[0], columns = depths.dims[1];
    std::vector<int32_t> link(width_);
    int64_t linked = -2;  // the row of depths that links are for; -1 is the border
    for (int64_t y = 0; y < height_; ++y) {
      const int64_t from = Position(y - Top(), rows, window_height_);
      if (from != linked) {
        Link(Row(this, from < 0 ? nullptr : levels.data() + from * columns, columns), &link);
        linked = from;
      }
      Paint(link, image.flat<uint8_t>() + y * width_ * channels_);
    }
    if (dot_ > 0) PaintDots(image.flat<uint8_t>());
    return Status();
  }

 private:
  Status InitEyes(Attrs* attrs) {
    float separation;
    int64_t dots_per_inch;
    OPGRAFT_RETURN_IF_ERROR(attrs->Float("eye_separation", &separation));
    OPGRAFT_RETURN_IF_ERROR(attrs->Int("dots_per_inch", &dots_per_inch));
    const float eyes = separation * static_cast<float>(dots_per_inch);
    if (!(std::fabs(eyes) < 2147483648.0f)) {
      return InvalidArgument(
          "eye_separation of %g inches at %lld dots_per_inch must be less than 2^31 dots",
          separation, static_cast<long long>(dots_per_inch));
    }
    eyes_ = static_cast<int32_t>(eyes);
    return Status();
  }

  Status InitSizes(Attrs* attrs) {
    int rank;
    const int64_t* dims;
    OPGRAFT_RETURN_IF_ERROR(attrs->Shape("output_image_shape", &rank, &dims));
    if (rank != 3) {
      return InvalidArgument("output_image_shape must be [width, height, channels], got rank %d",
                             rank);
    }
    width_ = dims[0], height_ = dims[1], channels_ = number_colors_ > 256 ? 3 : dims[2];
    OPGRAFT_RETURN_IF_ERROR(CheckSize("the width in output_image_shape", width_, 0));
    OPGRAFT_RETURN_IF_ERROR(CheckSize("the height in output_image_shape", height_, 0));
    OPGRAFT_RETURN_IF_ERROR(CheckSize("the channels in output_image_shape", channels_, 0));
    OPGRAFT_RETURN_IF_ERROR(attrs->Shape("output_data_window", &rank, &dims));
    if (rank < 2) {
      return InvalidArgument("output_data_window must be [width, height], got rank %d", rank);
    }
    window_width_ = dims[0], window_height_ = dims[1];
    OPGRAFT_RETURN_IF_ERROR(CheckSize("the width in output_data_window", window_width_, 1));
    return CheckSize("the height in output_data_window", window_height_, 1);
  }

  /// Where the window begins. Dots below it get a third of what is then free above and below.
  int64_t Left() const { return (width_ - window_width_) / 2; }
  int64_t Top() const {
    const int64_t free = height_ - window_height_;
    return dot_ > 0 ? std::max<int64_t>(free - std::min(dot_, kMaxSize), 0) / 3 : free / 2;
  }

  /// The element, of `n` spread over `size` pixels, at pixel i; -1 outside.
  static int64_t Position(int64_t i, int64_t n, int64_t size) {
    const double position = static_cast<double>(i) * static_cast<double>(n) / size;
    return position >= 0 && position < n ? static_cast<int64_t>(position) : -1;
  }

  /// Depths as 0 (far) to 1 (near); what is not a number stays so.
  std::vector<double> Levels(const TensorView& depths) const {
    std::vector<double> levels(depths.count);
    switch (depths.dtype) {
      case DT_FLOAT:
        CopyTo<float>(depths, levels.data());
        break;
      case DT_DOUBLE:
        CopyTo<double>(depths, levels.data());
        break;
      case DT_INT32:
        CopyTo<int32_t>(depths, levels.data());
        break;
      default:
        CopyTo<int64_t>(depths, levels.data());
    }
    double low = normalize_min_, high = normalize_max_;
    if (normalize_ && low > high) {
      low = high = levels[0];
      for (const double level : levels) {
        high = level > high ? level : high;
        low = level < low ? level : low;
      }
    }
    for (double& level : levels) {
      if (normalize_) level = (level - low) / (high - low);
      level = level > 1 ? 1 : level < 0 ? 0 : level;
    }
    return levels;
  }

  /// How far apart the eyes see a point of this depth in the picture.
  double Separation(double level) const {
    return std::round((1 - mu_ * level) * eyes_ / (2 - mu_ * level));
  }

  /// The depths along a row of the picture, and beyond its ends.
  class Row {
   public:
    /// levels: null if all of the row is border.
    Row(const SingleImageRandomDotStereograms* op, const double* levels, int64_t columns)
        : op_(*op), levels_(levels), columns_(columns), inside_(op->width_) {
      for (int64_t x = 0; x < op_.width_; ++x) inside_[x] = Find(x);
    }
    double operator[](int64_t x) const { return x >= 0 && x < op_.width_ ? inside_[x] : Find(x); }
    /// Whether there is nothing but border left of `left` and right of `right`.
    bool IsBeyond(int64_t left, int64_t right) const {
      return levels_ == nullptr || (left < op_.Left() && right - op_.Left() >= op_.window_width_);
    }

   private:
    double Find(int64_t x) const {
      if (levels_ == nullptr) return op_.border_;
      const int64_t column = Position(x - op_.Left(), columns_, op_.window_width_);
      return column < 0 ? op_.border_ : levels_[column];
    }

    const SingleImageRandomDotStereograms& op_;
    const double* const levels_;
    const int64_t columns_;
    std::vector<double> inside_;
  };

  /// Whether no point nearer to the eyes hides the point at x from either of them.
  bool IsVisible(const Row& row, int64_t x) const {
    const double rise = 2 * (2 - mu_ * row[x]), run = mu_ * static_cast<float>(eyes_);
    for (int64_t t = 1;; ++t) {
      const double ray = t * rise / run + row[x];
      if (!(ray > row[x - t] && ray > row[x + t])) return false;
      if (!(ray < 1)) return true;
      // A ray that does not fall stays above the border.
      if (row.IsBeyond(x - t, x + t)) return rise / run >= 0;
    }
  }

  /// Makes link[x] the nearest pixel right of x with the colour of x, or x.
  void Link(const Row& row, std::vector<int32_t>* links) const {
    int32_t* const link = links->data();
    for (int32_t x = 0; x < width_; ++x) link[x] = x;
    for (int32_t x = 0; x < width_; ++x) {
      const double separation = Separation(row[x]);
      // Those that are negative or not numbers link nothing.
      if (!(separation >= 0 && separation <= width_)) continue;
      int32_t left = x - static_cast<int32_t>(separation) / 2;
      int32_t right = left + static_cast<int32_t>(separation);
      if (left < 0 || right >= width_) continue;
      if (hidden_surface_removal_ && !IsVisible(row, x)) continue;
      while (link[left] != left && link[left] < right) left = link[left];
      link[left] = right;
    }
  }

  // As in TensorFlow the dots come from the C library's generator, so that after the same srand()
  // they are the same.
  uint8_t Dot() const {
    const int bits = std::rand();
    if (number_colors_ == 2) return bits & 1 ? kWhite : kBlack;
    return static_cast<uint8_t>(bits);
  }

  void Paint(const std::vector<int32_t>& link, uint8_t* out) const {
    for (int64_t x = width_ - 1; x >= 0; --x) {
      uint8_t* const pixel = out + x * channels_;
      if (link[x] == x) {
        std::generate_n(pixel, channels_, [this] { return Dot(); });
      } else {
        std::copy_n(out + link[x] * channels_, channels_, pixel);
      }
    }
  }

  /// Two squares, as far apart as the border is deep: where they become three, depth is seen.
  void PaintDots(uint8_t* image) const {
    const int64_t half = static_cast<int64_t>(std::round(eyes_ / 2.0)) / 2;
    const int64_t size = std::min(dot_, kMaxSize), bottom = height_ - Top();
    for (const int64_t center : {width_ / 2 - half, width_ / 2 + half}) {
      const int64_t begin = std::min(std::max<int64_t>(center - size / 2, 0), width_);
      const int64_t end = std::min(std::max<int64_t>(center - size / 2 + size, 0), width_);
      for (int64_t y = std::max<int64_t>(bottom - size, 0); y < std::min(bottom, height_); ++y) {
        std::fill(image + (y * width_ + begin) * channels_, image + (y * width_ + end) * channels_,
                  kBlack);
      }
    }
  }

  bool hidden_surface_removal_, normalize_;
  float mu_, normalize_max_, normalize_min_, border_;
  int64_t dot_, number_colors_, width_, height_, channels_, window_width_, window_height_;
  int32_t eyes_;  // the distance between the eyes, in pixels
};

Status StereogramShape(ShapeContext* context) {
  Shape image;
  OPGRAFT_RETURN_IF_ERROR(context->ShapeAttr("output_image_shape", &image));
  OPGRAFT_RETURN_IF_ERROR(context->WithRank(image, 3, &image));
  int64_t number_colors;
  OPGRAFT_RETURN_IF_ERROR(context->IntAttr("number_colors", &number_colors));
  const Dimension dims[] = {context->Dim(image, 1), context->Dim(image, 0),
                            number_colors > 256 ? context->MakeDim(3) : context->Dim(image, 2)};
  context->set_output(0, context->MakeShape(3, dims));
  return Status();
}

constexpr KernelDefinition kKernels[] = {
    ClassKernel<SingleImageRandomDotStereograms>({{"T", DT_DOUBLE}}),
    ClassKernel<SingleImageRandomDotStereograms>({{"T", DT_FLOAT}}),
    ClassKernel<SingleImageRandomDotStereograms>({{"T", DT_INT64}}),
    ClassKernel<SingleImageRandomDotStereograms>({{"T", DT_INT32}}),
};

OPGRAFT_REGISTER_OP(single_image_random_dot_stereograms,
                    OpBuilder("SingleImageRandomDotStereograms")
                        .Input("depth_values: T")
                        .Output("image: uint8")
                        .Attr("T: {double, float, int64, int32}")
                        .Attr("hidden_surface_removal: bool = true")
                        .Attr("convergence_dots_size: int = 8")
                        .Attr("dots_per_inch: int = 72")
                        .Attr("eye_separation: float = 2.5")
                        .Attr("mu: float = .3333")
                        .Attr("normalize: bool = true")
                        .Attr("normalize_max: float = -100.0")
                        .Attr("normalize_min: float = 100.0")
                        .Attr("border_level: float = 0.0")
                        .Attr("number_colors: int = 256")
                        .Attr("output_image_shape: shape = {dim {size:1024} dim {size: 768} "
                              "dim {size: 1}}")
                        .Attr("output_data_window: shape = {dim {size:1022} dim {size: 757}}")
                        .Shape(StereogramShape)
                        .Kernels(kKernels));

}  // namespace
}  // namespace opgraft
