// Collects the data of a sweep's page: points.csv and differences.csv with the texts of their
// columns, and the parameters as axes. A parameter whose values all have units of one dimension is
// an axis of numbers in the unit of the first.

#include "analysis/page/sweep_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "analysis/page/csv_stream.h"
#include "analysis/page/page_file.h"
#include "analysis/page/page_table.h"
#include "analysis/tables/summary_table.h"
#include "models/base/units.h"

namespace offcut::analysis {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostPoints = 20000;
constexpr std::size_t kMostValues = 200000;  // With more, only the sweep's own figures are taken.
constexpr std::string_view kHalfWidth = "_half_width";

constexpr auto kOwnColumns = std::to_array<ColumnText>({
    {"point", "", "The point: a combination of the parameters' values, from 1."},
    {"variant", "", "The variant of the sweep; empty without variants."},
    {"algorithm", "", "The algorithm that made the plan."},
    {"runs", "", "The replications that were simulated, or failed."},
    {"failed", "", "The replications that failed."},
    {"declined", "", "The replications without a plan."},
    {"saturated", "",
     "The replications whose verdict is not `stable`. They are not in the means."},
    {"used", "", "The replications in the means."},
    {"reached", "", "Those of them that reached the accuracy to stop at."},
    {"against", "", "The variant that is compared with."},
    {"figure", "", "The figure that is compared: a column of summary.csv."},
    {"pairs", "", "The pairs of replications with the same seed."},
    {"mean", "", "The mean of the variant, in the figure's unit."},
    {"against_mean", "", "The mean of the other variant."},
    {"difference", "", "The mean difference of the pairs."},
    {"low", "", "The lower end of its interval."},
    {"high", "", "The upper end of its interval."},
    {"p_value", "", "The probability of such a difference, if there were none (paired t-test)."},
    {"significant", "", "Whether the interval leaves out zero: 1 or 0."},
});

/// Returns the figure of a column of half-widths; else the name itself.
std::string_view figure_of(std::string_view name) {
  return name.ends_with(kHalfWidth) ? name.substr(0, name.size() - kHalfWidth.size()) : name;
}

ColumnText text_of_column(std::string_view name, const TableText& summary) {
  if (const ColumnText* own = find_text(kOwnColumns, name)) {
    return *own;
  }
  const ColumnText* figure = find_text(summary.columns, figure_of(name));
  if (figure == nullptr) {
    return {name, "", "A parameter of the sweep."};
  }
  return {name, figure->unit,
          name.ends_with(kHalfWidth)
              ? "The half-width of the interval of the mean over replications."
              : figure->doc};
}

/// Returns the texts as numbers in the unit of the first; nothing if one of them is none.
std::optional<std::pair<std::string, std::vector<double>>> as_numbers(
    const std::vector<std::string>& texts) {
  constexpr auto kDimensions = std::to_array<Dimension>(
      {Dimension::number, Dimension::time, Dimension::data, Dimension::work, Dimension::energy,
       Dimension::rate, Dimension::bandwidth, Dimension::speed, Dimension::power,
       Dimension::length, Dimension::velocity});
  if (texts.empty()) {
    return std::nullopt;
  }
  const std::size_t digits = texts.front().find_last_of("0123456789");
  const std::size_t begin =
      digits == std::string::npos ? digits : texts.front().find_first_not_of(' ', digits + 1);
  const std::string unit = begin == std::string::npos ? "" : texts.front().substr(begin);
  for (const Dimension dimension : kDimensions) {
    try {
      const double one = parse_quantity("1 " + unit, dimension);
      std::vector<double> values;
      for (const std::string& text : texts) {
        values.push_back(parse_quantity(text, dimension) / one);
      }
      return std::pair(unit, std::move(values));
    } catch (const std::invalid_argument&) {
      continue;
    }
  }
  return std::nullopt;
}

Json axis_of(const Json& table, const std::string& name) {
  std::vector<std::string> texts;
  for (const Json& column : table["columns"]) {
    if (column["name"] == name) {
      for (const Json& value : column["values"]) {
        std::string text = value.is_string() ? value.get<std::string>()
                           : value.is_null() ? std::string()
                                             : value.dump();
        if (std::find(texts.begin(), texts.end(), text) == texts.end()) {
          texts.push_back(std::move(text));
        }
      }
    }
  }
  Json axis = {{"name", name}, {"texts", texts}, {"unit", ""}, {"values", nullptr}};
  if (const auto numbers = as_numbers(texts)) {
    axis["unit"] = numbers->first;
    axis["values"] = numbers->second;
  }
  return axis;
}

std::size_t count_rows(const std::string& path, std::size_t& columns) {
  std::size_t rows = 0;
  for_each_row(path, [&](std::span<const std::string_view> fields) {
    columns = fields.size();
    ++rows;
  });
  return rows;
}

}  // namespace

void write_sweep_page(const std::filesystem::path& folder, const SweepPageTexts& texts,
                      const std::string& path) {
  const TableText summary = text_of_table(summary_table());
  const ColumnTextOf text_of = [&](std::string_view name) {
    return text_of_column(name, summary);
  };
  const std::string points = (folder / "points.csv").string();
  std::size_t columns = 0;
  const bool is_large = count_rows(points, columns) * columns > kMostValues;
  PageTableChoice choice{.most_rows = kMostPoints};
  if (is_large) {
    choice.takes = [&](std::string_view name) {
      return find_text(summary.columns, figure_of(name)) == nullptr ||
             find_text(kOwnColumns, name) != nullptr ||
             std::find(texts.figures.begin(), texts.figures.end(), figure_of(name)) !=
                 texts.figures.end();
    };
  }
  Json tables = Json::array();
  tables.push_back(page_table(points, "points.csv",
                              "A row per point, variant and algorithm, with means over "
                              "replications and the half-widths of their intervals.",
                              text_of, choice));
  Json axes = Json::array();
  for (const std::string& parameter : texts.parameters) {
    axes.push_back(axis_of(tables.front(), parameter));
  }
  if (const std::string file = (folder / "differences.csv").string();
      std::filesystem::exists(file)) {
    tables.push_back(page_table(file, "differences.csv",
                                "A row per point, variant and figure: its difference from the "
                                "first variant under the same random numbers.",
                                text_of, {.most_rows = kMostPoints}));
  }
  Json facts = Json::array();
  for (const auto& [name, text] : texts.facts) {
    facts.push_back({name, text});
  }
  write_page(path, texts.title,
             {{"kind", "sweep"},
              {"title", texts.title},
              {"facts", std::move(facts)},
              {"confidence", texts.confidence},
              {"figures", texts.figures},
              {"axes", std::move(axes)},
              {"tables", std::move(tables)},
              {"scenario", texts.scenario}});
}

}  // namespace offcut::analysis
