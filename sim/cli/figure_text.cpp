#include "sim/cli/figure_text.h"

#include <fmt/format.h>

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

}  // namespace offcut::cli
