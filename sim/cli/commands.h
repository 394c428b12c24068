#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/model_argument.h"
#include "sim/scenario/scenario.h"

namespace offcut::cli {

/// The options that change a scenario.
struct ScenarioChanges {
  std::vector<std::string> set;   // KEY=VALUE.
  std::vector<std::string> bind;  // NAME=N, or several, separated by commas.
  std::string seed;               // Empty: the scenario's.

  /// Throws InputError with all errors of the texts.
  std::vector<scenario::Override> overrides() const;
};

struct RunOptions {
  std::string scenario;
  std::string out;              // Empty: results/, and the name of the scenario.
  std::string decisions;        // File for the chosen run's decisions; empty: none.
  std::string timeline;         // File for its timeline; empty: as the scenario says.
  bool html = false;            // Whether to write the page of the run.
  std::string budget = "10 s";  // The longest time of a search under load, as it is estimated.
  ScenarioChanges changes;
};

struct PlanOptions {
  std::string scenario;
  std::string model;  // Its name in the scenario; empty: all models.
  std::string out;    // Folder; empty: none.
  bool explain = false;
  std::string sensitivity;      // See SensitivityStudy; empty: none.
  std::string pareto;           // See ParetoStudy; empty: none.
  std::string dot;              // File; empty: none.
  std::string budget = "10 s";  // The longest time of an algorithm, as it is estimated.
  ScenarioChanges changes;
};

struct InferOptions {
  ModelArgument model;
  std::vector<std::string> inputs;  // NAME=FILE or FILE.
  std::vector<std::string> cut;     // See cut_after(); empty: the whole model.
  std::string codec;                // Of the tensors that cross the cut; empty: none.
  std::string engine = "reference";
  int threads = 1;
  std::string labels;  // File; empty: classes are numbers.
  std::string format = "npy";
  std::string out;
};

struct CodecsOptions {
  ModelArgument model;
  std::vector<std::string> cut;         // See cut_after(); or "all".
  std::vector<std::string> codecs;      // Empty: every kind, with zstd and without.
  std::string dataset;                  // Folder; empty: drawn inputs.
  std::optional<std::int64_t> samples;  // None: all of a data set, or as many as are drawn.
  double divide = 255;
  std::string engine = "reference";
  std::string out;    // CSV file; empty: none.
  std::string cache;  // Folder of earlier measures; empty: none.
};

struct ExportArguments {
  ModelArgument model;
  std::string out;
  bool external_data = false;  // The weights go into a data file, however large they are.
};

struct SplitOptions {
  ModelArgument model;
  std::vector<std::string> cut;  // See cut_after().
  std::string plan;              // A plan.csv. One of the two is given.
  std::string algorithm;         // Whose plan; empty: the first of the file.
  std::string plan_model;  // Whose plan, if the file has several models; empty: the only one's.
  std::string codec;       // Empty: as in the plan, or none.
  std::string out;
  bool external_data = false;  // The weights go into data files, however large they are.
};

struct ProfileOptions {
  std::vector<std::string> models;  // zoo:NAME or ONNX files.
  std::vector<std::string> bind;    // See ModelArgument.
  std::vector<std::string> fix;
  int threads = 1;
  std::string batch = "1";  // Sizes, separated by commas.
  std::string engine = "fast";
  int rounds = 15;
  std::string pause = "0 s";  // Before each run.
  double tolerance = 5;       // Percent by which the layers' sum may differ from the whole run.
  std::string from;           // Another tool's profile, to be read instead.
  std::string out;
};

struct FitOptions {
  std::vector<std::string> profiles;
  std::string latencies;          // In place of profiles.
  std::vector<std::string> bind;  // Of the networks there that are ONNX files, see ModelArgument.
  std::string like;  // A family of devices, or one of its devices; empty: the most likely.
  std::string out;
};

struct PredictOptions {
  std::vector<std::string> models;  // zoo:NAME or ONNX files.
  std::vector<std::string> bind;    // See ModelArgument.
  std::string device;
  std::string precision;    // Names, separated by commas; empty: all.
  std::string runtime;      // The same.
  std::string batch = "1";  // Sizes, separated by commas.
  std::string out;          // CSV file; empty: none.
  std::string layers;       // CSV file of the last model's kernels; empty: none.
};

struct ListOptions {
  std::string kind;       // One of kLists.
  std::string file;       // Of columns: the file; of keys: the path; empty: all.
  bool markdown = false;  // Columns and keys only.
};

/// Each command prints its result with say() and returns the exit code. They throw what the
/// libraries throw.
int run(const RunOptions& options, const scenario::Registries& registries);
int plan(const PlanOptions& options, const scenario::Registries& registries);
int validate(const std::vector<std::string>& scenarios, const ScenarioChanges& changes,
             const scenario::Registries& registries);
int inspect(const ModelArgument& model, const std::string& out,
            const scenario::Registries& registries);
int infer(const InferOptions& options, const scenario::Registries& registries);
int codecs(const CodecsOptions& options, const scenario::Registries& registries);
int export_model(const ExportArguments& options, const scenario::Registries& registries);
int split(const SplitOptions& options, const scenario::Registries& registries);
int profile(const ProfileOptions& options, const scenario::Registries& registries);
int import_profile(const ProfileOptions& options, const scenario::Registries& registries);
int fit(const FitOptions& options);
int fit_latencies(const FitOptions& options, const scenario::Registries& registries);
int predict(const PredictOptions& options, const scenario::Registries& registries);
int list(const ListOptions& options, const scenario::Registries& registries);

/// The values of --engine, and of --format of `offcut infer`.
inline const std::vector<std::string> kEngines = {"fast", "reference"};
inline const std::vector<std::string> kTensorFormats = {"npy", "pb"};

/// The kinds of `offcut list`. It also takes "networks", the old name of "links".
inline const std::vector<std::string> kLists = {
    "devices",    "links",      "models",      "algorithms",    "arrivals",  "operators",
    "codecs",     "queues",     "batching",    "dispatch",      "admission", "autoscaling",
    "estimators", "loads",      "replanning",  "mobility",      "rates",     "trace-formats",
    "losses",     "optimizers", "schedules",   "augmentations", "datasets",  "passes",
    "gradients",  "strategies", "aggregators", "selections",    "splits",    "plots",
    "columns",    "keys"};

}  // namespace offcut::cli
