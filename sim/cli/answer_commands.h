#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/commands.h"

namespace offcut::cli {

/// The options of all commands that run scenarios many times to answer a question.
struct AnswerArguments {
  std::optional<std::int64_t> replications;
  std::optional<std::int64_t> jobs;  // None: as many as there are processors.
  std::string confidence = "95 %";
  std::string budget = "10 s";  // Of a search under load, for each run.
  std::string out;              // CSV file; empty: none.
  ScenarioChanges changes;
};

struct CompareArguments {
  std::vector<std::string> sides;    // Folders of results, or scenarios.
  std::vector<std::string> figures;  // Empty: compared_figures().
  AnswerArguments common;
};

struct SizeArguments {
  std::string scenario;
  std::vector<std::string> vary;  // PATH=VALUES.
  std::string until;              // Conditions.
  std::string cost;               // A figure; empty: the smallest value is the answer.
  std::string write;              // File for the scenario with the answer; empty: none.
  AnswerArguments common;
};

struct RecommendArguments {
  std::string scenario;
  std::vector<std::string> over;    // Lists of plan, scheduling and PATH=VALUES.
  std::string minimise, maximise;   // A figure; one of them is empty.
  std::vector<std::string> within;  // Conditions.
  std::string write;                // File for the scenario with the choice; empty: none.
  AnswerArguments common;
};

/// The values of --method.
inline const std::vector<std::string> kScreenMethods = {"morris", "sobol"};

struct ScreenArguments {
  std::string scenario;
  std::vector<std::string> over;  // PATH=RANGE.
  std::vector<std::string> figures;
  std::string method = "morris";
  std::optional<std::int64_t> trajectories;  // Of Morris' method.
  std::optional<std::int64_t> samples;       // Of Sobol's.
  std::string design_seed = "1";
  AnswerArguments common;
};

int compare(const CompareArguments& arguments, const scenario::Registries& registries);
int size(const SizeArguments& arguments, const scenario::Registries& registries);
int recommend(const RecommendArguments& arguments, const scenario::Registries& registries);
int screen(const ScreenArguments& arguments, const scenario::Registries& registries);

// The options that these commands share. All throw InputError.

/// Reads -j, which `offcut sweep` has, too: the number of runs at a time, as given, or else the
/// number of processors.
std::size_t parallel_runs(std::optional<std::int64_t> jobs);
/// Returns the number of replications: as given, at least `least`, or the fallback.
std::size_t replications_of(const AnswerArguments& arguments, std::size_t fallback,
                            std::size_t least);
/// Reads "95 %".
double confidence_of(const AnswerArguments& arguments);
/// Checks that all names are figures of a run.
void check_figures(const std::string& option, const std::vector<std::string>& figures);

/// Calls `read` and adds the errors that it throws, so that all are reported at once.
void add_errors_of(const std::function<void()>& read, std::vector<Diagnostic>& diagnostics);

/// Throws InputError, about the option, if the seed is among the paths that it varies: replications
/// have seeds of their own, and would all be the same run.
void refuse_seed(const std::string& option, const std::vector<std::string>& paths);

}  // namespace offcut::cli
