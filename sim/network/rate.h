#pragma once

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "models/base/units.h"

namespace offcut::network {

/// Returns the integral between two times of a piecewise constant function: a Rate, or a part of
/// one. `Steps` has at() and next_change() as Rate has them.
template <class Steps>
double integral_over(const Steps& steps, double from, double to) {
  double sum = 0;
  for (double change = steps.next_change(from); change < to; change = steps.next_change(from)) {
    sum += (change - from) * steps.at(from);
    from = change;
  }
  return sum + (to - from) * steps.at(from);
}

/// Returns the time at which the integral that begins at `from` reaches `amount`, or infinity if it
/// never does. The last billionth does not wait while the rate is 0: an amount that should be
/// through just when the rate drops, but for rounding errors, ends then. REQUIRES: the steps change
/// finitely often, or are positive again and again.
template <class Steps>
double time_of_integral(const Steps& steps, double from, double amount) {
  constexpr double kNoChange = std::numeric_limits<double>::infinity();
  if (amount <= 0) {
    return from;
  }
  const double rest = 1e-9 * amount;
  for (double change = steps.next_change(from); change < kNoChange;
       change = steps.next_change(from)) {
    const double rate = steps.at(from);
    const double grown = (change - from) * rate;
    if (grown >= amount) {
      break;
    }
    if (rate == 0 && amount <= rest) {
      return from;
    }
    amount -= grown;
    from = change;
  }
  const double rate = steps.at(from);
  return rate > 0 ? from + amount / rate : amount <= rest ? from : kNoChange;
}

/// The amount that gets through per second, over the time of a run: bytes on a link, seconds of
/// work on a server. A rate is piecewise constant; most never change. It is a value that is cheap
/// to copy, and a constant rate costs no virtual call.
class Rate {
 public:
  /// The interface of rates that change. All times are in seconds since the start of the run. An
  /// implementation changes finitely often, or is positive again and again: when() would not return
  /// otherwise.
  class Changing {
   public:
    virtual ~Changing() = default;
    /// Returns the rate from `time` until next_change(time). It is finite and not negative.
    virtual double at(double time) const = 0;
    /// Returns the time of the first change after `time`, exclusive; infinity if there is none.
    virtual double next_change(double time) const = 0;
    virtual double least() const = 0;  // Over all times.
    virtual double most() const = 0;
    /// Returns the integral between two times, which may be far apart.
    virtual double integral(double from, double to) const { return integral_over(*this, from, to); }
    /// Returns whether the rate is 0 for good from some time on, so that messages then never end.
    virtual bool ends_at_zero() const { return false; }
  };

  explicit Rate(double constant) : constant_(constant) {}
  explicit Rate(BytesPerSecond constant) : constant_(constant.si()) {}
  explicit Rate(std::shared_ptr<const Changing> changing) : changing_(std::move(changing)) {}

  bool is_constant() const { return changing_ == nullptr; }
  double at(double time) const { return changing_ ? changing_->at(time) : constant_; }
  double next_change(double time) const {
    return changing_ ? changing_->next_change(time) : std::numeric_limits<double>::infinity();
  }
  double least() const { return changing_ ? changing_->least() : constant_; }
  double most() const { return changing_ ? changing_->most() : constant_; }
  bool ends_at_zero() const { return changing_ ? changing_->ends_at_zero() : constant_ <= 0; }

  /// Returns the amount that gets through between two times. REQUIRES: from <= to, both finite.
  double integral(double from, double to) const {
    return is_constant() ? (to - from) * constant_ : changing_->integral(from, to);
  }
  /// Returns the time at which an amount that starts at `from` is through; infinity: never.
  double when(double from, double amount) const { return time_of_integral(*this, from, amount); }
  /// Returns how long it takes. A constant rate takes exactly amount / rate. REQUIRES: amount >= 0.
  double time_for(double from, double amount) const {
    return is_constant() && amount > 0 ? amount / constant_ : when(from, amount) - from;
  }
  /// Returns the mean rate between two times. REQUIRES: from <= to, both finite.
  double mean(double from, double to) const {
    return changing_ && from < to ? integral(from, to) / (to - from) : at(from);
  }

 private:
  std::shared_ptr<const Changing> changing_;  // Null: the rate is constant.
  double constant_ = 0;
};

/// One of several equal parts of a rate, limited by another rate. Refers to both.
struct EqualPart {
  const Rate& whole;
  const Rate& limit;
  double parts;

  double at(double time) const { return std::min(limit.at(time), whole.at(time) / parts); }
  double next_change(double time) const {
    return std::min(limit.next_change(time), whole.next_change(time));
  }
  double integral(double from, double to) const {
    return is_constant() ? (to - from) * at(from) : integral_over(*this, from, to);
  }
  /// REQUIRES: amount >= 0.
  double when(double from, double amount) const {
    return is_constant() && amount > 0 ? from + amount / at(from)
                                       : time_of_integral(*this, from, amount);
  }

 private:
  // A short cut for the event loop: nearly all rates are constant.
  bool is_constant() const { return whole.is_constant() && limit.is_constant(); }
};

}  // namespace offcut::network
