#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace offcut::cli {

/// A bar with the time left, on standard error if that is a terminal. In a pipe, and with --quiet,
/// it shows nothing. The destructor erases it.
class ProgressBar {
 public:
  explicit ProgressBar(std::string_view title);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Changes the title from the next show() on.
  void set_title(std::string_view title);
  /// Shows the share that is done, from 0 to 1.
  void show(double done);
  /// Erases the bar until the next show(), so that a line can be printed in its place.
  void hide();
  /// Shows how many of the runs known so far are finished, also in the title.
  void show_runs(std::string_view title, std::size_t finished, std::size_t known);

 private:
  std::string title_;
  std::optional<std::size_t> columns_;  // None: there is nothing to show it on.
  bool shown_ = false;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace offcut::cli
