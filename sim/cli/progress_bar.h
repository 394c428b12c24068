#pragma once

#include <chrono>
#include <string>

namespace offcut::cli {

/// A bar with the time left, on standard error where that is a terminal; nothing in a pipe. Gone
/// without a trace when it is destroyed.
class ProgressBar {
 public:
  explicit ProgressBar(std::string title);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void show(double done);  // 0 to 1

 private:
  std::string title_;
  bool on_terminal_;
  std::size_t columns_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace offcut::cli
