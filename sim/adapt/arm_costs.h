#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace offcut::adapt {

/// The mean cost of each arm that was pulled, for policies that learn.
class ArmCosts {
 public:
  /// REQUIRES: not fewer than before.
  void resize(std::size_t arms) { arms_.resize(arms); }
  /// Returns the first arm that was not handed out by this function; then it was pulled.
  std::optional<std::size_t> untried() {
    return next_ < arms_.size() ? std::optional(next_++) : std::nullopt;
  }
  void add(std::size_t arm, double cost) {
    Arm& pulled = arms_[arm];
    ++pulled.count;
    ++total_;
    pulled.mean += (cost - pulled.mean) / static_cast<double>(pulled.count);
    greatest_ = std::max(greatest_, cost);
  }
  /// Returns the arm with the least mean. One without a result yet counts as 0.
  std::size_t best() const {
    return static_cast<std::size_t>(
        std::min_element(arms_.begin(), arms_.end(),
                         [](const Arm& a, const Arm& b) { return a.mean < b.mean; }) -
        arms_.begin());
  }
  double mean(std::size_t arm) const { return arms_[arm].mean; }
  std::int64_t count(std::size_t arm) const { return arms_[arm].count; }
  std::int64_t total() const { return std::max<std::int64_t>(total_, 1); }
  double greatest() const { return greatest_; }

 private:
  struct Arm {
    std::int64_t count = 0;
    double mean = 0;
  };
  std::vector<Arm> arms_;
  std::size_t next_ = 0;
  std::int64_t total_ = 0;
  double greatest_ = 0;
};

}  // namespace offcut::adapt
