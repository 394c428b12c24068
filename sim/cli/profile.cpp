// `offcut profile`: measures the layers of models on this machine. Models and batch sizes take
// turns, round by round, until the layers of each add up to its whole run.

#include "models/cost/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>

#include "models/base/comma_list.h"
#include "models/base/readable.h"
#include "models/exec/layer_times.h"
#include "models/graph/random_input.h"
#include "models/ops/batches.h"
#include "sim/cli/commands.h"
#include "sim/cli/console.h"
#include "sim/cli/engine_options.h"
#include "sim/cli/interruption.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/progress_bar.h"
#include "sim/cli/text_table.h"

namespace offcut::cli {
namespace {

// Seconds of a run beside its kernels. The tolerance is relative to the whole run and this.
constexpr double kOverhead = 20e-6;
// If reading the CPU clock takes more, it slows the kernels down: on some virtual machines it takes
// 1 us and more.
constexpr double kMostClockShare = 0.2;
constexpr int kAttempts = 20;  // Each adds as many rounds again, for steadier medians.
constexpr int kMostBatch = 4096;
constexpr int kMostRounds = 100'000;
constexpr double kMostTolerance = 1000;  // Percent.
constexpr Seconds kMostPause(60);
constexpr std::size_t kShownLayers = 10;  // The slowest ones.

std::vector<std::int64_t> parse_batches(const std::string& text,
                                        std::vector<Diagnostic>& diagnostics) {
  std::vector<std::int64_t> sizes;
  for (const std::string& part : comma_list(text)) {
    std::int64_t size = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), size);
    if (error != std::errc() || end != part.data() + part.size() || size < 1 || size > kMostBatch) {
      diagnostics.push_back(
          {Place{"--batch"},
           fmt::format("expected whole numbers from 1 to {}, separated by commas, got {}",
                       kMostBatch, in_quotes(part))});
    } else if (std::find(sizes.begin(), sizes.end(), size) != sizes.end()) {
      diagnostics.push_back({Place{"--batch"}, fmt::format("{} is given twice", size)});
    } else {
      sizes.push_back(size);
    }
  }
  return sizes;
}

/// Checks the options, and returns the batch sizes.
std::vector<std::int64_t> check_profile(const ProfileOptions& options) {
  std::vector<Diagnostic> diagnostics;
  check_engine(options.engine, diagnostics);
  const auto check_range = [&](const char* option, int value, int most) {
    if (value < 1 || value > most) {
      diagnostics.push_back({Place{option}, fmt::format("expected 1 to {}, got {}", most, value)});
    }
  };
  check_threads(options.threads, options.engine, diagnostics);
  check_range("--rounds", options.rounds, kMostRounds);
  if (!(options.tolerance > 0 && options.tolerance <= kMostTolerance)) {
    diagnostics.push_back({Place{"--tolerance"}, fmt::format("expected above 0 and at most {}, "
                                                             "got {}",
                                                             kMostTolerance, options.tolerance)});
  }
  read_time("--pause", options.pause, Seconds(0), kMostPause, diagnostics);
  std::vector<std::int64_t> sizes = parse_batches(options.batch, diagnostics);
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return sizes;
}

Graph batch_of(const Graph& graph, std::int64_t size, const scenario::Registries& registries) {
  if (size == 1) {
    return graph;  // Also if it can't run in batches, such as with DynamicQuantizeLinear.
  }
  try {
    return ops::in_batches(graph, size, registries.operators);
  } catch (const std::invalid_argument& error) {
    throw InputError({fmt::format("--batch {}", size)},
                     fmt::format("{} can't run in batches: {}", graph.name(), error.what()));
  }
}

/// A network at a batch size, and its measured times.
struct Subject {
  std::string model;
  std::int64_t batch = 1;
  std::unique_ptr<const Graph> graph;
  std::optional<exec::LayerTimer> timer;
  exec::LayerTimes times;

  double difference() const { return times.sum() / times.whole - 1; }
  bool adds_up(double tolerance) const {
    return std::abs(times.sum() - times.whole) <= tolerance * (times.whole + kOverhead);
  }
};

std::vector<Subject> subjects_of(const ProfileOptions& options,
                                 const std::vector<std::int64_t>& sizes,
                                 const scenario::Registries& registries) {
  std::vector<Subject> subjects;
  std::map<std::string, std::string> named;  // From the name of a graph to its model.
  for (const std::string& model : options.models) {
    const Graph graph = load_math({model, options.bind, options.fix}, registries);
    const auto [before, is_new] = named.emplace(graph.name(), model);
    if (!is_new) {
      throw InputError({model}, fmt::format("has the name {}, as {} has: a profile could not tell "
                                            "them apart",
                                            in_quotes(graph.name()), before->second));
    }
    for (const std::int64_t size : sizes) {
      subjects.push_back({.model = model,
                          .batch = size,
                          .graph = std::make_unique<Graph>(batch_of(graph, size, registries))});
    }
  }
  return subjects;
}

void prepare_timer(Subject& subject, const ProfileOptions& options) {
  exec::MeasureOptions measuring;
  if (options.engine == "reference") {
    measuring.prepare = exec::PrepareOptions::none();
  }
  measuring.prepare.threads = options.threads;
  measuring.clock = clock_for(options.threads);
  measuring.pause_seconds = parse<Seconds>(options.pause).si();
  const Graph& graph = *subject.graph;
  exec::TensorMap inputs;
  for (const TensorId input : graph.inputs()) {
    inputs[input] = random_input(graph, input, random_stream(1, "profile input"));
  }
  subject.timer.emplace(graph, inputs, measuring);
  if (subject.timer->clock_share() > kMostClockShare && measuring.clock != wall_seconds) {
    measuring.clock = wall_seconds;
    subject.timer.emplace(graph, std::move(inputs), measuring);
  }
}

/// Measures round by round, the subjects in turn, until the layers of each add up to its whole run.
/// They may fail to, while other work on the machine starts or stops. Returns an error for each
/// subject that does not add up in the end.
std::vector<Diagnostic> measure(std::vector<Subject>& subjects, const ProfileOptions& options,
                                const Interruption& interruption) {
  ProgressBar progress("profile");
  std::vector<Subject*> open;
  for (Subject& subject : subjects) {
    open.push_back(&subject);
  }
  for (int attempt = 0; !open.empty() && attempt < kAttempts; ++attempt) {
    for (int round = 0; round < options.rounds; ++round) {
      for (Subject* subject : open) {
        subject->timer->add_round();
        interruption.check();
      }
      progress.show((round + 1.0) / options.rounds);
    }
    for (Subject* subject : open) {
      subject->times = subject->timer->times();
    }
    std::erase_if(
        open, [&](const Subject* subject) { return subject->adds_up(options.tolerance / 100); });
  }
  std::vector<Diagnostic> diagnostics;
  for (const Subject* subject : open) {
    diagnostics.push_back(
        {Place{subject->model},
         fmt::format("batch {}: the layers add up to {}, but the whole run takes {}: this machine "
                     "is too busy to measure it; try more --rounds, or a wider --tolerance",
                     subject->batch, to_readable(Seconds(subject->times.sum())),
                     to_readable(Seconds(subject->times.whole)))});
  }
  std::erase_if(subjects, [&](const Subject& subject) {
    return std::find(open.begin(), open.end(), &subject) != open.end();
  });
  return diagnostics;
}

std::vector<cost::ProfileRow> rows_of(const Subject& subject, int threads) {
  const Graph& graph = *subject.graph;
  std::vector<cost::ProfileRow> rows = cost::profile_rows(graph, subject.batch, threads);
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    const exec::LayerTime& time = subject.times.layers[id];
    rows[id].kernel = time.kernel;
    rows[id].median = time.median;
    rows[id].spread = time.spread;
  }
  return rows;
}

void print_slowest(std::vector<cost::ProfileRow> rows, double sum) {
  std::stable_sort(
      rows.begin(), rows.end(),
      [](const cost::ProfileRow& a, const cost::ProfileRow& b) { return a.median > b.median; });
  TextTable table({"slowest layers", "operator", ">median", ">spread", ">of all", "kernel"});
  table.set_least_important({"kernel", "operator", "spread"});
  for (std::size_t i = 0; i < std::min(rows.size(), kShownLayers); ++i) {
    const cost::ProfileRow& row = rows[i];
    table.add({row.layer, row.features.op, to_readable(Seconds(row.median)),
               to_readable(Seconds(row.spread)), fmt::format("{:.1f} %", 100 * row.median / sum),
               row.kernel});
  }
  say("\n{}", table.text());
}

}  // namespace

int profile(const ProfileOptions& options, const scenario::Registries& registries) {
  const std::vector<std::int64_t> sizes = check_profile(options);
  refuse_overwriting("--out", {options.out}, options.models);
  set_kept_unchanged(options.out);
  std::vector<Subject> subjects = subjects_of(options, sizes, registries);
  for (Subject& subject : subjects) {
    try {
      prepare_timer(subject, options);
    } catch (const std::invalid_argument& error) {  // Such as a constant index out of range.
      throw InputError({subject.model}, fmt::format("can't be run: {}", error.what()));
    }
  }
  const Interruption interruption;  // Until here, a signal ends the command at once.
  std::vector<Diagnostic> unmeasured;
  write_beside(options.out, [&](const std::string& path) {
    unmeasured = measure(subjects, options, interruption);
    if (subjects.empty()) {
      throw InputError(std::move(unmeasured));
    }
    std::vector<cost::ProfileRow> all;
    for (const Subject& subject : subjects) {
      const auto rows = rows_of(subject, options.threads);
      all.insert(all.end(), rows.begin(), rows.end());
    }
    cost::write_profile(all, path);
  });
  TextTable table({"model", ">batch", ">layers' sum", ">whole run", ">difference"});
  for (const Subject& subject : subjects) {
    table.add({subject.graph->name(), fmt::format("{}", subject.batch),
               to_readable(Seconds(subject.times.sum())), to_readable(Seconds(subject.times.whole)),
               fmt::format("{:+.1f} %", 100 * subject.difference())});
  }
  say("{} engine, {}; median of {}\n\n{}", options.engine, counted(options.threads, "thread"),
      counted(options.rounds, "round"), table.text());
  if (subjects.size() == 1) {
    print_slowest(rows_of(subjects.front(), options.threads), subjects.front().times.sum());
  }
  say("\nwritten: {}\n", options.out);
  if (!unmeasured.empty()) {
    throw InputError(std::move(unmeasured));
  }
  return 0;
}

}  // namespace offcut::cli
