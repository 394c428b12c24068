// Measures time and memory for the tables of a sweep with many runs, from a journal that it writes
// first: as many columns as summary.csv has, ten replications of each point.
#include "sim/study/sweep/sweep_tables.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "models/base/cpu_time.h"
#include "sim/study/sweep/journal.h"
#include "sim/study/sweep/sweep_work.h"
#include "tests/temporary_folder.h"

namespace offcut::bench {
namespace {

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1e3;
}

study::JournalHead head_of(std::size_t points, std::size_t replications) {
  return {.sweep = "s",
          .program = "p",
          .before = {"point", "tiers.device.count", "variant", "replication", "seed"},
          .figures = study::SweepWork::figure_names(),
          .is_text = study::SweepWork::figures_are_texts(),
          .after = study::SweepWork::names_after(),
          .parameters = 1,
          .points = points,
          .variants = {""},
          .replications = replications,
          .most_replications = replications,
          .confidence = 0.95,
          .chosen = {"latency_mean_s"}};
}

/// Returns a row with a number for each figure.
std::string row_of(const study::JournalHead& head, std::uint64_t number) {
  std::string row;
  for (std::size_t i = 0; i < head.figures.size(); ++i) {
    row += i == 0 ? "" : ",";
    row += head.figures[i] == "outcome"   ? "completed"
           : head.figures[i] == "verdict" ? "stable"
           : head.is_text[i]              ? "text"
                             : fmt::format("{}", 1.0 / static_cast<double>(number + i + 3));
  }
  return row;
}

}  // namespace
}  // namespace offcut::bench

int main(int argc, char** argv) {
  using namespace offcut;
  constexpr std::size_t kReplications = 10;
  CLI::App app("Time and memory for the tables of a sweep");
  std::size_t runs = 1'000'000;
  app.add_option("--runs", runs, "Rows of sweep.csv")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const TemporaryFolder folder;
  const study::JournalHead head = bench::head_of(runs / kReplications, kReplications);
  const auto path = folder.path() / "journal";
  double start = thread_seconds();
  {
    study::Journal journal(path, head);
    for (std::uint64_t i = 0; i < runs; ++i) {
      journal.add({.number = i,
                   .settings = i,
                   .before = fmt::format("{},{},,{},{}", i / kReplications + 1, i,
                                         i % kReplications + 1, i % kReplications + 1),
                   .after = ",0.1.0,0123456789ab,offcut run scenario.yaml --set "
                            "tiers.device.count=3 --seed 4",
                   .rows = {bench::row_of(head, i)}});
    }
  }
  fmt::print("journal: {:.2f} us per run\n",
             (thread_seconds() - start) / static_cast<double>(runs) * 1e6);
  start = thread_seconds();
  OutputDirectory out(folder.path() / "out", study::sweep_files());
  const study::JournalReader reader(path);
  study::write_sweep_tables({&reader}, out);
  fmt::print("tables: {:.2f} us per run, {:.0f} MB of sweep.csv, {:.0f} MB of memory at most\n",
             (thread_seconds() - start) / static_cast<double>(runs) * 1e6,
             static_cast<double>(std::filesystem::file_size(out.file("sweep.csv"))) / 1e6,
             bench::peak_megabytes());
  return 0;
}
