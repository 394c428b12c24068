#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "models/base/units.h"

namespace offcut::runtime {

// The texts of the probes by which a node watches its connections. A probe has the time of its
// sending; its echo has that and, on the other clock, those of its arrival and its answer.

struct EchoTimes {
  Seconds sent, arrived, answered;
};

inline std::string probe_text(Seconds sent) { return fmt::format("{:.9f}", sent.si()); }

inline std::string echo_text(const std::string& probe, Seconds arrived, Seconds answered) {
  return fmt::format("{} {:.9f} {:.9f}", probe, arrived.si(), answered.si());
}

/// Returns none for another text.
inline std::optional<EchoTimes> echo_times(const std::string& text) {
  double times[3];
  const char* from = text.c_str();
  for (double& time : times) {
    char* end = nullptr;
    time = std::strtod(from, &end);
    if (end == from) {
      return std::nullopt;
    }
    from = end;
  }
  return EchoTimes{Seconds(times[0]), Seconds(times[1]), Seconds(times[2])};
}

}  // namespace offcut::runtime
