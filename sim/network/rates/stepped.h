#pragma once

#include <memory>
#include <vector>

#include "sim/network/rate.h"

namespace offcut::network {

/// A piecewise constant function over a stretch of time, with its integral. Many links may share
/// it, each with an offset of its own.
class Steps {
 public:
  /// Step i holds from from[i], in seconds, until the next step begins or `end`. Neighbouring steps
  /// of one value become one. REQUIRES: there is a step, the first one begins at 0, times ascend,
  /// `end` is after the last one, and values are finite and not negative.
  Steps(std::vector<double> from, std::vector<double> values, double end);

  std::size_t count() const { return from_.size(); }
  double from(std::size_t step) const { return from_[step]; }
  double value(std::size_t step) const { return values_[step]; }
  double end() const { return end_; }
  /// Returns the integral from the start until a step begins; of all if `step` is count().
  double before(std::size_t step) const { return before_[step]; }
  double mean() const { return before_.back() / end_; }
  double least() const { return least_; }
  double most() const { return most_; }

 private:
  std::vector<double> from_, values_, before_;
  double end_;
  double least_, most_;
};

/// The rate of a link that follows steps, which begin again at their end, or of which the last one
/// then holds for good. Looking at times in order costs a comparison, and any other time a binary
/// search.
class Stepped final : public Rate::Changing {
 public:
  enum class AtEnd { repeat, hold };

  /// At the start of the run, the steps are `offset` seconds after their start. REQUIRES: offset >=
  /// 0.
  Stepped(std::shared_ptr<const Steps> steps, AtEnd at_end, double offset = 0);

  double at(double time) const override { return steps_->value(find(time).step); }
  double next_change(double time) const override { return find(time).until; }
  double least() const override { return steps_->least(); }
  double most() const override { return steps_->most(); }
  double integral(double from, double to) const override;
  bool ends_at_zero() const override;

 private:
  /// A step in one of the rounds through all of them.
  struct Position {
    double round = 0;
    std::size_t step = 0;
    double from = 0, until = 0;  // Times of the run.
  };

  double begin(double round, std::size_t step) const {
    return round * steps_->end() + steps_->from(step) - offset_;
  }
  Position at_step(double round, std::size_t step) const;
  Position search(double time) const;
  const Position& find(double time) const;

  std::shared_ptr<const Steps> steps_;
  bool repeats_;
  double offset_;
  mutable Position last_;  // The one that was found last.
};

}  // namespace offcut::network
