#pragma once

#include <cstddef>
#include <vector>

namespace offcut::engine {

/// Head-of-line blocking at one queue: how long so far, for each class, a core of the queue's was
/// busy with another one.
class HeadOfLine {
 public:
  explicit HeadOfLine(std::size_t classes) : busy_(classes), held_up_(classes) {}

  /// A core begins to compute requests of that class, or ends to.
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
  /// Between two moments, a request of that class was held up for the difference.
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

  std::vector<std::size_t> busy_;  // cores, by class
  std::size_t all_ = 0;
  std::vector<double> held_up_;
  double since_ = 0;
};

}  // namespace offcut::engine
