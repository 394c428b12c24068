#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace offcut::partition {

/// How many each of several machines has of something: channels 4 4 2.
struct CountEach {
  std::string unit;  // "channels"
  std::vector<std::int64_t> counts;

  bool operator==(const CountEach&) const = default;
};

/// A number in SI units, a count, a name, or the counts of several machines.
using FigureValue = std::variant<double, std::size_t, std::string, CountEach>;

/// A part of an answer that is no layer's tier: a makespan of 0.73 s, users 1..3 with a cut and
/// their share of the server. Text is only made of it where it is shown or written.
struct PlanFigure {
  struct Detail {
    FigureValue value;
    std::string unit;

    bool operator==(const Detail&) const = default;
  };

  std::string name;  // "makespan", "users 1..3"
  std::string unit;  // of the value: "s", "bytes"; empty where it has none
  FigureValue value;
  std::vector<Detail> details = {};  // what belongs to the value: its 2 units

  /// The name as a column's, which ends in the unit: "makespan_s".
  std::string title() const;
  /// The value with its details, numbers with all their digits: "0.73", "pool5, 2 units".
  std::string text() const;

  bool operator==(const PlanFigure&) const = default;
};

}  // namespace offcut::partition
