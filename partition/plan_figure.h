#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace offcut::partition {

/// The counts of several machines, in their order: channels 4 4 2.
struct CountEach {
  std::string unit;  // For example "channels".
  std::vector<std::int64_t> counts;

  bool operator==(const CountEach&) const = default;
};

/// A number in SI units, a count, a name, or the counts of several machines.
using FigureValue = std::variant<double, std::size_t, std::string, CountEach>;

/// A result beside the layers' tiers, such as a makespan of 0.73 s, or the cut of users 1..3 with
/// their share of the server. It becomes text only when it is shown or written.
struct PlanFigure {
  struct Detail {
    FigureValue value;
    std::string unit;

    bool operator==(const Detail&) const = default;
  };

  std::string name;  // For example "makespan", "users 1..3".
  std::string unit;  // The value's unit: "s", "bytes"; may be empty.
  FigureValue value;
  std::vector<Detail> details = {};  // Further values, such as a user's 2 units of the server.

  /// Returns the name with its unit, in the style of a column: "makespan_s".
  std::string title() const;
  /// Returns the value with its details, numbers with all their digits: "0.73", "pool5, 2 units".
  std::string text() const;

  bool operator==(const PlanFigure&) const = default;
};

}  // namespace offcut::partition
