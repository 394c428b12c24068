#pragma once

#include <cstddef>
#include <vector>

namespace offcut::engine {

/// Head-of-line blocking at one queue: for each class, the time so far during which a core of the
/// queue was busy with another class.
class HeadOfLine {
 public:
  explicit HeadOfLine(std::size_t classes) : busy_(classes), held_up_(classes) {}

  /// A core begins, or ends, computing requests of the class.
  void begins(std::size_t request_class, double now) {
    advance(now);
    ++busy_[request_class];
    ++all_;
  }
  void ends(std::size_t request_class, double now) {
    advance(now);
    --busy_[request_class];
    --all_;
  }
  /// Returns the time so far. A request of the class that waits from one time to another is held up
  /// for the difference of the two readings.
  double held_up(std::size_t request_class, double now) {
    advance(now);
    return held_up_[request_class];
  }

 private:
  void advance(double now) {
    for (std::size_t i = 0; i < busy_.size(); ++i) {
      held_up_[i] += all_ > busy_[i] ? now - since_ : 0;
    }
    since_ = now;
  }

  std::vector<std::size_t> busy_;  // Cores, by class.
  std::size_t all_ = 0;
  std::vector<double> held_up_;
  double since_ = 0;
};

}  // namespace offcut::engine
