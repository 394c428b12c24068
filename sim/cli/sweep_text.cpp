#include "sim/cli/sweep_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "models/base/readable.h"
#include "sim/cli/figure_text.h"
#include "sim/cli/terminal.h"

namespace offcut::cli {
namespace {

constexpr const char* kRounds = "rounds";  // Of training.
constexpr const char* kTimeToAccuracy = "time_to_accuracy_s";
constexpr std::size_t kMostRows = 100;     // Of the table; the files have all.
constexpr std::size_t kMostSaturated = 5;  // Saturated points.

/// Returns the last key of a path, which names a parameter shortly, unless another one has it, too.
std::vector<std::string> short_names(const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  for (const std::string& path : paths) {
    names.push_back(path.substr(path.rfind('.') + 1));
  }
  std::vector<std::string> chosen;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    chosen.push_back(std::count(names.begin(), names.end(), names[i]) == 1 ? names[i] : paths[i]);
  }
  return chosen;
}

bool is_of_training(const std::string& figure) {
  return figure.starts_with("training_") || figure == kRounds || figure == kTimeToAccuracy;
}

/// Returns the cell of the time to an accuracy, with the number of runs that have one.
std::string reached_text(const study::PointSummary& point,
                         const std::optional<study::FigureMean>& mean) {
  const std::string time =
      mean ? mean_text(kTimeToAccuracy, mean->mean, mean->half_width) + " " : "";
  return *point.reached == point.used
             ? time
             : fmt::format("{}({} of {})", time, *point.reached, point.used);
}

/// Returns the cell of a figure. That of training is empty without it, and with training that of a
/// latency is without requests, so that the table has no columns for them.
std::string cell_text(const std::string& figure, const std::optional<study::FigureMean>& mean,
                      bool trains) {
  if (mean) {
    return mean_text(figure, mean->mean, mean->half_width);
  }
  return trains || is_of_training(figure) ? "" : "-";
}

std::vector<std::size_t> shown_figures(const study::JournalHead& head) {
  const std::vector<std::string> numbers = study::number_names(head);
  const std::vector<std::string> usual = {"latency_mean_s", "latency_p95_s", "training_accuracy",
                                          "training_s",     kRounds,         kTimeToAccuracy};
  std::vector<std::size_t> shown;
  for (const std::string& name : head.chosen == study::usual_figures() ? usual : head.chosen) {
    const auto found = std::find(numbers.begin(), numbers.end(), name);
    if (found != numbers.end()) {
      shown.push_back(static_cast<std::size_t>(found - numbers.begin()));
    }
  }
  return shown;
}

std::vector<std::string> header_of(const study::JournalHead& head,
                                   const std::vector<std::size_t>& shown) {
  std::vector<std::string> header = {"point"};
  for (const std::string& name : short_names(study::parameter_names(head))) {
    header.push_back(name);
  }
  header.insert(header.end(), {"variant", "algorithm", ">runs"});
  const std::vector<std::string> numbers = study::number_names(head);
  for (const std::size_t number : shown) {
    header.push_back(">" + numbers[number]);
  }
  return header;
}

}  // namespace

std::string points_text(const study::Sweep& sweep) {
  std::vector<std::string> header = {"point"};
  const std::vector<std::string> names = short_names(sweep.parameters());
  header.insert(header.end(), names.begin(), names.end());
  TextTable table(header);
  const std::size_t points = sweep.point_count();
  for (std::size_t point = 0; point < std::min(points, kMostRows); ++point) {
    std::vector<std::string> row = {fmt::format("{}", point + 1)};
    const std::vector<std::string> values = sweep.values_at(point);
    row.insert(row.end(), values.begin(), values.end());
    table.add(std::move(row));
  }
  std::string text = table.text();
  if (points > kMostRows) {
    text += fmt::format("... and {} more\n", points - kMostRows);
  }
  return fmt::format("{}{}, {}, {}{}: {}\n", text, counted(points, "point"),
                     counted(sweep.variants.size(), "variant"), sweep.precision ? "at least " : "",
                     counted(sweep.replications, "replication"),
                     counted(points * sweep.variants.size() * sweep.replications, "run"));
}

SweepText::SweepText(const study::JournalHead& head)
    : head_(head),
      shows_usual_(head.chosen == study::usual_figures()),
      shown_(shown_figures(head)),
      table_(header_of(head, shown_)) {}

std::string SweepText::label_of(const study::PointSummary& point) const {
  std::vector<std::string> parts = {fmt::format("point {}", point.point)};
  if (!point.variant.empty()) {
    parts.push_back(point.variant);
  }
  parts.push_back(point.algorithm);
  return fmt::format("{}", fmt::join(parts, ", "));
}

void SweepText::add(const study::PointSummary& point) {
  if (point.saturated > 0) {
    ++saturated_points_;
    saturated_runs_ += point.saturated;
    if (saturated_.size() < kMostSaturated) {
      saturated_.push_back(label_of(point));
    }
  }
  if (points_++ >= kMostRows) {
    return;
  }
  std::vector<std::string> row = {fmt::format("{}", point.point)};
  row.insert(row.end(), point.parameters.begin(), point.parameters.end());
  row.insert(row.end(),
             {point.variant, point.algorithm,
              point.used == point.runs ? fmt::format("{}", point.runs)
                                       : fmt::format("{} of {}", point.used, point.runs)});
  const std::vector<std::string> numbers = study::number_names(head_);
  const auto figure_of = [&](std::size_t number) {
    return number < point.figures.size() ? point.figures[number] : std::nullopt;
  };
  const bool trains = std::any_of(shown_.begin(), shown_.end(), [&](std::size_t number) {
    return is_of_training(numbers[number]) && figure_of(number);
  });
  for (const std::size_t number : shown_) {
    const std::string& name = numbers[number];
    if (name == kTimeToAccuracy && point.reached) {
      is_unreached_ |= *point.reached < point.used;
      row.push_back(reached_text(point, figure_of(number)));
    } else if (name == kRounds && shows_usual_ && !point.reached) {
      row.emplace_back();  // They are given then.
    } else {
      row.push_back(cell_text(name, figure_of(number), trains));
    }
  }
  table_.add(std::move(row));
}

void SweepText::add(const study::VariantDifference& row) {
  auto tally = std::find_if(tallies_.begin(), tallies_.end(), [&](const Tally& t) {
    return t.variant == row.variant && t.figure == row.figure;
  });
  if (tally == tallies_.end()) {
    tallies_.push_back({row.variant, row.against, row.figure});
    tally = tallies_.end() - 1;
  }
  ++tally->points;
  const double difference = row.difference.difference.estimate;
  tally->lower += row.difference.is_significant() && difference < 0 ? 1U : 0U;
  tally->higher += row.difference.is_significant() && difference > 0 ? 1U : 0U;
}

std::string SweepText::text() const {
  TextTable table = table_;
  table.drop_empty_columns();
  std::string text = table.text();
  if (points_ > kMostRows) {
    text += fmt::format("... and {} more in points.csv\n", points_ - kMostRows);
  }
  if (is_unreached_) {
    text += fitted(
        "(2 of 5): so many runs reached the accuracy, and the mean time is that of these alone\n");
  }
  if (saturated_points_ > 0) {
    text += fitted(fmt::format(
        "saturated: {} at {} ({}{}). They are not in the means, which would depend on the length "
        "of the run\n",
        counted(saturated_runs_, "run"), counted(saturated_points_, "point"),
        fmt::join(saturated_, "; "), saturated_points_ > saturated_.size() ? "; ..." : ""));
  }
  for (const Tally& tally : tallies_) {
    text += fitted(fmt::format(
        "{} against {}, {}: lower at {}, higher at {}, no significant difference at {} of {}\n",
        tally.variant, tally.against, tally.figure, tally.lower, tally.higher,
        tally.points - tally.lower - tally.higher, counted(tally.points, "point")));
  }
  return text;
}

}  // namespace offcut::cli
