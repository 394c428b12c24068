#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "sim/engine/simulation.h"

namespace offcut::engine {

inline bool is_time(Seconds time) { return time >= Seconds(0) && time < kNever; }
/// SimGrid counts whole bytes.
inline bool is_size(Bytes bytes) {
  constexpr double kMost = 0x1p53;
  return bytes >= Bytes(0) && bytes.si() <= kMost && bytes.si() == std::trunc(bytes.si());
}

/// The rules that a simulation violates, each named once for the tier, hop or class that it is
/// about.
class Findings {
 public:
  /// Sets the tier, hop or class that the next rules are about.
  void set_subject(std::string subject) { subject_ = std::move(subject); }

  void require(bool holds, const std::string& rule) {
    const std::string finding = subject_.empty() ? rule : fmt::format("{}: {}", subject_, rule);
    if (!holds && std::find(all_.begin(), all_.end(), finding) == all_.end()) {
      all_.push_back(finding);
    }
  }

  const std::vector<std::string>& all() const { return all_; }

 private:
  std::string subject_;
  std::vector<std::string> all_;
};

}  // namespace offcut::engine
