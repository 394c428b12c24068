#pragma once

#include <string>
#include <vector>

#include "sim/cli/model_argument.h"
#include "sim/scenario/scenario.h"

namespace offcut::cli {

/// What --set and --bind change in a scenario.
struct ScenarioChanges {
  std::vector<std::string> set;   // path=value
  std::vector<std::string> bind;  // NAME=N, or several with commas between

  /// Throws InputError with all that is wrong with the texts.
  std::vector<scenario::Override> overrides() const;
};

/// What the subcommands take from the command line.
struct RunOptions {
  std::string scenario;
  std::string out;        // empty: results/<name of the scenario>
  std::string decisions;  // file for the chosen run's decisions; empty: none
  ScenarioChanges changes;
};

struct PlanOptions {
  std::string scenario;
  std::string model;  // by its name; empty: all
  std::string out;    // folder; empty: none
  bool explain = false;
  std::string sensitivity;  // see SensitivityStudy; empty: none
  std::string pareto;       // see ParetoStudy; empty: none
  std::string dot;          // file; empty: none
  ScenarioChanges changes;
};

struct InferOptions {
  ModelArgument model;
  std::vector<std::string> inputs;  // NAME=FILE or FILE
  std::vector<std::string> cut;     // see cut_after(); empty: whole
  std::string codec;                // of what crosses the cut; empty: as it is
  std::string engine = "reference";
  int threads = 1;
  std::string labels;  // file; empty: classes are numbers
  std::string format = "npy";
  std::string out;
};

struct CodecsOptions {
  ModelArgument model;
  std::vector<std::string> cut;     // see cut_after(); or "all"
  std::vector<std::string> codecs;  // empty: every kind, with zstd and without
  std::string dataset;              // folder; empty: drawn inputs
  std::int64_t samples = 0;         // 0: all
  double divide = 255;
  std::string engine = "reference";
  std::string out;    // CSV file; empty: none
  std::string cache;  // folder of what was measured before; empty: measured anew
};

struct SplitOptions {
  ModelArgument model;
  std::vector<std::string> cut;  // see cut_after()
  std::string plan;              // plan.csv; one of the two is given
  std::string algorithm;         // whose plan; empty: the first of the file
  std::string plan_model;        // which model's, where the file has several; empty: the only one's
  std::string codec;             // of what crosses; empty: as the plan says, or as it is
  std::string out;
};

struct ProfileOptions {
  std::vector<std::string> models;  // zoo:NAME or ONNX files
  std::vector<std::string> bind;    // see ModelArgument
  int threads = 1;
  std::string batch = "1";  // sizes, with commas between
  std::string engine = "fast";
  int rounds = 15;
  std::string from;  // another tool's profile to read instead
  std::string out;
};

struct FitOptions {
  std::vector<std::string> profiles;
  std::string out;
};

struct ListOptions {
  std::string what;       // one of kLists
  std::string file;       // of columns; of keys, a path; empty: all
  bool markdown = false;  // columns and keys only
};

/// Each prints its result to standard output and returns the exit code. They throw what the
/// libraries throw.
int run(const RunOptions& options, const scenario::Registries& registries);
int plan(const PlanOptions& options, const scenario::Registries& registries);
int validate(const std::vector<std::string>& scenarios, const ScenarioChanges& changes,
             const scenario::Registries& registries);
int inspect(const ModelArgument& model, const std::string& out,
            const scenario::Registries& registries);
int infer(const InferOptions& options, const scenario::Registries& registries);
int codecs(const CodecsOptions& options, const scenario::Registries& registries);
int export_model(const ModelArgument& model, const std::string& out,
                 const scenario::Registries& registries);
int split(const SplitOptions& options, const scenario::Registries& registries);
int profile(const ProfileOptions& options, const scenario::Registries& registries);
int import_profile(const ProfileOptions& options, const scenario::Registries& registries);
int fit(const FitOptions& options);
int list(const ListOptions& options, const scenario::Registries& registries);

/// What `offcut list` lists.
inline const std::vector<std::string> kLists = {
    "devices", "networks", "models",   "algorithms", "arrivals", "operators", "codecs",
    "queues",  "batching", "dispatch", "admission",  "columns",  "keys"};

}  // namespace offcut::cli
