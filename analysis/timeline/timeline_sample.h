#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace offcut::analysis {

/// A sample of numbered things that come one after another: those whose numbers are multiples of a
/// step. The step doubles whenever the sample must shrink, so that what is kept was kept before:
/// all parts of a thing stay together.
class StepSample {
 public:
  bool keeps(std::int64_t number) {
    seen_ = std::max(seen_, number + 1);
    return number % step_ == 0;
  }
  bool has(std::int64_t number) const { return number % step_ == 0; }
  void halve() { step_ *= 2; }

  std::int64_t step() const { return step_; }
  std::int64_t seen() const { return seen_; }
  std::int64_t kept() const { return (seen_ + step_ - 1) / step_; }
  /// Returns whether a larger step leaves less: there are several of them.
  bool can_halve() const { return kept() > 1; }

 private:
  std::int64_t step_ = 1;
  std::int64_t seen_ = 0;  // One more than the highest number so far.
};

}  // namespace offcut::analysis
