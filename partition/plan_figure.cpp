#include "partition/plan_figure.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace offcut::partition {
namespace {

struct ToText {
  std::string operator()(double number) const { return fmt::format("{}", number); }
  std::string operator()(std::size_t count) const { return fmt::format("{}", count); }
  std::string operator()(const std::string& name) const { return name; }
  std::string operator()(const CountEach& each) const {
    return fmt::format("{} {}", each.unit, fmt::join(each.counts, " "));
  }
};

}  // namespace

std::string PlanFigure::title() const { return unit.empty() ? name : name + "_" + unit; }

std::string PlanFigure::text() const {
  std::string all = std::visit(ToText(), value);
  for (const Detail& detail : details) {
    all += fmt::format(", {} {}", std::visit(ToText(), detail.value), detail.unit);
  }
  return all;
}

}  // namespace offcut::partition
