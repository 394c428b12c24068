// Views of tensors with arbitrary strides: reshaping them without moving elements where that is
// possible, and copying them to row-major memory where it is not.

#include "models/exec/strided.h"

#include <algorithm>

#include "models/ops/walk.h"

namespace offcut::exec {

bool is_dense(const Shape& shape, const Strided& view) {
  const std::vector<std::int64_t> dense = ops::row_major_steps(shape);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] != 1 && view.steps[i] != dense[i]) {
      return false;
    }
  }
  return view.whole;
}

std::optional<Strided> reshaped(const Shape& shape, const Strided& view, const Shape& to) {
  // Axes that follow each other without a gap count as one run. Each run is then divided among the
  // axes of `to`, from the innermost outwards.
  struct Run {
    std::int64_t extent, step;
  };
  std::vector<Run> runs;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 1) {
      continue;
    }
    if (!runs.empty() && runs.back().step == shape[i] * view.steps[i]) {
      runs.back() = {runs.back().extent * shape[i], view.steps[i]};
    } else {
      runs.push_back({shape[i], view.steps[i]});
    }
  }
  Strided result = view;
  result.steps.assign(to.size(), 0);
  for (std::size_t i = to.size(); i-- > 0;) {
    if (to[i] == 1) {
      continue;
    }
    if (!runs.empty() && runs.back().extent == 1) {
      runs.pop_back();
    }
    if (runs.empty() || runs.back().extent % to[i] != 0) {
      return std::nullopt;
    }
    result.steps[i] = runs.back().step;
    runs.back() = {runs.back().extent / to[i], runs.back().step * to[i]};
  }
  return result;
}

void copy_dense(const Shape& shape, const Strided& view, const float* from, float* to) {
  std::vector<ops::WalkAxis<1>> axes;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    axes.push_back({shape[i], {view.steps[i]}});
  }
  const ops::Walk<1> walk(axes);
  const std::int64_t step = walk.step()[0];
  walk.for_each_run([&](const ops::Walk<1>::Offsets& offsets, std::int64_t length) {
    const float* const run = from + view.offset + offsets[0];
    if (step == 1) {
      to = std::copy_n(run, length, to);
    } else {
      for (std::int64_t i = 0; i < length; ++i) {
        *to++ = run[i * step];
      }
    }
  });
}

}  // namespace offcut::exec
