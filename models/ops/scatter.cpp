// Writes updates into a copy of a tensor, for ScatterElements and ScatterND. The operator gives the
// places of the updates as runs; the kind of write decides how each is combined with the data.

#include "models/ops/scatter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <stdexcept>

#include "models/ops/binary.h"
#include "models/ops/indices.h"
#include "models/ops/walk.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_scatter(const Call& call) {
  require_inputs(call, 3, 3);
  const Shape& x = call.shape(0);
  const Shape& indices = index_shape(call, 1);
  require_same_type(call, 0, 2);
  const std::size_t axis = axis_argument(call, 0);
  bool fits = x.size() == indices.size() && call.shape(2) == indices;
  for (std::size_t i = 0; fits && i < x.size(); ++i) {
    fits = i == axis || indices[i] <= x[i];
  }
  if (!fits) {
    throw std::invalid_argument(fmt::format("indices {} and updates {} do not fit input {}",
                                            to_text(indices), to_text(call.shape(2)), to_text(x)));
  }
  scattering_of(call);
  return {call.inputs[0]};
}

std::vector<Tensor> forward_scatter(const Call& call, std::span<const Tensor> inputs) {
  const Shape& x = call.shape(0);
  const std::size_t axis = axis_argument(call, 0);
  const auto indices = indices_in(inputs[1], x[axis]);
  const auto steps = row_major_steps(x);
  std::vector<WalkAxis<1>> axes;
  for (std::size_t i = 0; i < x.size(); ++i) {
    axes.push_back({call.shape(1)[i], {i == axis ? 0 : steps[i]}});
  }
  const Walk<1> walk(axes);
  return {scattered(inputs[0], inputs[2], scattering_of(call), [&](const WriteRun& write) {
    std::int64_t from = 0;
    walk.for_each_run([&](const Walk<1>::Offsets& offsets, std::int64_t length) {
      for (std::int64_t i = 0; i < length; ++i, ++from) {
        const std::int64_t index = indices[static_cast<std::size_t>(from)];
        write(offsets[0] + i * walk.step()[0] + index * steps[axis], from, 1);
      }
    });
  })};
}

template <class F>
void combine(Tensor& data, const Tensor& updates,
             const std::function<void(const WriteRun&)>& place) {
  with_number_type(data.type().type, [&](auto zero) {
    using T = decltype(zero);
    const auto to = data.values<T>();
    const auto from = updates.values<T>();
    place([&](std::int64_t target, std::int64_t source, std::int64_t length) {
      for (std::int64_t i = 0; i < length; ++i) {
        T& element = to[static_cast<std::size_t>(target + i)];
        element = wrapping(element, from[static_cast<std::size_t>(source + i)], F());
      }
    });
  });
}

/// Keeps the element unless the update is better, or NaN.
template <class Better>
void choose(Tensor& data, const Tensor& updates,
            const std::function<void(const WriteRun&)>& place) {
  with_number_type(data.type().type, [&](auto zero) {
    using T = decltype(zero);
    const auto to = data.values<T>();
    const auto from = updates.values<T>();
    place([&](std::int64_t target, std::int64_t source, std::int64_t length) {
      for (std::int64_t i = 0; i < length; ++i) {
        T& element = to[static_cast<std::size_t>(target + i)];
        const T update = from[static_cast<std::size_t>(source + i)];
        element = update != update || Better()(update, element) ? update : element;
      }
    });
  });
}

}  // namespace

Scattering scattering_of(const Call& call) {
  constexpr int kExtremes = 18;  // The first opset with max and min.
  const std::string reduction =
      call.opset < 16 ? "none" : call.attributes.text("reduction", "none");
  if (reduction == "none") {
    return Scattering::replace;
  }
  number_type(call);
  if (reduction == "add" || reduction == "mul") {
    return reduction == "add" ? Scattering::add : Scattering::multiply;
  }
  if (call.opset >= kExtremes && (reduction == "max" || reduction == "min")) {
    return reduction == "max" ? Scattering::maximum : Scattering::minimum;
  }
  throw std::invalid_argument(
      fmt::format("reduction '{}' is not supported in opset {}", reduction, call.opset));
}

Tensor scattered(const Tensor& data, const Tensor& updates, Scattering scattering,
                 const std::function<void(const WriteRun&)>& place) {
  Tensor output(data.type());
  std::copy(data.bytes().begin(), data.bytes().end(), output.bytes().begin());
  switch (scattering) {
    case Scattering::add:
      combine<std::plus<>>(output, updates, place);
      break;
    case Scattering::multiply:
      combine<std::multiplies<>>(output, updates, place);
      break;
    case Scattering::maximum:
      choose<std::greater<>>(output, updates, place);
      break;
    case Scattering::minimum:
      choose<std::less<>>(output, updates, place);
      break;
    case Scattering::replace: {
      const auto bytes = static_cast<std::int64_t>(element_bytes(data.type().type));
      place([&](std::int64_t to, std::int64_t from, std::int64_t length) {
        std::memcpy(output.bytes().data() + to * bytes, updates.bytes().data() + from * bytes,
                    static_cast<std::size_t>(length * bytes));
      });
    }
  }
  return output;
}

Operator scatter_elements(std::string name) {
  return {.name = std::move(name),
          .doc = "the input with updates at the indices along an axis",
          .kind = always<LayerKind::data_movement>,
          .infer = infer_scatter,
          .macs = no_macs,
          .forward = forward_scatter};
}

}  // namespace offcut::ops
