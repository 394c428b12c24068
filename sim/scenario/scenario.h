#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "models/cost/predictor.h"
#include "models/cost/profile.h"
#include "models/exec/math_engine.h"
#include "models/ops/operator.h"
#include "models/zoo/network.h"
#include "partition/algorithm.h"
#include "sim/engine/simulation.h"
#include "sim/scenario/catalogue.h"
#include "sim/scenario/codec_choice.h"

namespace offcut::scenario {

/// All that can be chosen by name.
struct Registries {
  Registry<ops::Operator> operators;
  Registry<zoo::Network> networks;
  Registry<partition::Algorithm> algorithms;
  Registry<workload::ArrivalKind> arrivals;
  Registry<codec::CodecKind> codecs;
  Registry<scheduling::QueueKind> queues;
  Registry<scheduling::BatchingKind> batching;
  Registry<scheduling::DispatchKind> dispatch;
  Registry<scheduling::AdmissionKind> admission;

  Registries();
};

/// A device that is known by the measured times of its layers.
struct ProfiledDevice {
  cost::Profile profile;
};

/// A device that was fitted to the profiles of other models.
struct FittedDevice {
  cost::Predictor predictor;
};

// What the engine needs of tiers, hops, classes and the run is in its own structs, which these
// extend: a key that only the engine looks at is a line of a section's reader and a field there.

/// A tier, and what its machines are: a device from the catalogue, a column of the layer table, or
/// a device that was measured or fitted.
struct TierChoice : engine::Tier {
  std::string section = "tiers";  // of the scenario, where it stands
  std::variant<cost::Device, std::string, ProfiledDevice, FittedDevice> is;
  Place place;              // where the scenario says what it is
  bool count_known = true;  // false while an invalid scenario is read: no number is held against it
  Place sites_place;        // where the scenario says at how many sites they stand
  Place memory_place;       // likewise, what its memory is
  double price = 0;         // of an hour of one's time, in units of money
};

/// What connects a tier with the next, and what that costs.
struct HopChoice : engine::Link {
  std::optional<cost::Radio> radio;  // the device's, where the network has one
  double price = 0;                  // of a gigabyte, in units of money
};

/// Requests of one kind, and the process by which they arrive. RequestClass::arrivals, closed_loop
/// and the itineraries are left to what compiles a run.
struct ClassChoice : engine::RequestClass {
  const workload::ArrivalKind* arrival_kind = nullptr;
  Parameters parameters;  // of the arrivals

  /// The position of its model among Scenario::models.
  std::size_t model_index() const { return model.value_or(0); }
};

/// Users beside those of the first tier, who have another device.
struct UserClassChoice {
  TierChoice device;
  HopChoice hop;
};

/// What is known of an exit, and where the scenario says it.
struct ExitChoice {
  partition::ExitStatistics odds;
  Place place;
};

/// The limits of a plan as a scenario gives them, see read_goal().
struct LimitChoice {
  std::vector<std::optional<Bytes>> memory;  // per tier; empty: none
  std::optional<Seconds> deadline;
  std::size_t pin_first = 0;
  std::size_t pin_tail = 0;
  bool keep_input = false;
  Place place;
};

/// How a model is planned: what the scenario's `plan` says, or the model's own.
struct PlanChoice {
  std::string section = "plan";  // of the scenario: or "models.NAME.plan"
  /// Of several models, the one that this plan is for, where the section does not name it.
  std::string model;
  const partition::Algorithm* algorithm = nullptr;
  Place algorithm_place;
  Parameters parameters;  // of the algorithm
  CodecChoice codec;
  partition::Objective objective;
  LimitChoice limits;
  std::vector<UserClassChoice> user_classes;
  std::vector<ExitChoice> exits;

  /// What errors begin with: "plan.limits", or "plan.limits: reader" where the model matters.
  std::string path_of(const std::string& key) const;
};

/// Which network, with which inputs its math runs, and how it is planned.
struct ModelChoice {
  enum class Source { zoo, onnx, layers };
  enum class Math { off, sampled, every };

  std::string name;               // that the scenario gives it; empty: its only one, without a name
  std::string section = "model";  // of the scenario: or, of a model with a name, "models.NAME"
  Source source = Source::zoo;
  std::string source_name;  // the zoo's network, or the file's path; empty where that is invalid
  std::map<std::string, std::int64_t> bind;
  std::optional<DataType> wire;  // of the input; none: the model's own

  Math math = Math::off;
  exec::MathEngine engine = exec::MathEngine::reference;
  std::int64_t samples = 0;  // sampled: so many inputs have real results
  std::string images;        // IDX file; empty: inputs from the seed
  std::string labels;        // IDX file; empty: no accuracy
  std::int64_t random = 0;   // without images: so many inputs are drawn
  double divide = 255;       // a byte b is the value b / divide
  Place input_place;         // where the scenario says which inputs

  PlanChoice plan;
};

// What a run may be. A double counts 1e9 s in steps of 0.1 us: beyond that, times of ms are no
// longer exact to 1e-4. A request keeps 8 bytes, for exact quantiles.
inline constexpr double kMostSeconds = 1e9;
inline constexpr double kMostRequests = 1e9;
inline constexpr double kMostFailures = 1e8;  // as long as 1e9 requests, and two rows each
inline constexpr double kMostMachines = 1e7;  // of a tier, and their cores

/// A run as the user describes it, checked.
struct Scenario : engine::RunSettings {
  std::string name;   // of the file, without its ending: names results
  std::string title;  // the user's own
  std::string path;
  Place stop_place;
  /// Each planned by itself. Never empty once read: where `models` is invalid, one without a source
  /// stands for them.
  std::vector<ModelChoice> models;
  std::vector<TierChoice> tiers;
  std::vector<HopChoice> hops;
  std::vector<const partition::Algorithm*>
      compare;  // run beside the chosen plans, under the same arrivals
  std::vector<ClassChoice> classes;
  bool write_requests = true;
  YamlNode resolved;  // the scenario with every default filled in, itself a scenario
};

/// A value that the command line puts into the scenario.
struct Override {
  std::string path;       // of the value, with dots: "tiers.device.count"
  std::string value;      // YAML
  std::string dimension;  // of --bind: the last key, below the path; may hold dots itself

  std::vector<std::string> keys() const;
  /// As it was given: "--set seed=2"; the place of its errors.
  std::string option() const;
};

/// Of `--set path=value`. Throws InputError where there is no '='.
Override parse_override(const std::string& text);

/// Of `--bind NAME=N`: an extent of a dimension of the scenario's model.
Override bind_override(const std::string& name, std::int64_t extent);

/// Reads and checks a scenario. `overrides` are put in before anything is checked.
/// Throws InputError with every error, each with file:line:column or the option that made it.
Scenario read_scenario(const std::string& path, const std::vector<Override>& overrides,
                       const Registries& registries);

/// The same, but adds the errors to `errors` and gives what could be read beside them. Throws
/// where the file is no YAML map at all.
Scenario read_scenario(const std::string& path, const std::vector<Override>& overrides,
                       const Registries& registries, std::vector<Diagnostic>& diagnostics);

/// Of one request in an idle system, under its model's plan.
struct IdleTimes {
  Seconds latency;
  Seconds until_sent = engine::kNever;  // until its device begins to send; never: it computes alone
};

/// Why the run would be endless, or too long to be run, or so long that its clock is no longer
/// exact; empty where it is neither. `times` are those of each model (closed loops wait for them).
std::string too_long(const Scenario& scenario, const std::vector<IdleTimes>& times);

}  // namespace offcut::scenario
