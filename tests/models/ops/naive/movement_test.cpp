// Operators that move elements, against naive loops over places: all modes, negative and
// out-of-range bounds and indices, along every axis.

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <map>

#include "tests/models/ops/naive/places.h"

namespace offcut::ops::movement_test {
namespace {

using Numbers = std::vector<std::int64_t>;

/// Returns 0, 1, 2 .. in the given shape.
Tensor numbered(const Shape& shape) {
  Tensor tensor = floats(shape);
  float next = 0;
  for (float& x : tensor.values<float>()) {
    x = next++;
  }
  return tensor;
}

/// Checks type and elements; `expected` gives the element for each place.
void check_elements(const Tensor& got, const Shape& shape,
                    const std::function<float(const Place&)>& expected) {
  REQUIRE(to_text(got.shape()) == to_text(shape));
  std::vector<float> elements;
  for_each_place(shape, [&](const Place& place) { elements.push_back(expected(place)); });
  CHECK(values(got) == elements);
}

/// Returns the positions that start:end:step chooses, as ONNX's text of Slice says.
Numbers chosen_by(std::int64_t start, std::int64_t end, std::int64_t step, std::int64_t extent) {
  const std::int64_t most = step > 0 ? extent : extent - 1;
  start = start < 0 ? start + extent : start;
  end = end < 0 ? end + extent : end;
  start = std::min(std::max<std::int64_t>(start, 0), most);
  end = std::min(std::max<std::int64_t>(end, step > 0 ? 0 : -1), most);
  Numbers positions;
  for (std::int64_t i = start; step > 0 ? i < end : i > end; i += step) {
    positions.push_back(i);
  }
  return positions;
}

/// Returns the position that Pad copies to `p` of the extended axis, or -1 for the fill value.
std::int64_t copied_to(std::int64_t p, std::int64_t extent, std::int64_t begin, std::int64_t end,
                       const std::string& mode) {
  const std::int64_t first = std::max<std::int64_t>(0, -begin);  // The rest is cropped.
  const std::int64_t last = extent - 1 + std::min<std::int64_t>(0, end);
  std::int64_t source = p - begin;
  if (source >= first && source <= last) {
    return source;
  }
  if (mode == "constant") {
    return -1;
  }
  if (mode == "edge") {
    return source < first ? first : last;
  }
  return source < first ? 2 * first - source : 2 * last - source;
}

/// Returns the indices as positions from the start, by axis or axes of the indexed tensor.
std::int64_t from_start(std::int64_t index, std::int64_t extent) {
  return index < 0 ? index + extent : index;
}

Tensor drawn_indices(const Shape& shape, std::int64_t extent, std::mt19937& random) {
  Numbers indices;
  for (std::int64_t i = 0; i < elements(shape); ++i) {
    indices.push_back(static_cast<std::int64_t>(random() % unsigned(2 * extent)) - extent);
  }
  return int64_tensor(shape, indices);
}

float combined(const std::string& reduction, float data, float update) {
  return reduction == "add" ? data + update : reduction == "mul" ? data * update : update;
}

}  // namespace

TEST_CASE("slice: every start, end and step, also far outside, along every axis") {
  constexpr std::int64_t kFar = std::numeric_limits<std::int32_t>::max();
  const Tensor x = numbered({4, 3, 5});
  for (const std::int64_t axis : {-3, -2, 2}) {
    const auto i = static_cast<std::size_t>(from_start(axis, 3));
    const std::int64_t extent = x.shape()[i];
    for (const std::int64_t start : {-kFar, -9L, -5L, -4L, -3L, -1L, 0L, 1L, 3L, 4L, 5L, kFar}) {
      for (const std::int64_t end : {-kFar, -9L, -5L, -4L, -2L, -1L, 0L, 2L, 4L, 5L, kFar}) {
        for (const std::int64_t step : {-kFar, -3L, -2L, -1L, 1L, 2L, 3L, kFar}) {
          CAPTURE(axis);
          CAPTURE(start);
          CAPTURE(end);
          CAPTURE(step);
          const Numbers chosen = chosen_by(start, end, step, extent);
          Shape shape = x.shape();
          shape[i] = static_cast<std::int64_t>(chosen.size());
          const Tensor y =
              OneLayer("Slice", {1, 2, 3, 4})
                  .run({x, integers({start}), integers({end}), integers({axis}), integers({step})});
          check_elements(y, shape, [&](Place place) {
            place[i] = chosen[static_cast<std::size_t>(place[i])];
            return element_at(x, place);
          });
        }
      }
    }
  }
}

TEST_CASE("pad: every mode with margins and crops at both ends of two axes") {
  const Tensor x = numbered({2, 4, 5});
  int compared = 0;
  for (const std::string mode : {"constant", "reflect", "edge"}) {
    for_each_place({6, 6, 4, 4}, [&](const Place& choice) {
      const Numbers pads = {0, choice[0] - 3, choice[2] - 2, 0, choice[1] - 3, choice[3] - 2};
      Shape shape = x.shape();
      bool fits = true;
      for (std::size_t i = 0; i < 3; ++i) {
        shape[i] += pads[i] + pads[i + 3];
        const std::int64_t left = x.shape()[i] + std::min<std::int64_t>(pads[i], 0) +
                                  std::min<std::int64_t>(pads[i + 3], 0);
        const std::int64_t filled = std::max(pads[i], pads[i + 3]);
        fits = fits && left >= 0 &&
               (filled <= 0 || mode == "constant" || filled < left + (mode == "edge" ? 99 : 0)) &&
               (filled <= 0 || mode == "constant" || left > 0);
      }
      CAPTURE(mode);
      CAPTURE(to_text(shape));
      CAPTURE(to_text(Shape(pads)));
      const OneLayer pad("Pad", {1, 2}, {{"mode", mode}});
      const std::vector<Tensor> inputs = {x, integers(pads), floats({}, {-7})};
      if (!fits) {
        CHECK_THROWS_AS(pad.run(inputs), std::invalid_argument);
        return;
      }
      ++compared;
      check_elements(pad.run(inputs), shape, [&](Place place) {
        for (std::size_t i = 0; i < 3; ++i) {
          place[i] = copied_to(place[i], x.shape()[i], pads[i], pads[i + 3], mode);
          if (place[i] < 0) {
            return -7.0F;
          }
        }
        return element_at(x, place);
      });
    });
  }
  CHECK(compared > 500);
}

TEST_CASE("gather and gather elements: indices from both ends, along every axis") {
  std::mt19937 random(4);
  const Tensor x = numbered({3, 4, 5});
  for (std::int64_t axis = -3; axis < 3; ++axis) {
    CAPTURE(axis);
    const auto a = static_cast<std::size_t>(from_start(axis, 3));
    const std::int64_t extent = x.shape()[a];
    for (const Shape& own : {Shape{}, Shape{2}, Shape{2, 3}}) {
      const Tensor indices = drawn_indices(own, extent, random);
      Shape shape(x.shape().begin(), x.shape().begin() + static_cast<std::ptrdiff_t>(a));
      shape.insert(shape.end(), own.begin(), own.end());
      shape.insert(shape.end(), x.shape().begin() + static_cast<std::ptrdiff_t>(a) + 1,
                   x.shape().end());
      check_elements(
          OneLayer("Gather", {}, {{"axis", axis}}).run({x, indices}), shape,
          [&](const Place& place) {
            const auto split = place.begin() + static_cast<std::ptrdiff_t>(a);
            const auto rest = split + static_cast<std::ptrdiff_t>(own.size());
            Place source(place.begin(), split);
            source.push_back(from_start(element_at<std::int64_t>(indices, {split, rest}), extent));
            source.insert(source.end(), rest, place.end());
            return element_at(x, source);
          });
    }
    for (const std::int64_t more : {-1, 0, 3}) {
      Shape shape = {2, 4, 3};
      shape[a] = extent + more;
      const Tensor indices = drawn_indices(shape, extent, random);
      check_elements(OneLayer("GatherElements", {}, {{"axis", axis}}).run({x, indices}), shape,
                     [&](Place place) {
                       place[a] = from_start(element_at<std::int64_t>(indices, place), extent);
                       return element_at(x, place);
                     });
    }
  }
}

TEST_CASE("scatter elements: indices from both ends, updates that meet, every reduction") {
  std::mt19937 random(5);
  for (const std::string reduction : {"none", "add", "mul"}) {
    for (std::int64_t axis = -3; axis < 3; ++axis) {
      CAPTURE(reduction);
      CAPTURE(axis);
      const auto a = static_cast<std::size_t>(from_start(axis, 3));
      const Tensor x = drawn_numbers({3, 4, 5}, random, 3);
      Shape shape = {2, 3, 4};
      shape[a] = 6;
      const Tensor indices = drawn_indices(shape, x.shape()[a], random);
      const Tensor updates = drawn_numbers(shape, random, 3);
      std::vector<float> expected = values(x);
      for_each_place(shape, [&](const Place& place) {
        Place target = place;
        target[a] = from_start(element_at<std::int64_t>(indices, place), x.shape()[a]);
        float& element = expected[offset_of(x.shape(), target)];
        element = combined(reduction, element, element_at(updates, place));
      });
      const OneLayer layer("ScatterElements", {}, {{"axis", axis}, {"reduction", reduction}}, 16);
      CHECK(values(layer.run({x, indices, updates})) == expected);
    }
  }
}

TEST_CASE("gather ND and scatter ND: tuples of every length from both ends") {
  std::mt19937 random(6);
  const Shape own = {3, 4, 5};
  for (std::size_t batch = 0; batch < 3; ++batch) {
    for (std::size_t length = 1; batch + length <= 3; ++length) {
      CAPTURE(batch);
      CAPTURE(length);
      // Batches as in x, two rows of tuples, and the indices of each tuple.
      Shape tuples(own.begin(), own.begin() + static_cast<std::ptrdiff_t>(batch));
      tuples.insert(tuples.end(), {2, 3});
      Shape shape = tuples;
      shape.insert(shape.end(), own.begin() + static_cast<std::ptrdiff_t>(batch + length),
                   own.end());
      Shape index_shape = tuples;
      index_shape.push_back(static_cast<std::int64_t>(length));
      Numbers all;
      for_each_place(index_shape, [&](const Place& place) {
        const std::int64_t extent = own[batch + static_cast<std::size_t>(place.back())];
        all.push_back(static_cast<std::int64_t>(random() % unsigned(2 * extent)) - extent);
      });
      const Tensor indices = int64_tensor(index_shape, all);
      const auto source_of = [&](const Place& place) {
        const auto split = place.begin() + static_cast<std::ptrdiff_t>(tuples.size());
        Place source(place.begin(), place.begin() + static_cast<std::ptrdiff_t>(batch));
        for (std::size_t k = 0; k < length; ++k) {
          Place index(place.begin(), split);
          index.push_back(static_cast<std::int64_t>(k));
          source.push_back(from_start(element_at<std::int64_t>(indices, index), own[batch + k]));
        }
        source.insert(source.end(), split, place.end());
        return source;
      };
      const Tensor x = drawn_numbers(own, random, 3);
      const OneLayer gather("GatherND", {}, {{"batch_dims", static_cast<std::int64_t>(batch)}});
      check_elements(gather.run({x, indices}), shape,
                     [&](const Place& place) { return element_at(x, source_of(place)); });
      for (const std::string reduction : {"none", "add", "mul"}) {
        const Tensor updates = drawn_numbers(shape, random, 3);
        std::vector<float> expected = values(x);
        for_each_place(shape, [&](const Place& place) {
          float& element = expected[offset_of(own, source_of(place))];
          element = combined(reduction, element, element_at(updates, place));
        });
        if (batch == 0) {
          CHECK(values(OneLayer("ScatterND", {}, {{"reduction", reduction}}, 16)
                           .run({x, indices, updates})) == expected);
        }
      }
    }
  }
}

TEST_CASE("depth to space and back: every block size and mode") {
  for (const std::int64_t b : {1, 2, 3}) {
    CAPTURE(b);
    const Tensor x = numbered({2, 2 * b * b, 3, 2});
    for (const std::string mode : {"DCR", "CRD"}) {
      CAPTURE(mode);
      const OneLayer layer("DepthToSpace", {}, {{"blocksize", b}, {"mode", mode}});
      const auto source = [&](const Place& p) {
        const std::int64_t i = p[2] % b;
        const std::int64_t j = p[3] % b;
        return Place{p[0], mode == "DCR" ? (i * b + j) * 2 + p[1] : (p[1] * b + i) * b + j,
                     p[2] / b, p[3] / b};
      };
      const Tensor y = layer.run({x});
      check_elements(y, {2, 2, 3 * b, 2 * b},
                     [&](const Place& p) { return element_at(x, source(p)); });
      if (mode == "DCR") {
        CHECK(values(OneLayer("SpaceToDepth", {}, {{"blocksize", b}}).run({y})) == values(x));
      }
    }
  }
}

TEST_CASE("flatten, squeeze and unsqueeze: axes from both ends") {
  const Tensor x = numbered({2, 3, 4});
  for (std::int64_t axis = -3; axis <= 3; ++axis) {
    std::int64_t rows = 1;
    for (std::int64_t i = 0; i < (axis < 0 ? axis + 3 : axis); ++i) {
      rows *= x.shape()[static_cast<std::size_t>(i)];
    }
    CAPTURE(axis);
    CHECK(OneLayer("Flatten", {}, {{"axis", axis}}).run({x}).shape() == Shape{rows, 24 / rows});
  }
  for (std::int64_t first = -5; first < 5; ++first) {
    for (std::int64_t second = -5; second < 5; ++second) {
      CAPTURE(first);
      CAPTURE(second);
      const auto a = static_cast<std::size_t>(from_start(first, 5));
      const auto b = static_cast<std::size_t>(from_start(second, 5));
      const OneLayer unsqueeze("Unsqueeze", {1});
      if (a == b) {
        CHECK_THROWS_AS(unsqueeze.run({x, integers({first, second})}), std::invalid_argument);
        continue;
      }
      Shape shape(5, 0);
      shape[a] = shape[b] = 1;
      std::int64_t next = 2;
      for (std::int64_t& extent : shape) {
        extent = extent == 1 ? 1 : next++;
      }
      const Tensor more = unsqueeze.run({x, integers({first, second})});
      CHECK(more.shape() == shape);
      CHECK(values(more) == values(x));
      CHECK(OneLayer("Squeeze", {1}).run({more, integers({second, first})}).shape() == x.shape());
    }
  }
}

}  // namespace offcut::ops::movement_test
