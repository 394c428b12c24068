#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace offcut::network {

/// The times at which a device is there, which repeat after a period, for ever. It is active from
/// each of `active` on and inactive from each of `inactive` on. Before the first of them, it is
/// what the first one ends: a device whose first change makes it inactive was active before. A
/// device without any is never active. The times are in seconds since the start of the run.
class Availability {
 public:
  /// Changes at or after the period are never reached. REQUIRES: the times are ascending and take
  /// turns, see order_error(), are not negative, and the period is positive and finite.
  Availability(const std::vector<double>& active, const std::vector<double>& inactive,
               double period);

  /// Returns the reason for which the times do not take turns; empty if they do: the earlier list
  /// (of equal times, `active`) begins, and has as many as the other, or one more.
  static std::string order_error(const std::vector<double>& active,
                                 const std::vector<double>& inactive);

  /// Returns whether the device is active from `time` on, until the next change. REQUIRES: time >=
  /// 0, as for the others.
  bool is_active(double time) const;
  /// Returns `time`, or the time of the next change if it is inactive then; infinity: never.
  double next_active(double time) const;
  bool is_never_active() const { return changes_.empty() && !before_; }
  bool is_always_active() const { return changes_.empty() && before_; }
  /// Returns the share of time for which it is active.
  double share() const;

  /// Returns the state just before time 0, and the time of change n = 0, 1, ... after it, each of
  /// which toggles the state. REQUIRES for change(): neither never nor always active.
  bool is_active_before() const { return before_; }
  double change(std::size_t n) const {
    return static_cast<double>(n / changes_.size()) * period_ + changes_[n % changes_.size()];
  }
  /// Returns the number of changes in each period, which is even.
  std::size_t changes() const { return changes_.size(); }
  double period() const { return period_; }

 private:
  std::size_t count(double time) const;

  std::vector<double> changes_;  // Within a period, ascending.
  bool before_ = false;
  double period_;
};

}  // namespace offcut::network
