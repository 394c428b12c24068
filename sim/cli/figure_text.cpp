#include "sim/cli/figure_text.h"

#include <fmt/format.h>

#include <cmath>

#include "models/base/readable.h"
#include "models/base/units.h"

namespace offcut::cli {

std::string figure_text(const std::string& figure, double value) {
  return figure.ends_with("_per_s")   ? significant(value, 4) + " /s"
         : figure.ends_with("_s")     ? to_readable(Seconds(value))
         : figure.ends_with("_j")     ? to_readable(Joules(value))
         : figure.ends_with("_bytes") ? to_readable(Bytes(value))
         : figure == "accuracy"       ? fmt::format("{:.2f} %", value * 100)
                                      : significant(value, 4);
}

std::string interval_text(const std::string& figure, const analysis::Interval& interval) {
  return mean_text(
      figure, interval.estimate,
      interval.half_width() == 0 ? std::nullopt : std::optional(interval.half_width()));
}

std::string mean_text(const std::string& figure, double mean, std::optional<double> half_width) {
  const std::string text = figure_text(figure, mean);
  return half_width && mean != 0
             ? fmt::format("{} +- {}", text, percent(*half_width / std::abs(mean), 2))
             : text;
}

}  // namespace offcut::cli
