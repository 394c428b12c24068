#include "sim/cli/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "models/base/error.h"
#include "models/base/printable.h"
#include "sim/cli/console.h"
#include "sim/cli/terminal.h"

namespace offcut::cli {
namespace {

constexpr int kWidth = 32;
constexpr double kTooEarly = 0.01;  // Below this share, the time left cannot be estimated.

}  // namespace

ProgressBar::ProgressBar(std::string_view title)
    : title_(printable_line(title)),
      columns_(is_quiet() ? std::nullopt : terminal_columns(STDERR_FILENO)),
      start_(std::chrono::steady_clock::now()) {}

ProgressBar::~ProgressBar() { hide(); }

void ProgressBar::hide() {
  if (shown_) {
    fmt::print(stderr, "\r\033[K");
    std::fflush(stderr);
    shown_ = false;
  }
}

void ProgressBar::set_title(std::string_view title) { title_ = printable_line(title); }

void ProgressBar::show(double done) {
  if (!columns_) {
    return;
  }
  const double share = std::clamp(done, 0.0, 1.0);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  const std::string left =
      share < kTooEarly ? "" : fmt::format("{:.0f} s left", elapsed.count() / share * (1 - share));
  const int full = static_cast<int>(share * kWidth);
  const std::string bar =
      fmt::format("[{:#<{}}{:.<{}}] {:3.0f} %  {}", "", full, "", kWidth - full, share * 100, left);
  // A line that wraps could not be erased.
  const bool fits = display_width(title_) + 1 + bar.size() < *columns_;
  fmt::print(stderr, "\r\033[K{}{}{}", fits ? title_ : "", fits ? " " : "", bar);
  std::fflush(stderr);
  shown_ = true;
}

void ProgressBar::show_runs(std::string_view title, std::size_t finished, std::size_t known) {
  set_title(fmt::format("{} {}/{}", title, finished, known));
  show(known == 0 ? 1 : static_cast<double>(finished) / static_cast<double>(known));
}

}  // namespace offcut::cli
