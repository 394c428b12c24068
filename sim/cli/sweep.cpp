// `offcut sweep`: runs the points of a sweep on all processors, and prints the means over
// replications. The runs, and their journal, are those of sim/study/sweep.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>

#include "analysis/page/page_file.h"
#include "analysis/report.h"
#include "models/base/error.h"
#include "models/base/output_error.h"
#include "models/base/readable.h"
#include "sim/cli/answer_commands.h"
#include "sim/cli/console.h"
#include "sim/cli/engine_options.h"
#include "sim/cli/exit_codes.h"
#include "sim/cli/interruption.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/page_command.h"
#include "sim/cli/program_version.h"
#include "sim/cli/progress_bar.h"
#include "sim/cli/sweep_commands.h"
#include "sim/cli/sweep_text.h"
#include "sim/cli/terminal.h"
#include "sim/study/isolate.h"
#include "sim/study/sweep/ranks.h"
#include "sim/study/sweep/sweep_file.h"
#include "sim/study/sweep/sweep_run.h"

namespace offcut::cli {
namespace {

namespace fs = std::filesystem;

struct Shard {
  std::size_t number = 0, count = 1;
};

/// Reads "3/16".
Shard shard_of(const std::string& text) {
  constexpr std::size_t kMostShards = 1'000'000;
  if (text.empty()) {
    return {};
  }
  std::size_t number = 0, count = 0;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, number);
  if (first.ec == std::errc() && first.ptr != end && *first.ptr == '/') {
    const auto second = std::from_chars(first.ptr + 1, end, count);
    if (second.ec == std::errc() && second.ptr == end && number >= 1 && number <= count &&
        count <= kMostShards) {
      return {number - 1, count};
    }
  }
  throw InputError({"--shard"}, fmt::format("expected K/N with K from 1 to N, such as 3/16, got {}",
                                            in_quotes(text)));
}

/// Returns the sweep of the arguments.
study::Sweep sweep_of(const SweepArguments& arguments) {
  const std::string& file = arguments.files.front();
  const study::SweepOptions options{.vary = arguments.vary,
                                    .replications = arguments.replications,
                                    .precision = arguments.precision};
  study::Sweep sweep;
  if (study::is_sweep_file(file)) {
    sweep = study::read_sweep(file);
    study::add_options(options, sweep);
  } else {
    sweep = study::sweep_of(file, options);
  }
  for (const scenario::Override& change : arguments.changes.overrides()) {
    sweep.settings.push_back(change);
  }
  return sweep;
}

/// Returns the base scenario and all files that its values at any point name.
std::vector<std::string> inputs_of(const study::Sweep& sweep) {
  constexpr std::size_t kMostSteps = 1000;  // An axis with more has numbers.
  std::vector<std::string> inputs;
  const auto add = [&](const std::vector<scenario::Override>& changes) {
    const std::vector<std::string> more = scenario_inputs(sweep.base, changes);
    inputs.insert(inputs.end(), more.begin(), more.end());
  };
  for (std::size_t variant = 0; variant < sweep.variants.size(); ++variant) {
    add(sweep.settings_of(0, variant));
  }
  for (const study::Axis& axis : sweep.axes) {
    if (axis.steps.size() > kMostSteps) {
      continue;
    }
    for (const std::vector<std::string>& step : axis.steps) {
      std::vector<scenario::Override> changes;
      for (std::size_t i = 0; i < axis.paths.size(); ++i) {
        changes.push_back({.path = axis.paths[i], .value = step[i]});
      }
      add(changes);
    }
  }
  std::sort(inputs.begin(), inputs.end());
  inputs.erase(std::unique(inputs.begin(), inputs.end()), inputs.end());
  return inputs;
}

fs::path folder_of(const SweepArguments& arguments, const study::Sweep& sweep, Shard shard) {
  if (!arguments.out.empty()) {
    return arguments.out;
  }
  return fs::path("results") / (shard.count == 1 ? sweep.name
                                                 : fmt::format("{}-shard-{}-of-{}", sweep.name,
                                                               shard.number + 1, shard.count));
}

void check_together(const SweepArguments& arguments) {
  std::vector<Diagnostic> diagnostics;
  if (arguments.resume && arguments.restart) {
    diagnostics.push_back({{"--resume"}, "expected either this or --restart"});
  }
  if (!arguments.merge && arguments.files.size() != 1) {
    diagnostics.push_back(
        {{"offcut sweep"},
         fmt::format("expected one sweep or scenario, got {}", arguments.files.size())});
  }
  if (arguments.merge && arguments.out.empty()) {
    diagnostics.push_back({{"--merge"}, "needs --out, the folder for the joined results"});
  }
  if (arguments.html && (arguments.dry_run || !arguments.shard.empty())) {
    diagnostics.push_back({{"--html"}, arguments.dry_run
                                           ? "a dry run has no results for a page"
                                           : "a shard has no page: expected it with --merge"});
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
}

/// The texts of a sweep's page beside its tables.
struct PageOfSweep {
  bool wanted = false;
  std::string name;
  std::string scenario;  // The path of the base; empty: it is unknown.
};

/// Writes the tables of complete journals into the folder, and the page if it is wanted, and prints
/// their means.
std::string write_tables(const std::vector<const study::JournalReader*>& journals,
                         const fs::path& folder, const PageOfSweep& page) {
  OutputDirectory out(folder, study::sweep_files(), study::kJournalFile);
  out.keep_folder();
  SweepText text(journals.front()->head());
  write_into(out, [&] {
    study::write_sweep_tables(
        journals, out,
        {.point = [&](const study::PointSummary& point) { text.add(point); },
         .difference = [&](const study::VariantDifference& difference) { text.add(difference); }});
    if (page.wanted) {
      const std::string file = out.file(analysis::kReportPage);
      write_page_of_sweep(fs::path(file).parent_path(), journals.front()->head(), page.name,
                          page.scenario, file);
    }
  });
  std::vector<std::string> files = out.commit();
  return fmt::format("{}\nresults: {}\n", text.text(),
                     (folder / fmt::format("{}", fmt::join(files, ", "))).string());
}

int merge(const SweepArguments& arguments) {
  std::vector<std::unique_ptr<study::JournalReader>> readers;
  std::vector<const study::JournalReader*> journals;
  std::vector<std::string> names;
  std::vector<Diagnostic> diagnostics;
  for (const std::string& folder : arguments.files) {
    try {
      names.push_back((fs::path(folder) / study::kJournalFile).string());
      readers.push_back(std::make_unique<study::JournalReader>(names.back()));
      journals.push_back(readers.back().get());
    } catch (const InputError& error) {
      add_new(error.diagnostics(), diagnostics);
    }
  }
  if (diagnostics.empty()) {
    check_shards(journals, names, diagnostics);
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  const Interruption interruption;
  say("{}", write_tables(journals, arguments.out,
                         {arguments.html, fs::path(arguments.out).filename().string(), ""}));
  return kDone;
}

/// Runs the first point of each variant, and prints the points and the time that all runs will
/// take. Points that train are only checked.
int dry_run(const study::Sweep& sweep, study::SweepWork& work, Shard shard, std::size_t parallel) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  say("{}", points_text(sweep));
  std::string failures;
  bool trains = false;
  for (std::size_t variant = 0; variant < sweep.variants.size(); ++variant) {
    const study::Job job{.point = shard.number, .variant = variant, .replication = 0};
    try {
      const std::vector<std::string> was_run = study::run_isolated(
          {[&](const engine::ProgressSink&) { return work.try_out(job) ? "yes" : "no"; }}, 1);
      trains = trains || was_run.front() == "no";
    } catch (const std::exception& error) {
      failures += fmt::format("{}\n  fails: {}\n", work.command_of(job), error.what());
    }
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const std::size_t points = sweep.point_count() / shard.count +
                             (sweep.point_count() % shard.count > shard.number ? 1 : 0);
  const double all =
      seconds * static_cast<double>(points * sweep.replications) / static_cast<double>(parallel);
  if (!trains) {
    say("{}",
        fitted(fmt::format("about {}{} with -j {}: the first point takes {}, each replication\n",
                           to_readable(Seconds(all)), sweep.precision ? " at least" : "", parallel,
                           to_readable(Seconds(seconds)))));
  } else if (failures.empty()) {
    say("the first point is valid; it trains, which a dry run does not, so its time is unknown\n");
  }
  fmt::print(stderr, "{}", failures);
  return failures.empty() ? kDone : kFailure;
}

std::string kept_text(const study::KeptRuns& earlier) {
  constexpr std::size_t kMostNamed = 10;
  std::string text = fmt::format("{} of earlier are kept\n", counted(earlier.kept, "run"));
  if (!earlier.other_program.empty()) {
    text += fmt::format("earlier runs were made by offcut {}: they are done again\n",
                        earlier.other_program);
  }
  if (!earlier.dropped.empty()) {
    text += fmt::format("{} of earlier are not in this sweep:\n",
                        counted(earlier.dropped.size(), "run"));
    for (std::size_t i = 0; i < std::min(kMostNamed, earlier.dropped.size()); ++i) {
      text += fmt::format("  {}\n", earlier.dropped[i]);
    }
    if (earlier.dropped.size() > kMostNamed) {
      text += fmt::format("  ... and {} more\n", earlier.dropped.size() - kMostNamed);
    }
  }
  return text;
}

/// Runs what is missing with a progress bar. `failures` receives a text about the first runs that
/// failed.
study::SweepEnd run_shown(const study::SweepWork& work, const study::WorkOff& work_off,
                          study::SweepRunOptions options, std::string& failures) {
  constexpr std::size_t kMostNamed = 10;
  const Interruption interruption;
  ProgressBar bar(work.sweep().name);
  std::map<std::uint64_t, std::string> failed;  // The first ones, whichever ended first.
  options.progress = [&](std::size_t finished, std::size_t known) {
    interruption.check();
    bar.show_runs(work.sweep().name, finished, known);
  };
  options.failure = [&](std::uint64_t number, const std::string& error) {
    failed.emplace(number, error);
    if (failed.size() > kMostNamed) {
      failed.erase(std::prev(failed.end()));
    }
  };
  const study::SweepEnd end = study::run_sweep(work, work_off, options);
  for (const auto& [number, error] : failed) {
    failures += fmt::format("{}\n  {}\n", work.command_of(work.sweep().job_of(number)), error);
  }
  return end;
}

/// Runs a sweep, or a shard, and prints its results. The rows are made by `work_off`.
int run_and_print(const SweepArguments& arguments, const study::SweepWork& work, Shard shard,
                  const study::WorkOff& work_off) {
  const study::Sweep& sweep = work.sweep();
  const fs::path folder = folder_of(arguments, sweep, shard);
  fs::create_directories(folder);
  set_kept(fmt::format("the finished runs are in {}; --resume goes on",
                       (folder / study::kJournalFile).string()));
  std::string failures;
  const study::SweepEnd end = run_shown(work, work_off,
                                        {.folder = folder,
                                         .earlier = arguments.resume    ? study::Earlier::resume
                                                    : arguments.restart ? study::Earlier::restart
                                                                        : study::Earlier::refuse,
                                         .shard = shard.number,
                                         .shards = shard.count},
                                        failures);
  say("{}: {}, {}: {}\n", sweep.name, counted(sweep.point_count(), "point"),
      counted(sweep.variants.size(), "variant"), counted(end.finished, "run"));
  if (arguments.resume) {
    say("{}", kept_text(end.earlier));
  }
  if (shard.count > 1) {
    say("shard {}/{} is complete: offcut sweep --merge joins the folders of all shards\n",
        shard.number + 1, shard.count);
  } else {
    const Interruption interruption;
    const study::JournalReader journal(folder / study::kJournalFile);
    say("{}", write_tables({&journal}, folder, {arguments.html, sweep.name, sweep.base}));
  }
  if (end.failed > 0) {
    fmt::print(stderr, "{} failed:\n{}", counted(end.failed, "run"), failures);
  }
  return end.failed > 0 ? kFailure : kDone;
}

/// A sweep that is ready to run.
struct PreparedSweep {
  study::Sweep sweep;
  std::unique_ptr<study::SweepWork> work;
};

std::unique_ptr<PreparedSweep> prepare(const SweepArguments& arguments, Shard shard,
                                       const scenario::Registries& registries) {
  const Seconds budget = budget_of(arguments.budget);
  auto prepared = std::make_unique<PreparedSweep>();
  prepared->sweep = sweep_of(arguments);
  const std::vector<std::string> inputs = inputs_of(prepared->sweep);
  std::vector<std::string> all_inputs = inputs;
  all_inputs.push_back(arguments.files.front());
  std::vector<std::string> outputs = study::sweep_files();
  outputs.emplace_back(study::kJournalFile);
  const fs::path folder = folder_of(arguments, prepared->sweep, shard);
  refuse_overwriting_in(arguments.out.empty() ? "without --out, the sweep" : "--out", folder,
                        outputs, all_inputs);
  refuse_results(folder, analysis::kResolvedFile, "of a run");
  prepared->work = std::make_unique<study::SweepWork>(
      prepared->sweep, inputs, registries,
      study::ProgramVersion{program_version(), program_commit()}, budget);
  return prepared;
}

/// Runs a sweep on the processes that an MPI launcher started. All of them prepare it; rank 0
/// writes and prints.
int sweep_on_ranks(const SweepArguments& arguments, Shard shard,
                   const scenario::Registries& registries) {
  const std::size_t parallel = arguments.jobs ? parallel_runs(arguments.jobs) : 1;
  std::unique_ptr<PreparedSweep> prepared;
  std::vector<Diagnostic> diagnostics;
  try {
    prepared = prepare(arguments, shard, registries);
  } catch (const InputError& error) {
    diagnostics = error.diagnostics();
  }
  // Before MPI begins, after which processes must not fork.
  std::unique_ptr<study::FarmProcess> farm;
  if (prepared) {
    farm = std::make_unique<study::FarmProcess>(study::farm_work(*prepared->work), parallel);
  }
  const std::unique_ptr<study::RankChannel> channel = study::open_mpi_channel();
  std::string own, others;
  for (const Diagnostic& diagnostic : diagnostics) {
    own += (own.empty() ? "" : "\n") + to_text(diagnostic);
  }
  const bool is_leader = channel->rank() == 0;
  if (!study::all_are_ready(*channel, own, others)) {
    channel->finish();
    if (is_leader) {
      throw diagnostics.empty() ? InputError({"offcut sweep"}, others) : InputError(diagnostics);
    }
    return kBadInput;
  }
  if (!is_leader) {
    study::follow(*channel, *farm, parallel);
    channel->finish();
    return kDone;
  }
  int code = kDone;
  try {
    code = run_and_print(arguments, *prepared->work, shard, [&](study::SweepBoard& board) {
      study::lead_ranks(*channel, board, *farm, parallel);
    });
  } catch (const InputError& error) {  // The other ranks wait for jobs.
    fmt::print(stderr, "{}\n", error.what());
    channel->abort(dynamic_cast<const OutputError*>(&error) != nullptr ? kFailure : kBadInput);
  }
  channel->finish();
  return code;
}

}  // namespace

int sweep(const SweepArguments& arguments, const scenario::Registries& registries) {
  check_together(arguments);
  if (arguments.html) {
    analysis::require_page("--html");
  }
  if (arguments.merge) {
    return merge(arguments);
  }
  const Shard shard = shard_of(arguments.shard);
  if (study::launched_rank() && !arguments.dry_run) {
    return sweep_on_ranks(arguments, shard, registries);
  }
  const std::size_t parallel = parallel_runs(arguments.jobs);
  const std::unique_ptr<PreparedSweep> prepared = prepare(arguments, shard, registries);
  study::SweepWork& work = *prepared->work;
  if (arguments.dry_run) {
    return dry_run(prepared->sweep, work, shard, parallel);
  }
  return run_and_print(arguments, work, shard, [&](study::SweepBoard& board) {
    study::work_off_in_farms(board, study::farm_work(work), parallel);
  });
}

}  // namespace offcut::cli
