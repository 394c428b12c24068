#include "sim/cli/progress_bar.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace offcut::cli {
namespace {

constexpr int kWidth = 32;
constexpr std::size_t kUsualColumns = 80;
constexpr double kTooEarly = 0.01;  // below this share a guess of the time left is worth nothing

std::size_t terminal_columns() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kUsualColumns;
}

}  // namespace

ProgressBar::ProgressBar(std::string title)
    : title_(std::move(title)),
      on_terminal_(isatty(STDERR_FILENO) == 1),
      columns_(terminal_columns()),
      start_(std::chrono::steady_clock::now()) {}

ProgressBar::~ProgressBar() {
  if (shown_) {
    fmt::print(stderr, "\r\033[K");
    std::fflush(stderr);
  }
}

void ProgressBar::show(double done) {
  if (!on_terminal_) {
    return;
  }
  const double share = std::clamp(done, 0.0, 1.0);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  const std::string left =
      share < kTooEarly ? "" : fmt::format("{:.0f} s left", elapsed.count() / share * (1 - share));
  const int full = static_cast<int>(share * kWidth);
  const std::string bar =
      fmt::format("[{:#<{}}{:.<{}}] {:3.0f} %  {}", "", full, "", kWidth - full, share * 100, left);
  // A line that is too long would wrap, and could not be erased.
  const bool fits = title_.size() + 1 + bar.size() < columns_;
  fmt::print(stderr, "\r\033[K{}{}{}", fits ? title_ : "", fits ? " " : "", bar);
  std::fflush(stderr);
  shown_ = true;
}

}  // namespace offcut::cli
