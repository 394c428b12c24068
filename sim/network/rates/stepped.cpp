// A step in a round begins at one time, computed in one way, to which all other times are compared.
// So a change is seen exactly at the time that next_change() returned, whatever rounding does to
// the time within a round.

#include "sim/network/rates/stepped.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace offcut::network {

Steps::Steps(std::vector<double> from, std::vector<double> values, double end) : end_(end) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (values_.empty() || values[i] != values_.back()) {
      from_.push_back(from[i]);
      values_.push_back(values[i]);
    }
  }
  before_.push_back(0);
  for (std::size_t i = 0; i < from_.size(); ++i) {
    const double until = i + 1 < from_.size() ? from_[i + 1] : end_;
    before_.push_back(before_.back() + (until - from_[i]) * values_[i]);
  }
  const auto [least, most] = std::minmax_element(values_.begin(), values_.end());
  least_ = *least;
  most_ = *most;
}

Stepped::Stepped(std::shared_ptr<const Steps> steps, AtEnd at_end, double offset)
    : steps_(std::move(steps)),
      repeats_(at_end == AtEnd::repeat && steps_->count() > 1),
      offset_(offset),
      last_(search(0)) {}

Stepped::Position Stepped::at_step(double round, std::size_t step) const {
  const bool is_last = step + 1 == steps_->count();
  const double until = !is_last   ? begin(round, step + 1)
                       : repeats_ ? begin(round + 1, 0)
                                  : std::numeric_limits<double>::infinity();
  return {round, step, begin(round, step), until};
}

Stepped::Position Stepped::search(double time) const {
  const double shifted = time + offset_;
  double round = repeats_ ? std::max(std::floor(shifted / steps_->end()), 0.0) : 0;
  std::size_t low = 0, high = steps_->count();
  while (high - low > 1) {  // The last step that begins at or before the time.
    const std::size_t middle = (low + high) / 2;
    (begin(round, middle) <= time ? low : high) = middle;
  }
  Position position = at_step(round, low);
  if (position.from > time && round > 0) {  // By rounding.
    position = at_step(round - 1, steps_->count() - 1);
  } else if (position.until <= time) {
    position = at_step(round + 1, 0);
  }
  return position;
}

const Stepped::Position& Stepped::find(double time) const {
  constexpr int kNear = 4;  // Steps that are tried one by one.
  if (time < last_.from) {
    last_ = search(time);
  }
  for (int i = 0; time >= last_.until; ++i) {
    if (i == kNear) {
      last_ = search(time);
      break;
    }
    const bool is_last = last_.step + 1 == steps_->count();
    last_ = is_last ? at_step(last_.round + 1, 0) : at_step(last_.round, last_.step + 1);
  }
  return last_;
}

double Stepped::integral(double from, double to) const {
  constexpr double kFew = 64;
  const Position first = find(from);
  const Position last = find(to);
  const auto count = static_cast<double>(steps_->count());
  const double between = (last.round - first.round) * count + static_cast<double>(last.step) -
                         static_cast<double>(first.step);
  if (between < kFew) {
    return integral_over(*this, from, to);
  }
  // The parts of the first and last step, and the whole ones between them.
  double whole = steps_->before(last.step) - steps_->before(first.step + 1);
  if (last.round > first.round) {
    whole = steps_->before(steps_->count()) - steps_->before(first.step + 1) +
            (last.round - first.round - 1) * steps_->before(steps_->count()) +
            steps_->before(last.step);
  }
  return (first.until - from) * steps_->value(first.step) + whole +
         (to - last.from) * steps_->value(last.step);
}

bool Stepped::ends_at_zero() const {
  return repeats_ ? steps_->most() <= 0 : steps_->value(steps_->count() - 1) <= 0;
}

}  // namespace offcut::network
