#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/experiment/model_cache.h"
#include "sim/scenario/scenario.h"
#include "sim/study/sweep/farm.h"
#include "sim/study/sweep/sweep.h"

namespace offcut::study {

/// The program that makes results.
struct ProgramVersion {
  std::string version;
  std::string commit;  // Empty if it is unknown.
};

/// The work of a sweep's runs. Runs are prepared and simulated in child processes, which find the
/// models that were loaded before they were forked.
class SweepWork {
 public:
  /// Reads the base scenario with the settings of each variant at the first point, and loads the
  /// models and traces of all points, as far as they differ in settings of these. Throws InputError if a
  /// variant's first point is invalid. `inputs` are the files on which results depend, and `budget`
  /// is the time of a search under load.
  SweepWork(const Sweep& sweep, const std::vector<std::string>& inputs,
            const scenario::Registries& registries, ProgramVersion program, Seconds budget);

  const Sweep& sweep() const { return sweep_; }
  const ProgramVersion& program() const { return program_; }

  /// Simulates the run and returns its result for rows_of().
  /// Throws InputError if the scenario or its plan is invalid. REQUIRES: this process has not
  /// simulated before.
  std::string run(const Job& job);
  /// The same for its time and errors alone. A run that trains may take hours: it is only prepared.
  /// Returns whether it was simulated.
  bool try_out(const Job& job);
  /// Keeps the math of a result for later runs, and returns its rows: a line of CSV with the
  /// figures of each plan's summary.
  std::string rows_of(const std::string& result);

  // The columns of sweep.csv, in three parts.
  std::vector<std::string> names_before() const;  // Point, parameters, variant, replication, seed.
  static std::vector<std::string> figure_names();
  static std::vector<bool> figures_are_texts();
  static std::vector<std::string> names_after();  // Error, version, commit, command.
  std::string before(const Job& job) const;
  std::string after(const Job& job, const std::string& error) const;
  /// Returns a row without figures, but with its outcome.
  static std::string failed_row();

  /// Returns the command that repeats the run.
  std::string command_of(const Job& job) const;
  /// Returns a hash of all that the run depends on: program, base, files, settings and seed.
  std::uint64_t hash_of(const Job& job) const;
  /// Returns a hash of the sweep as a whole.
  std::string sweep_hash() const;

 private:
  std::vector<scenario::Override> overrides_of(const Job& job) const;
  void load_models();
  /// Returns the seed that the sweep itself gives the run; none: replications have their own.
  std::optional<std::string> varied_seed(const Job& job) const;
  std::string seed_of(const Job& job) const;

  const Sweep& sweep_;
  const scenario::Registries& registries_;
  ProgramVersion program_;
  Seconds budget_;
  experiment::ModelCache models_;
  std::uint64_t base_seed_ = 0;
  /// By variant: whether it states with which plans its own is compared. Otherwise it is compared
  /// with none, unlike in a single run.
  std::vector<bool> compares_;
  std::uint64_t inputs_hash_ = 0;  // Of the contents of all inputs.
};

/// Returns the work of a farm whose jobs are the runs of the sweep, by their numbers. `work` must
/// outlive it.
FarmWork farm_work(SweepWork& work);

}  // namespace offcut::study
