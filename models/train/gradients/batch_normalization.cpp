// BatchNormalization in training (Ioffe, Szegedy, "Batch normalization", ICML 2015, algorithm 1):
// each channel is normalised by the mean and the biased variance of the batch. The running
// statistics become momentum * running + (1 - momentum) * batch, with the unbiased variance, as in
// PyTorch; ONNX's own training mode takes the biased one. A frozen layer stays in inference, and
// its gradient is that of a linear function. Sums are in float64.

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/train/floats.h"
#include "models/train/gradient.h"

namespace offcut::train {
namespace {

struct Channels {
  std::int64_t batch, count, plane;

  explicit Channels(const Shape& x)
      : batch(x.size() == 1 ? 1 : x[0]),
        count(x.size() == 1 ? 1 : x[1]),
        plane(x.size() == 1 ? x[0] : ops::extent_between(x, 2, x.size())) {}

  /// Calls f(place) for each element of a channel.
  template <class F>
  void for_each(std::int64_t channel, F f) const {
    for (std::int64_t n = 0; n < batch; ++n) {
      const std::int64_t start = (n * count + channel) * plane;
      for (std::int64_t i = start; i < start + plane; ++i) {
        f(i);
      }
    }
  }
  double elements() const { return static_cast<double>(batch * plane); }
};

template <class T>
Trained train_batch_normalization(const ops::Call& call, std::span<const Tensor> inputs) {
  const Channels channels(call.shape(0));
  const double epsilon = call.attributes.number("epsilon", 1e-5F);
  const double momentum = call.attributes.number("momentum", 0.9F);
  const TensorType per_channel = inputs[1].type();
  Tensor y(inputs[0].type()), means(per_channel), inverses(per_channel);
  Tensor running_mean(per_channel), running_variance(per_channel);
  const T* const x = elements_of<T>(inputs[0]);
  for (std::int64_t c = 0; c < channels.count; ++c) {
    double sum = 0;
    channels.for_each(c, [&](std::int64_t i) { sum += static_cast<double>(x[i]); });
    const double mean = sum / channels.elements();
    double squares = 0;
    channels.for_each(c, [&](std::int64_t i) { squares += (x[i] - mean) * (x[i] - mean); });
    const double inverse = 1 / std::sqrt(squares / channels.elements() + epsilon);
    const double factor = inverse * static_cast<double>(elements_of<T>(inputs[1])[c]);
    const auto bias = static_cast<double>(elements_of<T>(inputs[2])[c]);
    T* const to = elements_of<T>(y);
    channels.for_each(
        c, [&](std::int64_t i) { to[i] = static_cast<T>((x[i] - mean) * factor + bias); });
    elements_of<T>(means)[c] = static_cast<T>(mean);
    elements_of<T>(inverses)[c] = static_cast<T>(inverse);
    const auto mix = [&](const Tensor& running, double batch) {
      return static_cast<T>(momentum * static_cast<double>(elements_of<T>(running)[c]) +
                            (1 - momentum) * batch);
    };
    elements_of<T>(running_mean)[c] = mix(inputs[3], mean);
    elements_of<T>(running_variance)[c] = mix(inputs[4], squares / (channels.elements() - 1));
  }
  return {{y}, {means, inverses}, {{3, running_mean}, {4, running_variance}}};
}

Trained forward_batch_normalization(const ops::Call& call, std::span<const Tensor> inputs,
                                    RandomStream) {
  if (Channels(call.shape(0)).elements() < 2) {
    throw std::invalid_argument(
        fmt::format("a batch of {} has one value per channel, and so no variance; training needs a "
                    "larger batch",
                    to_text(call.shape(0))));
  }
  return with_float(inputs[0].type().type, [&](auto zero) {
    return train_batch_normalization<decltype(zero)>(call, inputs);
  });
}

/// Returns mean and inverse deviation: the batch's, or the running ones of a frozen layer.
template <class T>
std::pair<double, double> statistics(const Backward& b, std::int64_t c) {
  if (!b.saved.empty()) {
    return {elements_of<T>(b.saved[0])[c], elements_of<T>(b.saved[1])[c]};
  }
  const double epsilon = b.call.attributes.number("epsilon", 1e-5F);
  return {elements_of<T>(b.inputs[3])[c],
          1 / std::sqrt(static_cast<double>(elements_of<T>(b.inputs[4])[c]) + epsilon)};
}

template <class T>
std::vector<Tensor> batch_normalization_gradients(const Backward& b) {
  const Channels channels(b.call.shape(0));
  std::vector<Tensor> all(b.inputs.size());
  for (std::size_t i = 0; i < 3; ++i) {
    all[i] = b.zeros_if_wanted(i);
  }
  const T* const x = elements_of<T>(b.inputs[0]);
  const T* const dy = elements_of<T>(b.slopes[0]);
  for (std::int64_t c = 0; c < channels.count; ++c) {
    const auto [mean, inverse] = statistics<T>(b, c);
    double sum = 0;
    double product = 0;
    channels.for_each(c, [&, centre = mean, scale = inverse](std::int64_t i) {
      sum += static_cast<double>(dy[i]);
      product += dy[i] * (x[i] - centre) * scale;
    });
    if (b.wanted[0]) {
      T* const dx = elements_of<T>(all[0]);
      const double factor = inverse * static_cast<double>(elements_of<T>(b.inputs[1])[c]);
      const double mean_slope = b.saved.empty() ? 0 : sum / channels.elements();
      const double slope = b.saved.empty() ? 0 : product / channels.elements() * inverse;
      channels.for_each(c, [&, centre = mean](std::int64_t i) {
        dx[i] = static_cast<T>((dy[i] - mean_slope - (x[i] - centre) * slope) * factor);
      });
    }
    if (b.wanted[1]) {
      elements_of<T>(all[1])[c] = static_cast<T>(product);
    }
    if (b.wanted[2]) {
      elements_of<T>(all[2])[c] = static_cast<T>(sum);
    }
  }
  return all;
}

std::vector<Tensor> backward_batch_normalization(const Backward& b) {
  return with_float(b.type(),
                    [&](auto zero) { return batch_normalization_gradients<decltype(zero)>(b); });
}

}  // namespace

void register_batch_normalization(Registry<Gradient>& registry) {
  registry.add({.name = "BatchNormalization",
                .doc = "normalised slopes; slopes times normalised inputs; sums of slopes",
                .reads_inputs = {0, 1, 3, 4},
                .weights = {1, 2},
                .backward = backward_batch_normalization,
                .forward = forward_batch_normalization});
}

}  // namespace offcut::train
