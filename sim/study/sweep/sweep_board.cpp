// Lists the runs of a sweep without keeping them: a cursor passes over points, variants and
// replications. Only a precision needs the values of open points.

#include "sim/study/sweep/sweep_board.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "analysis/statistics/interval.h"
#include "sim/study/sweep/sweep_tables.h"

namespace offcut::study {
namespace {

/// The value of a run that failed, has no plan, or is saturated.
constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

std::string without_line_feeds(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

/// Returns the entry of a run that ended with this outcome.
FinishedJob finished_job(const SweepWork& work, std::uint64_t number, const JobOutcome& outcome) {
  const Job job = work.sweep().job_of(number);
  FinishedJob finished{.number = number,
                       .settings = work.hash_of(job),
                       .before = work.before(job),
                       .after = work.after(job, without_line_feeds(outcome.error)),
                       .has_failed = !outcome.error.empty()};
  finished.rows =
      finished.has_failed ? std::vector{SweepWork::failed_row()} : lines_of(outcome.result);
  return finished;
}

}  // namespace

SweepBoard::SweepBoard(const SweepWork& work, const JournalHead& head, Journal& journal,
                       const JournalReader* kept)
    : work_(work), sweep_(work.sweep()), head_(head), journal_(journal), kept_(kept) {
  const std::size_t points = sweep_.point_count();
  const std::size_t own = points / head_.shards + (points % head_.shards > head_.shard ? 1 : 0);
  known_ = own * sweep_.variants.size() * sweep_.replications;
  cursor_.point = head_.shard;
  if (sweep_.precision) {
    figure_ = position_of(number_names(head_), sweep_.precision->figure);
  }
}

const JournalEntry* SweepBoard::kept_entry(std::uint64_t job) const {
  const JournalEntry* entry = kept_ != nullptr ? kept_->find(job) : nullptr;
  return entry != nullptr && !entry->has_failed ? entry : nullptr;
}

std::optional<std::uint64_t> SweepBoard::next() {
  std::optional<std::uint64_t> job;
  while (true) {
    if (!extra_.empty()) {
      job = extra_.front();
      extra_.pop_front();
    } else if (job = next_listed(); !job) {
      return std::nullopt;
    }
    const JournalEntry* kept = kept_entry(*job);
    if (kept == nullptr) {
      ++running_;
      return job;
    }
    ++finished_;
    if (sweep_.precision) {
      keep_value(sweep_.job_of(*job), kept_->read(*kept));
    }
  }
}

std::optional<std::uint64_t> SweepBoard::next_listed() {
  if (cursor_.point >= sweep_.point_count()) {
    return std::nullopt;
  }
  if (sweep_.precision && !open_.contains(cursor_.point)) {
    OpenPoint& point = open_[cursor_.point];
    point.replications = sweep_.replications;
    point.missing = sweep_.replications * sweep_.variants.size();
    point.values.resize(sweep_.variants.size());
  }
  const std::uint64_t job = sweep_.number_of(cursor_);
  if (++cursor_.replication == sweep_.replications) {
    cursor_.replication = 0;
    if (++cursor_.variant == sweep_.variants.size()) {
      cursor_.variant = 0;
      cursor_.point += head_.shards;
    }
  }
  return job;
}

bool SweepBoard::expects_more() const {
  return running_ > 0 || !extra_.empty() || cursor_.point < sweep_.point_count();
}

void SweepBoard::finished(std::uint64_t number, JobOutcome outcome) {
  const FinishedJob job = finished_job(work_, number, outcome);
  journal_.add(job);
  --running_;
  ++finished_;
  if (job.has_failed) {
    ++failed_;
    if (on_failure) {
      on_failure(number, outcome.error);
    }
  }
  if (sweep_.precision) {
    keep_value(sweep_.job_of(number), job);
  }
  poll();
}

void SweepBoard::poll() {
  if (on_progress) {
    on_progress(finished_, known_);
  }
}

void SweepBoard::keep_value(const Job& job, const FinishedJob& finished) {
  OpenPoint& point = open_.at(job.point);
  double value = kNoValue;
  if (!finished.has_failed) {
    const RowFigures row = figures_of_row(head_, finished.rows.front());
    value = row.is_used() ? row.numbers[figure_].value_or(kNoValue) : kNoValue;
  }
  point.values[job.variant][job.replication] = value;
  if (--point.missing == 0) {
    close_round(job.point);
  }
}

/// Ends a point, or lists its next round.
void SweepBoard::close_round(std::size_t number) {
  OpenPoint& point = open_.at(number);
  const std::size_t needed = replications_needed(point);
  if (needed == point.replications) {
    open_.erase(number);
    return;
  }
  for (std::size_t variant = 0; variant < sweep_.variants.size(); ++variant) {
    for (std::size_t i = point.replications; i < needed; ++i) {
      extra_.push_back(sweep_.number_of({.point = number, .variant = variant, .replication = i}));
    }
  }
  point.missing = (needed - point.replications) * sweep_.variants.size();
  known_ += point.missing;
  point.replications = needed;
}

/// Returns the replications after the next round; those of this one if all intervals are narrow
/// enough, or no further runs can narrow them.
std::size_t SweepBoard::replications_needed(const OpenPoint& point) const {
  const analysis::Precision precision{.half_width = sweep_.precision->share};
  std::size_t most = point.replications;
  for (const std::map<std::size_t, double>& of_variant : point.values) {
    std::vector<double> values;
    for (const auto& [replication, value] : of_variant) {
      if (!std::isnan(value)) {
        values.push_back(value);
      }
    }
    const auto interval = analysis::mean_interval(values, sweep_.confidence);
    if (!interval || precision.reached_by(*interval)) {
      continue;
    }
    const std::size_t needed = analysis::values_needed(values, sweep_.confidence, precision)
                                   .value_or(sweep_.precision->most);
    most = std::max(most, point.replications + std::max<std::size_t>(1, needed - values.size()));
  }
  return std::min({most, 2 * point.replications, sweep_.precision->most});
}

}  // namespace offcut::study
