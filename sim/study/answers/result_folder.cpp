// Reads summary.csv or sweep.csv row by row, and keeps only the figures that were asked for: a
// sweep may have a million rows of nearly a hundred columns.

#include "sim/study/answers/result_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "models/base/csv_rows.h"
#include "models/base/error.h"

namespace offcut::study {
namespace {

namespace fs = std::filesystem;

using Fields = std::vector<std::string>;

/// Reads rows of CSV, which may go on after the end of a line that is between quotes.
class RowReader {
 public:
  explicit RowReader(const std::string& path) : path_(path), file_(path, std::ios::binary) {
    if (!file_) {
      throw InputError({path}, "cannot be read");
    }
  }

  std::optional<Fields> next() {
    std::string row;
    const int begin = line_ + 1;
    for (std::string text; std::getline(file_, text);) {
      ++line_;
      row += (row.empty() ? "" : "\n") + text;
      if (std::count(row.begin(), row.end(), '"') % 2 == 0) {
        return fields_of(row, begin);
      }
    }
    if (!row.empty()) {
      throw InputError({path_, begin, 1}, "not a CSV file: a quote is not closed");
    }
    return std::nullopt;
  }

  int line() const { return line_; }

 private:
  Fields fields_of(const std::string& row, int line) const {
    try {
      return csv_fields(row);
    } catch (const std::invalid_argument& error) {
      throw InputError({path_, line, 1}, fmt::format("not a CSV file: {}", error.what()));
    }
  }

  std::string path_;
  std::ifstream file_;
  int line_ = 0;
};

/// The positions of the columns that count.
struct Columns {
  std::vector<std::size_t> parameters;
  std::optional<std::size_t> point, variant, seed, algorithm, outcome, verdict;
  std::vector<std::optional<std::size_t>> figures;
};

std::optional<std::size_t> find_column(const Fields& header, const std::string& name) {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? std::nullopt
                               : std::optional(static_cast<std::size_t>(found - header.begin()));
}

Columns columns_of(const Fields& header, const std::vector<std::string>& figures,
                   const std::string& path) {
  Columns columns{.point = find_column(header, "point"),
                  .variant = find_column(header, "variant"),
                  .seed = find_column(header, "seed"),
                  .algorithm = find_column(header, "algorithm"),
                  .outcome = find_column(header, "outcome"),
                  .verdict = find_column(header, "verdict")};
  if (!columns.seed || !columns.algorithm || !columns.outcome || !columns.verdict) {
    throw InputError({path, 1, 1},
                     "has no columns 'seed', 'algorithm', 'outcome' and 'verdict': expected a "
                     "table of runs as offcut writes it");
  }
  if (columns.point && columns.variant) {  // Those of a sweep; see SweepWork::names_before().
    for (std::size_t i = *columns.point + 1; i < *columns.variant; ++i) {
      if (header[i] != "seed") {
        columns.parameters.push_back(i);
      }
    }
  }
  for (const std::string& figure : figures) {
    columns.figures.push_back(find_column(header, figure));
  }
  return columns;
}

double number_of(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size()
             ? value
             : std::numeric_limits<double>::quiet_NaN();
}

/// Collects the runs of one file.
class SideReader {
 public:
  SideReader(std::string name, Columns columns, std::vector<std::string> parameters,
             bool with_compared_plans)
      : name_(std::move(name)),
        columns_(std::move(columns)),
        parameters_(std::move(parameters)),
        with_compared_plans_(with_compared_plans) {}

  void add(const Fields& row) {
    const std::string variant = columns_.variant ? row[*columns_.variant] : "";
    const std::string run = fmt::format(
        "{}\n{}\n{}", variant, columns_.point ? row[*columns_.point] : "", row[*columns_.seed]);
    const bool is_own_plan = run != last_;
    last_ = run;
    if (!is_own_plan && !with_compared_plans_) {
      return;
    }
    const std::string plan = is_own_plan ? "" : row[*columns_.algorithm];
    const auto [entry, is_new] = index_.emplace(std::pair(variant, plan), sides_.size());
    if (is_new) {
      is_own_plan_.push_back(is_own_plan);
      ComparedSide& side = sides_.emplace_back();
      const std::string& of = plan.empty() ? variant : plan;
      side.name = of.empty() ? name_ : fmt::format("{}: {}", name_, of);
      side.parameters = parameters_;
    }
    std::vector<std::string> point;
    for (const std::size_t column : columns_.parameters) {
      point.push_back(row[column]);
    }
    ComparedSide& side = sides_[entry->second];
    side.runs.push_back(run_of(row, point_in(entry->second, std::move(point))));
  }

  /// Returns the sides: the variants if there are several, or else the plans.
  std::vector<ComparedSide> take() {
    std::set<std::string> variants;
    for (const auto& [of, side] : index_) {
      variants.insert(of.first);
    }
    std::vector<ComparedSide> taken;
    for (std::size_t i = 0; i < sides_.size(); ++i) {
      if (variants.size() == 1 || is_own_plan_[i]) {
        taken.push_back(std::move(sides_[i]));
      }
    }
    return taken;
  }

 private:
  std::size_t point_in(std::size_t side, std::vector<std::string> point) {
    points_.resize(sides_.size());
    const auto [entry, is_new] = points_[side].emplace(point, sides_[side].points.size());
    if (is_new) {
      sides_[side].points.push_back(std::move(point));
    }
    return entry->second;
  }

  ComparedRun run_of(const Fields& row, std::size_t point) const {
    ComparedRun run{.point = point, .seed = row[*columns_.seed]};
    run.kind = row[*columns_.outcome] != "completed" ? ComparedRun::Kind::without_result
               : row[*columns_.verdict] == "stable"  ? ComparedRun::Kind::stable
                                                     : ComparedRun::Kind::saturated;
    for (const auto& figure : columns_.figures) {
      run.values.push_back(figure ? number_of(row[*figure])
                                  : std::numeric_limits<double>::quiet_NaN());
    }
    return run;
  }

  std::string name_;
  Columns columns_;
  std::vector<std::string> parameters_;
  std::vector<ComparedSide> sides_;
  std::vector<bool> is_own_plan_;  // By side.
  bool with_compared_plans_;
  std::map<std::pair<std::string, std::string>, std::size_t> index_;     // By variant and plan.
  std::vector<std::map<std::vector<std::string>, std::size_t>> points_;  // By side.
  std::string last_;  // The run of the row before.
};

}  // namespace

std::vector<ComparedSide> read_results(const std::string& folder,
                                       const std::vector<std::string>& figures,
                                       bool with_compared_plans) {
  fs::path path = fs::path(folder) / "sweep.csv";
  if (!fs::exists(path)) {
    path = fs::path(folder) / "summary.csv";
  }
  if (!fs::exists(path)) {
    const bool is_open = fs::exists(fs::path(folder) / "sweep.journal");
    throw InputError({folder}, is_open ? "has an unfinished sweep: expected offcut sweep --resume "
                                         "before"
                                       : "has neither sweep.csv nor summary.csv: expected results "
                                         "of offcut sweep or offcut run");
  }
  RowReader rows(path.string());
  const std::optional<Fields> header = rows.next();
  const Columns columns = columns_of(header.value_or(Fields()), figures, path.string());
  std::vector<std::string> parameters;
  for (const std::size_t column : columns.parameters) {
    parameters.push_back((*header)[column]);
  }
  SideReader reader(folder, columns, parameters, with_compared_plans);
  while (const std::optional<Fields> row = rows.next()) {
    if (row->size() != header->size()) {
      throw InputError({path.string(), rows.line(), 1},
                       fmt::format("expected {} fields, got {}", header->size(), row->size()));
    }
    reader.add(*row);
  }
  std::vector<ComparedSide> sides = reader.take();
  if (sides.empty()) {
    throw InputError({path.string()}, "has no runs");
  }
  return sides;
}

}  // namespace offcut::study
