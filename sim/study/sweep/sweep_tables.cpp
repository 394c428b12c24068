// Joins journals into the tables of a sweep. Runs come in the order of their numbers, so that the
// replications of a point are next to each other: only those of one point are kept at a time.

#include "sim/study/sweep/sweep_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <memory>
#include <utility>

#include "analysis/page/page_file.h"
#include "models/base/csv_rows.h"
#include "models/base/csv_writer.h"
#include "models/base/output_error.h"

namespace offcut::study {
namespace {

/// An entry of one of several journals, by its position there.
struct Source {
  std::uint32_t journal = 0;
  std::uint32_t entry = 0;
};

/// Returns the entries of all journals by the numbers of their runs, each run once.
std::vector<Source> in_order(const std::vector<const JournalReader*>& journals) {
  const auto number_of = [&](const Source& source) {
    return journals[source.journal]->entries()[source.entry].number;
  };
  std::size_t count = 0;
  for (const JournalReader* journal : journals) {
    count += journal->entries().size();
  }
  std::vector<Source> all;
  all.reserve(count);
  for (std::uint32_t journal = 0; journal < journals.size(); ++journal) {
    for (std::uint32_t entry = 0; entry < journals[journal]->entries().size(); ++entry) {
      all.push_back({journal, entry});
    }
  }
  std::sort(all.begin(), all.end(), [&](const Source& a, const Source& b) {
    return std::pair(number_of(a), a.journal) < std::pair(number_of(b), b.journal);
  });
  all.erase(
      std::unique(all.begin(), all.end(),
                  [&](const Source& a, const Source& b) { return number_of(a) == number_of(b); }),
      all.end());
  return all;
}

/// The rows of one algorithm at a point and variant.
struct Group {
  std::string algorithm;
  std::size_t runs = 0, declined = 0, saturated = 0;
  std::vector<std::vector<double>> values;  // By number: those of the replications that are used.
};

/// The runs of a variant at a point.
struct VariantRuns {
  std::vector<Group> groups;
  std::size_t failed = 0;
  /// By replication: the figures of the scenario's own plan; nothing if the run is not used.
  std::vector<std::optional<RowFigures>> own;
};

/// Writes the rows of points.csv and differences.csv.
class PointWriter {
 public:
  PointWriter(const JournalHead& head, const OutputDirectory& out, const SweepSinks& sinks)
      : head_(head),
        sinks_(sinks),
        numbers_(number_names(head)),
        variants_(head.variants.size()),
        points_(out.file("points.csv"), point_header()) {
    if (head_.variants.size() > 1) {
      differences_ = std::make_unique<CsvWriter>(out.file("differences.csv"), difference_header());
    }
  }

  void add(const FinishedJob& job) {
    const std::uint64_t place = job.number / head_.most_replications;
    const auto point = static_cast<std::size_t>(place / head_.variants.size());
    const auto replication = static_cast<std::size_t>(job.number % head_.most_replications);
    if (!is_open_ || point != point_) {
      finish();
      is_open_ = true;
      point_ = point;
      std::vector<std::string> before = csv_fields(job.before);
      before.resize(1 + head_.parameters);
      parameters_.assign(before.begin() + 1, before.end());
    }
    add_rows(job, variants_[static_cast<std::size_t>(place % head_.variants.size())], replication);
  }

  void close() {
    finish();
    points_.close();
    if (differences_) {
      differences_->close();
    }
  }

 private:
  std::vector<std::string> point_header() const {
    std::vector<std::string> header = {"point"};
    const std::vector<std::string> parameters = parameter_names(head_);
    header.insert(header.end(), parameters.begin(), parameters.end());
    header.insert(header.end(), {"variant", "algorithm", "runs", "failed", "declined", "saturated",
                                 "used", "reached"});
    for (const std::string& name : numbers_) {
      header.push_back(name);
      header.push_back(name + "_half_width");
    }
    return header;
  }

  std::vector<std::string> difference_header() const {
    std::vector<std::string> header = {"point"};
    const std::vector<std::string> parameters = parameter_names(head_);
    header.insert(header.end(), parameters.begin(), parameters.end());
    header.insert(header.end(), {"variant", "against", "figure", "pairs", "mean", "against_mean",
                                 "difference", "low", "high", "p_value", "significant"});
    return header;
  }

  void add_rows(const FinishedJob& job, VariantRuns& runs, std::size_t replication) {
    if (job.has_failed) {
      ++runs.failed;
      return;
    }
    for (std::size_t i = 0; i < job.rows.size(); ++i) {
      RowFigures row = figures_of_row(head_, job.rows[i]);
      auto group = std::find_if(runs.groups.begin(), runs.groups.end(),
                                [&](const Group& g) { return g.algorithm == row.algorithm; });
      if (group == runs.groups.end()) {
        runs.groups.push_back({.algorithm = row.algorithm});
        group = runs.groups.end() - 1;
        group->values.resize(numbers_.size());
      }
      ++group->runs;
      if (row.outcome != "completed") {
        ++group->declined;
      } else if (!row.is_used()) {
        ++group->saturated;
      } else {
        for (std::size_t n = 0; n < numbers_.size(); ++n) {
          if (row.numbers[n]) {
            group->values[n].push_back(*row.numbers[n]);
          }
        }
      }
      if (i == 0 && row.is_used()) {
        runs.own.resize(std::max(runs.own.size(), replication + 1));
        runs.own[replication] = std::move(row);
      }
    }
  }

  void finish() {
    if (!is_open_) {
      return;
    }
    for (std::size_t variant = 0; variant < variants_.size(); ++variant) {
      VariantRuns& runs = variants_[variant];
      if (runs.groups.empty() && runs.failed > 0) {
        runs.groups.emplace_back().values.resize(numbers_.size());
      }
      for (const Group& group : runs.groups) {
        write_point(variant, runs, group);
      }
    }
    for (std::size_t variant = 1; variant < variants_.size(); ++variant) {
      write_differences(variant);
    }
    std::fill(variants_.begin(), variants_.end(), VariantRuns());
    is_open_ = false;
  }

  void write_point(std::size_t variant, const VariantRuns& runs, const Group& group) {
    PointSummary summary{.parameters = parameters_,
                         .point = point_ + 1,
                         .variant = head_.variants[variant],
                         .algorithm = group.algorithm,
                         .runs = group.runs + runs.failed,
                         .failed = runs.failed,
                         .declined = group.declined,
                         .saturated = group.saturated,
                         .used = group.runs - group.declined - group.saturated,
                         .reached = reached(group)};
    points_.integer(static_cast<std::int64_t>(summary.point));
    for (const std::string& value : parameters_) {
      points_.text(value);
    }
    points_.text(summary.variant).text(summary.algorithm);
    for (const std::size_t count :
         {summary.runs, summary.failed, summary.declined, summary.saturated, summary.used}) {
      points_.integer(static_cast<std::int64_t>(count));
    }
    points_.field(summary.reached ? std::optional(static_cast<std::int64_t>(*summary.reached))
                                  : std::nullopt);
    for (const std::vector<double>& values : group.values) {
      const std::optional<FigureMean> figure = mean_of(values);
      points_.field(figure ? std::optional(figure->mean) : std::nullopt);
      points_.field(figure ? figure->half_width : std::nullopt);
      summary.figures.push_back(figure);
    }
    points_.end_row();
    if (sinks_.point) {
      sinks_.point(summary);
    }
  }

  std::optional<std::size_t> reached(const Group& group) const {
    const auto values = [&](const char* name) {
      const std::size_t number = position_of(numbers_, name);
      return number < group.values.size() ? group.values[number].size() : 0;
    };
    return values("training_target") > 0 ? std::optional(values("time_to_accuracy_s"))
                                         : std::nullopt;
  }

  std::optional<FigureMean> mean_of(const std::vector<double>& values) const {
    if (values.empty()) {
      return std::nullopt;
    }
    if (const auto interval = analysis::mean_interval(values, head_.confidence)) {
      return FigureMean{interval->estimate, interval->half_width()};
    }
    return FigureMean{values.front(), std::nullopt};
  }

  void write_differences(std::size_t variant) {
    const VariantRuns &first = variants_.front(), &other = variants_[variant];
    for (const std::string& figure : head_.chosen) {
      const std::size_t number = position_of(numbers_, figure);
      std::vector<double> a, b;
      for (std::size_t i = 0; i < std::min(first.own.size(), other.own.size()); ++i) {
        if (first.own[i] && other.own[i] && first.own[i]->numbers[number] &&
            other.own[i]->numbers[number]) {
          a.push_back(*other.own[i]->numbers[number]);
          b.push_back(*first.own[i]->numbers[number]);
        }
      }
      if (const auto difference = analysis::paired_interval(a, b, head_.confidence)) {
        write_difference({.point = point_ + 1,
                          .variant = head_.variants[variant],
                          .against = head_.variants.front(),
                          .figure = figure,
                          .first_mean = analysis::mean_interval(b, head_.confidence)->estimate,
                          .difference = *difference});
      }
    }
  }

  void write_difference(const VariantDifference& row) {
    const analysis::Interval& interval = row.difference.difference;
    differences_->integer(static_cast<std::int64_t>(row.point));
    for (const std::string& value : parameters_) {
      differences_->text(value);
    }
    differences_->text(row.variant).text(row.against).text(row.figure);
    differences_->integer(static_cast<std::int64_t>(interval.values));
    differences_->number(row.first_mean + interval.estimate).number(row.first_mean);
    differences_->number(interval.estimate).number(interval.low).number(interval.high);
    differences_->number(row.difference.p_value).field(row.difference.is_significant());
    differences_->end_row();
    if (sinks_.difference) {
      sinks_.difference(row);
    }
  }

  const JournalHead& head_;
  const SweepSinks& sinks_;
  std::vector<std::string> numbers_;
  std::vector<VariantRuns> variants_;  // Of the point.
  bool is_open_ = false;
  std::size_t point_ = 0;
  std::vector<std::string> parameters_;
  CsvWriter points_;
  std::unique_ptr<CsvWriter> differences_;
};

}  // namespace

std::vector<std::string> usual_figures() {
  return {"latency_mean_s", "latency_p50_s",     "latency_p95_s",
          "latency_p99_s",  "goodput_per_s",     "energy_per_answer_j",
          "money",          "accuracy",          "training_accuracy",
          "training_s",     "time_to_accuracy_s"};
}

std::vector<std::string> sweep_files() {
  return {"sweep.csv", "points.csv", "differences.csv", analysis::kReportPage};
}

std::vector<std::string> parameter_names(const JournalHead& head) {
  const auto first = head.before.begin() + 1;  // After the point's number.
  return {first, first + static_cast<std::ptrdiff_t>(head.parameters)};
}

std::size_t position_of(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

std::vector<std::string> number_names(const JournalHead& head) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < head.figures.size(); ++i) {
    if (!head.is_text[i]) {
      names.push_back(head.figures[i]);
    }
  }
  return names;
}

RowFigures figures_of_row(const JournalHead& head, const std::string& row) {
  const std::vector<std::string> fields = csv_fields(row);
  RowFigures figures{.algorithm = fields.at(position_of(head.figures, "algorithm")),
                     .outcome = fields.at(position_of(head.figures, "outcome")),
                     .verdict = fields.at(position_of(head.figures, "verdict"))};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!head.is_text.at(i)) {
      double value = 0;
      const auto [end, error] =
          std::from_chars(fields[i].data(), fields[i].data() + fields[i].size(), value);
      figures.numbers.push_back(error == std::errc() ? std::optional(value) : std::nullopt);
    }
  }
  return figures;
}

void write_sweep_tables(const std::vector<const JournalReader*>& journals,
                        const OutputDirectory& out, const SweepSinks& sinks) {
  const JournalHead& head = journals.front()->head();
  const std::string path = out.file("sweep.csv");
  std::ofstream sweep(path, std::ios::binary);
  std::vector<std::string> names;
  for (const auto* part : {&head.before, &head.figures, &head.after}) {
    names.insert(names.end(), part->begin(), part->end());
  }
  sweep << csv_line(names) << '\n';
  PointWriter points(head, out, sinks);
  for (const Source& source : in_order(journals)) {
    const JournalReader& journal = *journals[source.journal];
    const FinishedJob job = journal.read(journal.entries()[source.entry]);
    for (const std::string& row : job.rows) {
      sweep << job.before << ',' << row << ',' << job.after << '\n';
    }
    points.add(job);
  }
  points.close();
  sweep.close();
  if (!sweep) {
    throw OutputError({path}, "cannot be written (is the disk full?)");
  }
}

}  // namespace offcut::study
