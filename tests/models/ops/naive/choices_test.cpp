// Reductions, choices and running sums against naive loops, with many equal elements.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/models/ops/naive/places.h"

namespace offcut::ops::choices_test {
namespace {

using Numbers = std::vector<std::int64_t>;

std::int64_t flag(bool value) { return value ? 1 : 0; }

/// Returns the elements of the line through a place.
std::vector<float> line_through(const Tensor& x, Place place, std::size_t axis) {
  std::vector<float> line;
  for (place[axis] = 0; place[axis] < x.shape()[axis]; ++place[axis]) {
    line.push_back(element_at(x, place));
  }
  return line;
}

double reduced_slowly(const std::string& op, const std::vector<double>& x) {
  const auto sum_of = [&](auto f) {
    return std::accumulate(x.begin(), x.end(), 0.0, [&](double s, double v) { return s + f(v); });
  };
  const double sum = sum_of([](double v) { return v; });
  const double squares = sum_of([](double v) { return v * v; });
  const double greatest = *std::max_element(x.begin(), x.end());
  return op == "ReduceSum"         ? sum
         : op == "ReduceMean"      ? sum / double(x.size())
         : op == "ReduceMax"       ? greatest
         : op == "ReduceMin"       ? *std::min_element(x.begin(), x.end())
         : op == "ReduceL1"        ? sum_of([](double v) { return std::abs(v); })
         : op == "ReduceL2"        ? std::sqrt(squares)
         : op == "ReduceSumSquare" ? squares
         : op == "ReduceLogSum"    ? std::log(sum)
         : op == "ReduceLogSumExp" ? std::log(sum_of([](double v) { return std::exp(v); }))
                                   : std::accumulate(x.begin(), x.end(), 1.0, std::multiplies<>());
}

/// Reduces the axes whose bits are set. ReduceSum's are an input, those of the others an attribute.
void check_reduction(const std::string& op, const Tensor& x, unsigned set, bool keep, bool noop) {
  const bool as_input = op == "ReduceSum";
  Numbers axes;
  std::vector<bool> reduced(4, set == 0 && !(noop && as_input));
  for (std::size_t i = 0; i < 4; ++i) {
    if ((set >> i & 1U) != 0) {
      axes.push_back(static_cast<std::int64_t>(i) - (i % 2 == set % 2 ? 4 : 0));
      reduced[i] = true;
    }
  }
  AttributePairs attributes = {{"keepdims", flag(keep)}};
  std::vector<Tensor> inputs = {x};
  if (as_input) {
    attributes.emplace_back("noop_with_empty_axes", flag(noop));
    inputs.push_back(integers(axes));
  } else if (!axes.empty()) {
    attributes.emplace_back("axes", axes);
  }
  Shape kept = x.shape();
  Shape shape;
  for (std::size_t i = 0; i < 4; ++i) {
    kept[i] = reduced[i] ? 1 : kept[i];
    if (keep || !reduced[i]) {
      shape.push_back(kept[i]);
    }
  }
  std::vector<std::vector<double>> groups(static_cast<std::size_t>(elements(kept)));
  for_each_place(x.shape(), [&](const Place& place) {
    Place target = place;
    for (std::size_t i = 0; i < 4; ++i) {
      target[i] = reduced[i] ? 0 : place[i];
    }
    groups[offset_of(kept, target)].push_back(element_at(x, place));
  });
  std::vector<double> expected;
  for (const auto& group : groups) {
    expected.push_back(reduced_slowly(op, group));
  }
  CAPTURE(op);
  CAPTURE(to_text(Shape(axes)));
  CAPTURE(keep);
  CAPTURE(noop);
  const Tensor got = OneLayer(op, {1}, attributes).run(inputs);
  CHECK(to_text(got.shape()) == to_text(shape));
  CHECK(difference_of(got, expected) < 1e-6);
}

}  // namespace

TEST_CASE("reductions: every set of axes from both ends, with and without their axes kept") {
  std::mt19937 random(7);
  Tensor x = drawn_numbers({2, 3, 2, 4}, random, 3);
  for (float& value : x.values<float>()) {
    value = std::abs(value) / 2 + 0.25F;  // Positive, for logarithms.
  }
  for (const std::string op :
       {"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2",
        "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp", "ReduceProd"}) {
    for (unsigned set = 0; set < 16; ++set) {
      for (const bool keep : {false, true}) {
        for (const bool noop : {false, true}) {
          check_reduction(op, x, set, keep, noop);
        }
      }
    }
  }
}

TEST_CASE("arg max and arg min: the first or the last of equal elements, along every axis") {
  std::mt19937 random(8);
  const Tensor x = drawn_numbers({3, 4, 5}, random, 1);
  for (const std::string op : {"ArgMax", "ArgMin"}) {
    for (std::int64_t axis = -3; axis < 3; ++axis) {
      for (const bool keep : {false, true}) {
        for (const bool last : {false, true}) {
          const auto a = static_cast<std::size_t>(axis < 0 ? axis + 3 : axis);
          Shape shape = x.shape();
          shape[a] = 1;
          Numbers expected;
          for_each_place(shape, [&](const Place& place) {
            std::vector<float> line = line_through(x, place, a);
            for (float& value : line) {
              value = op == "ArgMin" ? -value : value;
            }
            const float greatest = *std::max_element(line.begin(), line.end());
            const auto first = std::find(line.begin(), line.end(), greatest) - line.begin();
            const auto back = std::find(line.rbegin(), line.rend(), greatest) - line.rbegin();
            expected.push_back(last ? std::ptrdiff_t(line.size()) - 1 - back : first);
          });
          if (!keep) {
            shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(a));
          }
          CAPTURE(op);
          CAPTURE(axis);
          CAPTURE(keep);
          CAPTURE(last);
          const Tensor got =
              OneLayer(
                  op, {},
                  {{"axis", axis}, {"keepdims", flag(keep)}, {"select_last_index", flag(last)}})
                  .run({x});
          CHECK(got.shape() == shape);
          const auto found = got.values<std::int64_t>();
          CHECK(Numbers(found.begin(), found.end()) == expected);
        }
      }
    }
  }
}

TEST_CASE("top k: every k and axis, the greatest or the smallest, the first of equal elements") {
  std::mt19937 random(9);
  const Tensor x = drawn_numbers({3, 4, 5}, random, 2);
  for (std::int64_t axis = -3; axis < 3; ++axis) {
    const auto a = static_cast<std::size_t>(axis < 0 ? axis + 3 : axis);
    for (std::int64_t k = 0; k <= x.shape()[a]; ++k) {
      for (const bool largest : {false, true}) {
        CAPTURE(axis);
        CAPTURE(k);
        CAPTURE(largest);
        Shape shape = x.shape();
        shape[a] = k;
        std::vector<float> chosen;
        Numbers places;
        for_each_place(shape, [&](const Place& place) {
          std::vector<float> line = line_through(x, place, a);
          std::size_t best = 0;
          for (std::int64_t round = 0; round <= place[a]; ++round) {  // Takes one in each round.
            best = line.size();
            for (std::size_t i = 0; i < line.size(); ++i) {
              const bool better =
                  best == line.size() || (largest ? line[i] > line[best] : line[i] < line[best]);
              best = !std::isnan(line[i]) && better ? i : best;
            }
            if (round == place[a]) {
              chosen.push_back(line[best]);
              places.push_back(static_cast<std::int64_t>(best));
            }
            line[best] = NAN;
          }
        });
        const auto got = OneLayer("TopK", {1}, {{"axis", axis}, {"largest", flag(largest)}})
                             .run({x, integers({k})}, 2);
        CHECK(got[0].shape() == shape);
        CHECK(values(got[0]) == chosen);
        const auto found = got[1].values<std::int64_t>();
        CHECK(Numbers(found.begin(), found.end()) == places);
      }
    }
  }
}

TEST_CASE("cumulative sum: every axis, exclusive or not, in both directions") {
  std::mt19937 random(10);
  const Tensor x = drawn_numbers({3, 4, 5}, random);
  for (std::int64_t axis = -3; axis < 3; ++axis) {
    for (const bool exclusive : {false, true}) {
      for (const bool reverse : {false, true}) {
        const auto a = static_cast<std::size_t>(axis < 0 ? axis + 3 : axis);
        std::vector<double> expected;
        for_each_place(x.shape(), [&](const Place& place) {
          const std::vector<float> line = line_through(x, place, a);
          double sum = 0;
          for (std::int64_t i = 0; i < std::int64_t(line.size()); ++i) {
            const bool counts = reverse ? i > place[a] : i < place[a];
            sum += counts || (i == place[a] && !exclusive) ? line[static_cast<std::size_t>(i)] : 0;
          }
          expected.push_back(sum);
        });
        CAPTURE(axis);
        CAPTURE(exclusive);
        CAPTURE(reverse);
        const OneLayer layer("CumSum", {1},
                             {{"exclusive", flag(exclusive)}, {"reverse", flag(reverse)}});
        CHECK(difference_of(layer.run({x, int64_tensor({}, {axis})}), expected) == 0);
      }
    }
  }
}

TEST_CASE("softmax, log softmax and hardmax: one axis, or all from one on up to opset 12") {
  std::mt19937 random(11);
  const Tensor x = drawn_numbers({2, 3, 4}, random, 3);
  for (const std::string op : {"Softmax", "LogSoftmax", "Hardmax"}) {
    for (const int opset : {11, 13}) {
      for (std::int64_t axis = -3; axis <= 3; ++axis) {
        const bool fallback = axis == 3;  // The attribute is omitted.
        const std::int64_t given = fallback ? (opset < 13 ? 1 : -1) : axis;
        const auto a = static_cast<std::size_t>(given < 0 ? given + 3 : given);
        std::vector<double> expected;
        for_each_place(x.shape(), [&](const Place& place) {
          double sum = 0;
          bool chosen = true;
          for_each_place(x.shape(), [&](const Place& other) {
            bool same_group = true;
            for (std::size_t i = 0; i < 3; ++i) {
              const bool grouped = opset < 13 ? i >= a : i == a;
              same_group = same_group && (grouped || other[i] == place[i]);
            }
            if (same_group) {
              const float rival = element_at(x, other);
              sum += std::exp(rival);
              chosen = chosen && (other < place ? rival < element_at(x, place)
                                                : rival <= element_at(x, place));
            }
          });
          const double own = element_at(x, place);
          expected.push_back(op == "Softmax"      ? std::exp(own) / sum
                             : op == "LogSoftmax" ? own - std::log(sum)
                                                  : double(chosen));
        });
        CAPTURE(op);
        CAPTURE(opset);
        CAPTURE(axis);
        const OneLayer layer(op, {}, fallback ? AttributePairs{} : AttributePairs{{"axis", axis}},
                             opset);
        CHECK(difference_of(layer.run({x}), expected) < 1e-6);
      }
    }
  }
}

TEST_CASE("lrn: every number of neighbours, even and odd, up to more than the channels") {
  std::mt19937 random(12);
  const Tensor x = drawn_numbers({2, 5, 3}, random, 4);
  for (std::int64_t size = 1; size <= 12; ++size) {
    for (const double beta : {0.5, 0.75, 1.0, 2.0}) {
      CAPTURE(size);
      CAPTURE(beta);
      std::vector<double> expected;
      for_each_place(x.shape(), [&](const Place& place) {
        double squares = 0;
        for (std::int64_t c = 0; c < 5; ++c) {
          const std::int64_t apart = c - place[1];
          if (2 * apart >= -(size - 1) && 2 * apart <= size) {
            squares += std::pow(element_at(x, {place[0], c, place[2]}), 2);
          }
        }
        expected.push_back(element_at(x, place) /
                           std::pow(1.5 + 0.7 / double(size) * squares, beta));
      });
      const OneLayer layer(
          "LRN", {},
          {{"size", size}, {"alpha", 0.7F}, {"beta", static_cast<float>(beta)}, {"bias", 1.5F}});
      CHECK(difference_of(layer.run({x}), expected) < 1e-6);
    }
  }
}

}  // namespace offcut::ops::choices_test
