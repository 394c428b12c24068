// The changes of one period are kept, without spells of no length, and so that the state at the end
// of a period is that before the next one: where a trace ends in another state than it began, the
// device changes at the seam. All functions go by the same products of periods, so that they agree
// to the last bit.

#include "sim/network/availability.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace offcut::network {
namespace {

bool begins_active(const std::vector<double>& active, const std::vector<double>& inactive) {
  return !active.empty() && (inactive.empty() || active.front() <= inactive.front());
}

/// Adds a change, or takes the one at the same time back.
void toggle(std::vector<double>& changes, double time) {
  if (!changes.empty() && changes.back() == time) {
    changes.pop_back();
  } else {
    changes.push_back(time);
  }
}

}  // namespace

std::string Availability::order_error(const std::vector<double>& active,
                                      const std::vector<double>& inactive) {
  const bool is_active_first = begins_active(active, inactive);
  const std::vector<double>& first = is_active_first ? active : inactive;
  const std::vector<double>& second = is_active_first ? inactive : active;
  const char* names[] = {is_active_first ? "active" : "inactive",
                         is_active_first ? "inactive" : "active"};
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (i > 0 && i <= second.size() && first[i] < second[i - 1]) {
      return fmt::format("{}[{}] ({}) is before {}[{}] ({})", names[0], i, first[i], names[1],
                         i - 1, second[i - 1]);
    }
    if (i < second.size() && second[i] < first[i]) {
      return fmt::format("{}[{}] ({}) is before {}[{}] ({})", names[1], i, second[i], names[0], i,
                         first[i]);
    }
  }
  if (second.size() > first.size() || second.size() + 1 < first.size()) {
    return fmt::format(
        "{} times 'active' and {} times 'inactive' do not take turns: expected as many, or one "
        "more "
        "of those that begin ('{}')",
        active.size(), inactive.size(), names[0]);
  }
  return "";
}

Availability::Availability(const std::vector<double>& active, const std::vector<double>& inactive,
                           double period)
    : period_(period) {
  const bool is_active_first = begins_active(active, inactive);
  const std::vector<double>& first = is_active_first ? active : inactive;
  const std::vector<double>& second = is_active_first ? inactive : active;
  for (std::size_t i = 0; i < first.size() + second.size(); ++i) {
    const double time = i % 2 == 0 ? first[i / 2] : second[i / 2];
    if (time < period) {
      toggle(changes_, time);
    }
  }
  const bool before_first = !first.empty() && !is_active_first;
  const bool is_odd = changes_.size() % 2 == 1;
  before_ = before_first != is_odd;
  if (is_odd && changes_.front() == 0) {
    changes_.erase(changes_.begin());
  } else if (is_odd) {
    changes_.insert(changes_.begin(), 0.0);
  }
}

/// Returns the number of changes up to `time`, inclusive.
std::size_t Availability::count(double time) const {
  if (changes_.empty()) {
    return 0;
  }
  const double begin = std::floor(time / period_);
  const auto within = std::upper_bound(changes_.begin(), changes_.end(), time - begin * period_);
  std::size_t count = static_cast<std::size_t>(begin) * changes_.size() +
                      static_cast<std::size_t>(within - changes_.begin());
  while (change(count) <= time) {  // Rounding may have put it one off.
    ++count;
  }
  while (count > 0 && change(count - 1) > time) {
    --count;
  }
  return count;
}

bool Availability::is_active(double time) const { return before_ != (count(time) % 2 == 1); }

double Availability::next_active(double time) const {
  const std::size_t changed = count(time);
  if (before_ != (changed % 2 == 1)) {
    return time;
  }
  return changes_.empty() ? std::numeric_limits<double>::infinity() : change(changed);
}

double Availability::share() const {
  double active = before_ ? period_ : 0;
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    const double rest = period_ - changes_[i];
    active += before_ != (i % 2 == 0) ? rest : -rest;
  }
  return active / period_;
}

}  // namespace offcut::network
