#include "models/cost/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>
#include <stdexcept>

#include "models/exec/layer_times.h"
#include "models/graph/random_input.h"
#include "models/ops/batches.h"
#include "sim/cli/commands.h"
#include "sim/cli/interruption.h"
#include "sim/cli/text_table.h"
#include "sim/cli/written_model.h"

namespace offcut::cli {
namespace {

constexpr double kTolerance = 0.05;  // the layers' sum against the whole run
constexpr double kSlack = 1e-6;      // seconds: what a run does beside its kernels
constexpr int kAttempts = 5;         // to find the machine quiet enough for that
constexpr int kMostBatch = 4096;
constexpr int kMostThreads = 1024;
constexpr int kMostRounds = 100'000;
constexpr std::size_t kShown = 10;  // of the slowest layers

void note(std::vector<Mistake>& mistakes, const std::string& where, std::string message) {
  mistakes.push_back({Place{where}, std::move(message)});
}

std::vector<std::int64_t> parse_batches(const std::string& text, std::vector<Mistake>& mistakes) {
  std::vector<std::int64_t> sizes;
  std::istringstream parts(text + ",");  // so that nothing behind the last comma is a part, too
  for (std::string part; std::getline(parts, part, ',');) {
    std::int64_t size = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), size);
    if (error != std::errc() || end != part.data() + part.size() || size < 1 || size > kMostBatch) {
      note(mistakes, "--batch",
           fmt::format("expected whole numbers from 1 to {} with commas between, got {}",
                       kMostBatch, in_quotes(part)));
    } else if (std::find(sizes.begin(), sizes.end(), size) != sizes.end()) {
      note(mistakes, "--batch", fmt::format("{} stands twice", size));
    } else {
      sizes.push_back(size);
    }
  }
  return sizes;
}

/// Throws where the options can't be meant; returns the batch sizes.
std::vector<std::int64_t> check(const ProfileOptions& options) {
  std::vector<Mistake> mistakes;
  const std::vector<std::string> engines = {"fast", "reference"};
  if (std::find(engines.begin(), engines.end(), options.engine) == engines.end()) {
    note(mistakes, "--engine",
         fmt::format("there is no {}{}", in_quotes(options.engine),
                     suggestion(options.engine, engines)));
  }
  const auto check_range = [&](const char* option, int value, int most) {
    if (value < 1 || value > most) {
      note(mistakes, option, fmt::format("expected 1 to {}, got {}", most, value));
    }
  };
  check_range("--threads", options.threads, kMostThreads);
  check_range("--rounds", options.rounds, kMostRounds);
  if (options.threads > 1 && options.engine == "reference") {
    note(mistakes, "--threads", "the reference engine has one thread; use --engine fast");
  }
  std::vector<std::int64_t> sizes = parse_batches(options.batch, mistakes);
  if (!mistakes.empty()) {
    throw InputError(std::move(mistakes));
  }
  return sizes;
}

Graph batch_of(const Graph& graph, std::int64_t size, const Registries& registries) {
  try {
    return in_batches(graph, size, registries.operators);
  } catch (const std::invalid_argument& error) {
    throw InputError({fmt::format("--batch {}", size)},
                     fmt::format("{} can't run in batches: {}", graph.name(), error.what()));
  }
}

double difference(const LayerTimes& times) { return times.sum() / times.whole - 1; }

/// Measures until the layers add up to the whole run: other work on the machine that starts or
/// stops meanwhile may keep them from it.
LayerTimes measure(const Graph& graph, const ProfileOptions& options) {
  MeasureOptions how{.rounds = options.rounds};
  if (options.engine == "reference") {
    how.prepare = PrepareOptions::none();
  }
  how.prepare.threads = options.threads;
  how.clock = options.threads == 1 ? thread_seconds : wall_seconds;
  TensorMap inputs;
  for (const TensorId input : graph.inputs()) {
    inputs[input] = random_input(graph, input, random_stream(1, "profile input"));
  }
  LayerTimes times;
  for (int i = 0; i < kAttempts; ++i) {
    times = measure_layers(graph, inputs, how);
    if (std::abs(times.sum() - times.whole) <= kTolerance * times.whole + kSlack) {
      return times;
    }
  }
  throw std::runtime_error(
      fmt::format("the layers of {} add up to {:.3g} s, but the whole run takes {:.3g} s: the "
                  "machine is too busy to measure on it; try more --rounds",
                  graph.name(), times.sum(), times.whole));
}

std::vector<ProfileRow> rows_of(const Graph& graph, const LayerTimes& times, std::int64_t batch,
                                int threads) {
  std::vector<ProfileRow> rows = profile_rows(graph, batch, threads);
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    rows[id].kernel = times.layers[id].kernel;
    rows[id].median = times.layers[id].median;
    rows[id].spread = times.layers[id].spread;
  }
  return rows;
}

void print_slowest(std::vector<ProfileRow> rows, double sum) {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const ProfileRow& a, const ProfileRow& b) { return a.median > b.median; });
  TextTable table({"slowest layers", "operator", ">median", ">spread", ">of all", "kernel"});
  for (std::size_t i = 0; i < std::min(rows.size(), kShown); ++i) {
    const ProfileRow& row = rows[i];
    table.add({row.layer, row.features.op, to_readable(Seconds(row.median)),
               to_readable(Seconds(row.spread)), fmt::format("{:.1f} %", 100 * row.median / sum),
               row.kernel});
  }
  fmt::print("\n{}", table.text());
}

}  // namespace

int profile(const ProfileOptions& options, const Registries& registries) {
  const std::vector<std::int64_t> sizes = check(options);
  const Graph graph = load_math(options.model, registries);
  std::vector<Graph> batches;
  for (const std::int64_t size : sizes) {
    batches.push_back(batch_of(graph, size, registries));
  }
  const Interruption interruption;
  std::vector<ProfileRow> all;
  TextTable table({">batch", ">layers' sum", ">whole run", ">difference"});
  double first_sum = 0;
  write_beside(options.out, [&](const std::string& path) {
    write_profile({}, path);  // refused before the work where it can't be written
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const LayerTimes times = measure(batches[i], options);
      interruption.check();
      const auto rows = rows_of(batches[i], times, sizes[i], options.threads);
      all.insert(all.end(), rows.begin(), rows.end());
      first_sum = i == 0 ? times.sum() : first_sum;
      table.add({fmt::format("{}", sizes[i]), to_readable(Seconds(times.sum())),
                 to_readable(Seconds(times.whole)),
                 fmt::format("{:+.1f} %", 100 * difference(times))});
    }
    write_profile(all, path);
  });
  fmt::print("{}: {} engine, {} thread{}; median of {} rounds\n\n{}", graph.name(), options.engine,
             options.threads, options.threads == 1 ? "" : "s", options.rounds, table.text());
  all.resize(graph.layer_count());
  print_slowest(all, first_sum);
  fmt::print("\nwritten: {}\n", options.out);
  return 0;
}

}  // namespace offcut::cli
