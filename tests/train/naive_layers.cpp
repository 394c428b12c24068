// Layers in float64, from their definitions, one output element after the other.

#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "tests/train/sample.h"

namespace offcut::train {
namespace {

using Index = std::array<std::int64_t, 3>;

/// A shape N, C and up to three spatial axes as one with three.
struct Image {
  std::int64_t n, c;
  Index extent = {1, 1, 1};

  explicit Image(const Shape& shape) : n(shape[0]), c(shape[1]) {
    std::copy_backward(shape.begin() + 2, shape.end(), extent.end());
  }
  std::int64_t at(std::int64_t image, std::int64_t channel, const Index& i) const {
    return (((image * c + channel) * extent[0] + i[0]) * extent[1] + i[1]) * extent[2] + i[2];
  }
  bool contains(const Index& i) const {
    return i[0] >= 0 && i[1] >= 0 && i[2] >= 0 && i[0] < extent[0] && i[1] < extent[1] &&
           i[2] < extent[2];
  }
};

template <class F>
void for_all(const Index& extent, F f) {
  for (std::int64_t i = 0; i < extent[0]; ++i) {
    for (std::int64_t j = 0; j < extent[1]; ++j) {
      for (std::int64_t k = 0; k < extent[2]; ++k) {
        f(Index{i, j, k});
      }
    }
  }
}

/// The window attributes for three axes; those that the input lacks come first.
struct Windows {
  Index stride = {1, 1, 1}, dilation = {1, 1, 1}, begin = {0, 0, 0}, end = {0, 0, 0};

  explicit Windows(const Sample& s) {
    const std::size_t axes = s.inputs[0].shape().size() - 2;
    const auto strides = s.attributes.integers("strides", {});
    const auto dilations = s.attributes.integers("dilations", {});
    const auto pads = s.attributes.integers("pads", {});
    for (std::size_t i = 0; i < axes; ++i) {
      const std::size_t to = 3 - axes + i;
      stride.at(to) = strides[i];
      dilation.at(to) = dilations[i];
      begin.at(to) = pads[i];
      end.at(to) = pads[axes + i];
    }
  }
  Index position(const Index& out, const Index& tap) const {
    Index p{};
    for (std::size_t i = 0; i < 3; ++i) {
      p.at(i) = out.at(i) * stride.at(i) + tap.at(i) * dilation.at(i) - begin.at(i);
    }
    return p;
  }
};

Tensor zeros(Shape shape) { return Tensor(TensorType{DataType::float64, std::move(shape)}); }
double* data(Tensor& tensor) { return tensor.values<double>().data(); }
const double* data(const Tensor& tensor) { return tensor.values<double>().data(); }

/// Calls f(n, group, channel out, channel in, out position, tap, in position), with the channels
/// counted within the group, for all positions inside the image that is read.
template <class F>
void for_each_product(const Windows& w, const Image& read, const Image& written,
                      const Image& weights, std::int64_t groups, F f) {
  for (std::int64_t n = 0; n < read.n; ++n) {
    for (std::int64_t o = 0; o < written.c; ++o) {
      const std::int64_t group = o / (written.c / groups);
      for (std::int64_t i = 0; i < read.c / groups; ++i) {
        for_all(written.extent, [&](const Index& out) {
          for_all(weights.extent, [&](const Index& tap) {
            const Index in = w.position(out, tap);
            if (read.contains(in)) {
              f(n, o, group * (read.c / groups) + i, i, out, tap, in);
            }
          });
        });
      }
    }
  }
}

void add_bias(const Sample& s, Tensor& y) {
  if (s.inputs.size() < 3) {
    return;
  }
  const std::int64_t plane = y.size() / y.shape()[0] / y.shape()[1];
  for (std::int64_t i = 0; i < y.size(); ++i) {
    data(y)[i] += data(s.inputs[2])[i / plane % y.shape()[1]];
  }
}

std::vector<Tensor> naive_conv(const Sample& s, const Shape& shape) {
  Tensor y = zeros(shape);
  const Image in(s.inputs[0].shape()), out(shape), weights(s.inputs[1].shape());
  for_each_product(Windows(s), in, out, weights, s.attributes.integer("group", 1),
                   [&](std::int64_t n, std::int64_t o, std::int64_t c, std::int64_t i,
                       const Index& at, const Index& tap, const Index& from) {
                     data(y)[out.at(n, o, at)] += data(s.inputs[0])[in.at(n, c, from)] *
                                                  data(s.inputs[1])[weights.at(o, i, tap)];
                   });
  add_bias(s, y);
  return {y};
}

std::vector<Tensor> naive_conv_transpose(const Sample& s, const Shape& shape) {
  Tensor y = zeros(shape);
  const Image x(s.inputs[0].shape()), out(shape), weights(s.inputs[1].shape());
  for_each_product(Windows(s), out, x, weights, s.attributes.integer("group", 1),
                   [&](std::int64_t n, std::int64_t o, std::int64_t c, std::int64_t i,
                       const Index& at, const Index& tap, const Index& to) {
                     data(y)[out.at(n, c, to)] += data(s.inputs[0])[x.at(n, o, at)] *
                                                  data(s.inputs[1])[weights.at(o, i, tap)];
                   });
  add_bias(s, y);
  return {y};
}

std::vector<Tensor> naive_average_pool(const Sample& s, const Shape& shape) {
  Tensor y = zeros(shape);
  const Image in(s.inputs[0].shape()), out(shape);
  const Windows w(s);
  const bool count_padding = s.attributes.integer("count_include_pad", 0) != 0;
  Index kernel = {1, 1, 1};
  const auto extents = s.attributes.integers("kernel_shape", {});
  std::copy_backward(extents.begin(), extents.end(), kernel.end());
  for (std::int64_t plane = 0; plane < in.n * in.c; ++plane) {
    for_all(out.extent, [&](const Index& at) {
      double sum = 0;
      double count = 0;
      for_all(kernel, [&](const Index& tap) {
        const Index from = w.position(at, tap);
        const bool inside = in.contains(from);
        bool padded = true;
        for (std::size_t i = 0; i < 3; ++i) {
          padded = padded && from.at(i) < in.extent.at(i) + w.end.at(i);
        }
        sum += inside ? data(s.inputs[0])[in.at(0, plane, from)] : 0;
        count += inside || (count_padding && padded) ? 1 : 0;
      });
      data(y)[out.at(0, plane, at)] = sum / count;
    });
  }
  return {y};
}

std::vector<Tensor> naive_global_pool(const Sample& s, bool greatest) {
  Shape shape = s.inputs[0].shape();
  std::fill(shape.begin() + 2, shape.end(), 1);
  Tensor y = zeros(shape);
  const std::int64_t plane = s.inputs[0].size() / y.size();
  for (std::int64_t i = 0; i < y.size(); ++i) {
    const double* const x = data(s.inputs[0]) + i * plane;
    data(y)[i] = greatest ? *std::max_element(x, x + plane)
                          : std::accumulate(x, x + plane, 0.0) / static_cast<double>(plane);
  }
  return {y};
}

/// Normalises the elements for which `group` gives the same number, by their number.
std::vector<Tensor> normalized(const Sample& s, bool centred,
                               const std::function<std::int64_t(std::int64_t)>& group,
                               const std::function<std::int64_t(std::int64_t)>& parameter) {
  const Tensor& x = s.inputs[0];
  std::map<std::int64_t, std::vector<double>> values;
  for (std::int64_t i = 0; i < x.size(); ++i) {
    values[group(i)].push_back(data(x)[i]);
  }
  std::map<std::int64_t, std::pair<double, double>> moments;
  for (const auto& [key, members] : values) {
    const auto n = static_cast<double>(members.size());
    const double mean = centred ? std::accumulate(members.begin(), members.end(), 0.0) / n : 0;
    double variance = 0;
    for (const double value : members) {
      variance += (value - mean) * (value - mean) / n;
    }
    moments[key] = {mean, variance};
  }
  const double epsilon = s.attributes.number("epsilon", 1e-5F);
  Tensor y = zeros(x.shape());
  for (std::int64_t i = 0; i < x.size(); ++i) {
    const auto [mean, variance] = moments.at(group(i));
    const std::int64_t k = parameter(i);
    data(y)[i] = (data(x)[i] - mean) / std::sqrt(variance + epsilon) * data(s.inputs[1])[k] +
                 (s.inputs.size() > 2 ? data(s.inputs[2])[k] : 0);
  }
  return {y};
}

std::vector<Tensor> naive_layer_norm(const Sample& s, bool centred) {
  const std::int64_t length = s.inputs[1].size();
  return normalized(
      s, centred, [&](std::int64_t i) { return i / length; },
      [&](std::int64_t i) { return i % length; });
}

std::vector<Tensor> naive_group_norm(const Sample& s, std::int64_t groups) {
  const Shape& x = s.inputs[0].shape();
  const std::int64_t plane = s.inputs[0].size() / x[0] / x[1];
  const std::int64_t in_group = x[1] / groups;
  const bool per_channel = s.inputs[1].size() == x[1];
  return normalized(
      s, true, [&](std::int64_t i) { return i / plane / in_group; },
      [&](std::int64_t i) { return i / plane % x[1] / (per_channel ? 1 : in_group); });
}

std::vector<Tensor> naive_batch_norm(const Sample& s) {
  const Shape& x = s.inputs[0].shape();
  const std::int64_t plane = s.inputs[0].size() / x[0] / x[1];
  const auto channel = [&](std::int64_t i) { return i / plane % x[1]; };
  return normalized(s, true, channel, channel);
}

std::vector<Tensor> naive_lrn(const Sample& s) {
  const Shape& shape = s.inputs[0].shape();
  const std::int64_t plane = s.inputs[0].size() / shape[0] / shape[1];
  const std::int64_t size = s.attributes.integer("size", 1);
  Tensor y = zeros(shape);
  for (std::int64_t i = 0; i < y.size(); ++i) {
    const std::int64_t c = i / plane % shape[1];
    double sum = 0;
    for (std::int64_t near = c - (size - 1) / 2; near <= c + size / 2; ++near) {
      const double x = near >= 0 && near < shape[1] ? data(s.inputs[0])[i + (near - c) * plane] : 0;
      sum += x * x;
    }
    const double alpha = s.attributes.number("alpha", 0) / static_cast<float>(size);
    const double beta = s.attributes.number("beta", 0);
    data(y)[i] = data(s.inputs[0])[i] / std::pow(1 + alpha * sum, beta);
  }
  return {y};
}

std::vector<Tensor> naive_softmax(const Sample& s, bool logarithm) {
  const Shape& shape = s.inputs[0].shape();
  const auto rank = static_cast<std::int64_t>(shape.size());
  const std::int64_t axis = (s.attributes.integer("axis", 0) + rank) % rank;
  const auto product = [&](std::int64_t first, std::int64_t last) {
    return std::accumulate(shape.begin() + first, shape.begin() + last, std::int64_t{1},
                           std::multiplies<>());
  };
  // Up to opset 12, all axes from `axis` on count as one.
  const std::int64_t inner = s.opset < 13 ? 1 : product(axis + 1, rank);
  const std::int64_t count =
      s.opset < 13 ? product(axis, rank) : shape[static_cast<std::size_t>(axis)];
  std::map<std::int64_t, double> sums;
  const auto group = [&](std::int64_t i) { return i / (inner * count) * inner + i % inner; };
  Tensor y = zeros(shape);
  for (std::int64_t i = 0; i < y.size(); ++i) {
    sums[group(i)] += std::exp(data(s.inputs[0])[i]);
  }
  for (std::int64_t i = 0; i < y.size(); ++i) {
    const double x = data(s.inputs[0])[i];
    data(y)[i] = logarithm ? x - std::log(sums[group(i)]) : std::exp(x) / sums[group(i)];
  }
  return {y};
}

/// Reduces with y = finish(sum of term(x), n).
Naive reduce_with(double (*term)(double), double (*finish)(double, double)) {
  return [=](const Sample& s) {
    const Shape& x = s.inputs[0].shape();
    std::vector<std::int64_t> all(x.size());
    std::iota(all.begin(), all.end(), 0);
    const auto axes = s.attributes.integers("axes", all);
    const bool keeps = s.attributes.integer("keepdims", 1) != 0;
    Shape kept = x;
    Shape shape;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const bool is_reduced =
          std::find(axes.begin(), axes.end(), static_cast<std::int64_t>(i)) != axes.end();
      kept[i] = is_reduced ? 1 : x[i];
      if (!is_reduced || keeps) {
        shape.push_back(kept[i]);
      }
    }
    Tensor y = zeros(shape);
    for (std::int64_t i = 0; i < s.inputs[0].size(); ++i) {
      std::int64_t rest = i;
      std::int64_t at = 0;
      std::int64_t step = 1;
      for (std::size_t axis = x.size(); axis-- > 0;) {
        at += kept[axis] == 1 ? 0 : rest % x[axis] * step;
        rest /= x[axis];
        step *= kept[axis];
      }
      data(y)[at] += term(data(s.inputs[0])[i]);
    }
    for (std::int64_t i = 0; i < y.size(); ++i) {
      data(y)[i] = finish(data(y)[i], static_cast<double>(s.inputs[0].size() / y.size()));
    }
    return std::vector<Tensor>{y};
  };
}

std::vector<Tensor> naive_resize(const Sample& s, const Shape& shape) {
  const Shape& x = s.inputs[0].shape();
  Tensor y = zeros(shape);
  for (std::int64_t i = 0; i < y.size(); ++i) {
    std::int64_t rest = i;
    std::int64_t from = 0;
    std::int64_t step = 1;
    for (std::size_t axis = x.size(); axis-- > 0;) {
      const auto place = static_cast<float>(rest % shape[axis]);
      from += static_cast<std::int64_t>(place / s.inputs[2].values<float>()[axis]) * step;
      rest /= shape[axis];
      step *= x[axis];
    }
    data(y)[i] = data(s.inputs[0])[from];
  }
  return {y};
}

}  // namespace

void add_naive_layers(std::map<std::string, Naive>& all) {
  all["Conv"] = [](const Sample& s) { return naive_conv(s, output_shape("Conv", s)); };
  all["ConvTranspose"] = [](const Sample& s) {
    return naive_conv_transpose(s, output_shape("ConvTranspose", s));
  };
  all["Resize"] = [](const Sample& s) { return naive_resize(s, output_shape("Resize", s)); };
  all["AveragePool"] = [](const Sample& s) {
    return naive_average_pool(s, output_shape("AveragePool", s));
  };
  all["GlobalAveragePool"] = [](const Sample& s) { return naive_global_pool(s, false); };
  all["GlobalMaxPool"] = [](const Sample& s) { return naive_global_pool(s, true); };
  all["BatchNormalization"] = naive_batch_norm;
  all["LayerNormalization"] = [](const Sample& s) { return naive_layer_norm(s, true); };
  all["SimplifiedLayerNormalization"] = [](const Sample& s) { return naive_layer_norm(s, false); };
  all["InstanceNormalization"] = [](const Sample& s) {
    return naive_group_norm(s, s.inputs[0].shape()[1]);
  };
  all["GroupNormalization"] = [](const Sample& s) {
    return naive_group_norm(s, s.attributes.integer("num_groups", 1));
  };
  all["LRN"] = naive_lrn;
  all["Softmax"] = [](const Sample& s) { return naive_softmax(s, false); };
  all["LogSoftmax"] = [](const Sample& s) { return naive_softmax(s, true); };
  const auto itself = [](double x) { return x; };
  const auto square = [](double x) { return x * x; };
  const auto absolute = [](double x) { return std::abs(x); };
  const auto sum = [](double total, double) { return total; };
  all["ReduceMean"] = reduce_with(itself, [](double total, double n) { return total / n; });
  all["ReduceL1"] = reduce_with(absolute, sum);
  all["ReduceL2"] = reduce_with(square, [](double total, double) { return std::sqrt(total); });
  all["ReduceSumSquare"] = reduce_with(square, sum);
  all["ReduceLogSum"] = reduce_with(itself, [](double total, double) { return std::log(total); });
}

}  // namespace offcut::train
