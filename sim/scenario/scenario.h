#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/compress/pass.h"
#include "models/cost/predictor.h"
#include "models/cost/profile.h"
#include "models/dataset/augmentation.h"
#include "models/dataset/set.h"
#include "models/exec/math_engine.h"
#include "models/ops/operator.h"
#include "models/train/gradient.h"
#include "models/train/loss.h"
#include "models/train/optimizer.h"
#include "models/train/schedule.h"
#include "models/zoo/network.h"
#include "partition/algorithm.h"
#include "sim/engine/simulation.h"
#include "sim/network/rates/rate_kind.h"
#include "sim/scenario/adaptation.h"
#include "sim/scenario/basis.h"
#include "sim/scenario/catalogue.h"
#include "sim/scenario/codec_choice.h"
#include "sim/scenario/trace_choice.h"
#include "sim/scenario/training_choice.h"

namespace offcut::scenario {

/// Everything that can be chosen by name.
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
  Registry<scheduling::AutoscalingKind> autoscaling;
  Registry<network::MobilityKind> mobility;
  Registry<network::RateKind> rates;
  Registry<adapt::EstimatorKind> estimators;
  Registry<adapt::LoadEstimatorKind> loads;
  Registry<adapt::PolicyKind> replanning;
  Registry<network::TraceFormat> trace_formats;
  Registry<train::Gradient> gradients;
  Registry<train::Loss> losses;
  Registry<train::OptimizerKind> optimizers;
  Registry<train::ScheduleKind> schedules;
  Registry<dataset::Augmentation> augmentations;
  Registry<dataset::SetKind> datasets;
  Registry<compress::Pass> passes;
  Registry<training::StrategyKind> strategies;
  Registry<training::AggregatorKind> aggregators;
  Registry<training::SelectionKind> selections;
  Registry<training::SplitKind> splits;

  Registries();

  /// Those that training needs.
  train::Libraries training() const {
    return {operators, gradients, losses, optimizers, schedules, augmentations};
  }

  /// Calls `use` with the registry that keys of scenarios and `offcut list` call by this name.
  /// Returns whether there is one.
  template <class Use>
  bool visit(std::string_view name, Use use) const;
};

template <class Use>
bool Registries::visit(std::string_view name, Use use) const {
  const auto use_if = [&](std::string_view own_name, const auto& registry) {
    return name == own_name ? (use(registry), true) : false;
  };
  return use_if("operators", operators) || use_if("models", networks) ||
         use_if("algorithms", algorithms) || use_if("arrivals", arrivals) ||
         use_if("codecs", codecs) || use_if("queues", queues) || use_if("batching", batching) ||
         use_if("dispatch", dispatch) || use_if("admission", admission) ||
         use_if("autoscaling", autoscaling) || use_if("estimators", estimators) ||
         use_if("loads", loads) || use_if("replanning", replanning) ||
         use_if("mobility", mobility) || use_if("rates", rates) ||
         use_if("trace-formats", trace_formats) || use_if("losses", losses) ||
         use_if("optimizers", optimizers) || use_if("schedules", schedules) ||
         use_if("augmentations", augmentations) || use_if("datasets", datasets) ||
         use_if("passes", passes) || use_if("gradients", gradients) ||
         use_if("strategies", strategies) || use_if("aggregators", aggregators) ||
         use_if("selections", selections) || use_if("splits", splits);
}

/// A device with measured times of its layers.
struct ProfiledDevice {
  cost::Profile profile;
};

/// A device that was fitted to the profiles of several models, and has times for any other.
struct FittedDevice {
  cost::Predictor predictor;
};

// These extend the engine's own structs of tiers, hops, classes and runs: a key that only the
// engine uses is a line of a section's reader and a field of the engine's struct.

/// The machines of a tier of unlike ones with which plans count.
struct PlannedFor {
  enum class Kind { slowest, mean, group };
  Kind kind = Kind::slowest;  // The group that computes the whole model slowest.
  std::size_t group = 0;      // Of that kind.
};

/// A tier with the device of its machines: one of the catalogue, a column of the layer table, or a
/// measured or fitted one.
struct TierChoice : engine::Tier {
  std::string section = "tiers";  // The section of the scenario in which it stands.
  std::variant<cost::Device, std::string, ProfiledDevice, FittedDevice> is;
  Place place;              // Of the key that names the device.
  bool count_known = true;  // False if the count is invalid: then no index is out of range.
  Place sites_place;        // Of the key `sites`.
  Place memory_place;       // Of the key `model-memory`.
  double price = 0;         // Of an hour of a machine's time.
  Seconds per_request;      // See partition::CostTable::per_request.
  double time_scale = 1;    // A factor of the times of all layers.
  /// The layers of one request that a machine computes at once: see partition/list_schedule.h.
  std::size_t parallel = 1;
  /// Without layers of a request, it forwards the packets of its messages: see partition/legs.h.
  bool forwards_packets = false;
  bool states_forwarding = false;  // The scenario says so.
  TierBasis basis;  // Of the layers' times.
  /// The first tier, by device: when it is there, and the rate of its own link, each way. Empty: it
  /// always is, and its link has the rate of the hop.
  std::vector<std::shared_ptr<const network::Availability>> availability;
  std::vector<BytesPerSecond> link_rates;
  Place availability_place, capacity_place;  // Of these keys.
  /// The precisions of which one is chosen by accuracy, see experiment/precision_choice.h; the
  /// device is in the first of them. Empty: its precision is given.
  std::vector<std::string> precisions;
  Place precisions_place;
  /// The groups of unlike machines, one for each of engine::Tier::groups. The devices, prices and
  /// times per request above are then those of the first group.
  std::vector<TierChoice> machines;
  PlannedFor planned_for;
};

/// The links between a tier and the next, or a direct hop, with their price.
struct HopChoice : engine::Link {
  std::string section = "";  // Its section of the scenario, as a path.
  Place place;               // Of the hop's map.
  double price = 0;          // Of a gigabyte.
  Basis basis = Basis::assumed;
  /// The traces of its links and of its uplinks; the engine's moving rates follow from them.
  std::optional<TraceChoice> trace = {}, site_trace = {};
  /// The kinds of rates of its links and uplinks. Null: there is none.
  std::shared_ptr<const network::RateModel> rate_model = nullptr, site_rates = nullptr;
  /// The times of the run at which the first of their traces end.
  Seconds trace_ends = engine::kNever, site_trace_ends = engine::kNever;
  std::string medium = {};  // The name of that of a cell.
  Bytes frame = {};         // Of a cell.
};

struct Scenario;
/// Returns whether devices move, and change their uplinks with that.
bool moves_between_uplinks(const Scenario& scenario);

/// Return whether machines or links have a price.
inline bool has_price(const HopChoice& hop) { return hop.price > 0; }
bool has_price(const TierChoice& tier);

/// The rule by which an input leaves at an exit: its answer is confident enough.
struct ExitRule {
  enum class Measure {
    probability,  // The largest one is at least the threshold.
    entropy       // The entropy of the probabilities, in nats, is at most the threshold.
  };
  Measure measure = Measure::probability;
  double threshold = 0;
};

/// The statistics of an exit, and the rule by which inputs leave there if the math is on.
struct ExitChoice {
  partition::ExitStatistics statistics;
  std::optional<ExitRule> rule = {};
  Place place;
};

/// The rule of a class at an exit of its model, in place of that of the plan.
struct ClassExitChoice {
  std::string output;
  std::optional<double> leaves;
  std::optional<ExitRule> rule;
  Place place;
};

/// A class of requests, and the process by which they arrive. RequestClass::arrivals, closed_loop
/// and the itineraries are filled in when a run is compiled.
struct ClassChoice : engine::RequestClass {
  const workload::ArrivalKind* arrival_kind = nullptr;
  Parameters parameters;  // Of the arrivals.
  /// The process that the reader made of them, which checked its file.
  std::shared_ptr<const workload::Arrivals> process;
  std::vector<ClassExitChoice> exits;

  /// The position of its model among Scenario::models.
  std::size_t model_index() const { return model.value_or(0); }
};

/// Users with another device than that of the first tier.
struct UserClassChoice {
  TierChoice device;
  HopChoice hop;
};

/// The limits of a plan, see read_goal().
struct LimitChoice {
  std::vector<std::optional<Bytes>> memory;  // Per tier; empty: none.
  std::optional<Seconds> deadline;
  std::size_t pin_first = 0;
  std::size_t pin_tail = 0;
  bool keep_input = false;
  Place place;
};

/// How a model is planned: by the scenario's `plan`, or by the model's own.
struct PlanChoice {
  std::string section = "plan";  // Or "models.NAME.plan".
  /// The model, if there are several and the section does not name it.
  std::string model;
  const partition::Algorithm* algorithm = nullptr;
  Place algorithm_place;
  Parameters parameters;  // Of the algorithm.
  std::map<std::string, Place> parameter_places;
  CodecChoice codec;
  partition::Objective objective;
  LimitChoice limits;
  std::vector<UserClassChoice> user_classes;
  std::vector<ExitChoice> exits;

  /// Returns whether requests leave at the exits under any algorithm's plan.
  bool keeps_exits() const;
  /// Returns the error that the algorithm makes no plan, at the parameter that is the reason, or
  /// else at the algorithm's name. REQUIRES: the outcome is no plan.
  Diagnostic refusal(const partition::Outcome& outcome) const;
  /// The beginning of error messages: "plan.limits", or "plan.limits: reader" with the model.
  std::string path_of(const std::string& key) const;
};

/// A network, the inputs of its math, and its plan.
struct ModelChoice {
  enum class Source { zoo, onnx, layers };
  enum class Math { off, sampled, every };

  std::string name;               // In the scenario; empty: the only one, without a name.
  std::string section = "model";  // Or "models.NAME".
  Source source = Source::zoo;
  std::string source_name;  // The network of the zoo, or the path of the file; empty if invalid.
  std::map<std::string, std::int64_t> bind;  // Extents of open dimensions.
  std::map<std::string, double> fix;         // Values of inputs that decide over the graph.
  std::optional<DataType> wire;  // Type of the input on the wire; none: the model's own.

  Math math = Math::off;
  exec::MathEngine engine = exec::MathEngine::reference;
  std::int64_t samples = 0;                  // Number of inputs that sampled math computes.
  std::string images;                        // IDX file; empty: inputs are drawn from the seed.
  std::string labels;                        // IDX file; empty: no accuracy is measured.
  std::int64_t random = 0;                   // Number of inputs that are drawn without images.
  double divide = 255;                       // A byte b is the value b / divide.
  std::vector<compress::ChosenPass> passes;  // Applied one after the other.
  Place passes_place;                        // Of the key `compress`.
  std::string calibrate_on;                  // A data set; empty: the inputs of the math.
  Place calibrate_place;
  Place input_place;  // Of the key that chooses the inputs.

  PlanChoice plan;
};

// The limits of a run. A double counts 1e9 s in steps of 0.1 us: beyond that, times of milliseconds
// are no longer exact to 1e-4. Each request keeps 8 bytes for exact quantiles.
inline constexpr double kMostSeconds = 1e9;
inline constexpr double kMostRequests = 1e9;
inline constexpr double kMostFailures = 1e8;    // They take as long as 1e9 requests.
inline constexpr double kMostDecisions = 1e8;   // Of autoscalers.
inline constexpr double kMostSampleRows = 1e7;  // Of series.csv: about 1 GB.
inline constexpr double kMostMachines = 1e7;    // Of a tier, and their cores.

/// Plans that are made for all models together, so that their requests wait as little as possible.
struct LoadPlanning {
  bool chooses_policies = false;  // Those of all tiers, too.
  bool minimises_p95 = false;     // Instead of the mean.
  Place place;
};

/// New versions of models, see engine::ModelUpdate.
struct WeightsChoice {
  std::vector<std::size_t> models;  // Indices of Scenario::models.
  std::vector<std::size_t> tiers;   // That get them.
  std::optional<Bytes> size;        // None: the weights of the plan.
  engine::UpdateSchedule schedule;
  bool is_background = false;
  Place place;
};

/// The traffic of a run beside its requests. With several groups of devices, those of all upload
/// data.
struct UpdatesChoice {
  std::optional<WeightsChoice> weights;
  std::optional<engine::DataUpload> data;

  bool any() const { return weights || data; }
};

/// The plans whose requests are written.
enum class WrittenRequests { none, chosen, all };

/// How the latencies of a run become intervals.
struct StatisticsChoice {
  enum class WarmUp { log_mser5, mser5, given };
  WarmUp warm_up = WarmUp::log_mser5;
  Seconds warm_up_time;  // If it is given: requests that arrive before it are left out.
  double confidence = 0.95;
};

/// A run as the user describes it, once it is checked.
struct Scenario : engine::RunSettings {
  std::string name;   // By default that of the file without its ending. It names the results.
  std::string title;  // The user's own.
  std::string path;
  Place stop_place;
  /// Each is planned by itself. Never empty once read: if `models` is invalid, one model without a
  /// source stands for them.
  std::vector<ModelChoice> models;
  /// The devices, which may be several groups, before the later tiers; see engine::Simulation.
  std::vector<TierChoice> tiers;
  std::vector<HopChoice> hops;
  std::size_t groups = 1;   // Of devices.
  std::string device_tier;  // The name of the first tier in the file.
  std::vector<const partition::Algorithm*>
      compare;  // Their plans are run beside the chosen ones, under the same arrivals.
  std::vector<ClassChoice> classes;
  std::optional<engine::Mobility> mobility;  // None: devices stay where they are.
  std::optional<Beliefs> beliefs;            // None: planners know the truth.
  std::optional<AdaptChoice> adapt;          // None: plans stay as they are.
  std::optional<LoadPlanning> under_load;    // None: each model is planned for an idle system.
  UpdatesChoice updates;
  std::optional<TrainingChoice> training;  // None: nothing is trained.
  /// Requests arrive. Otherwise, the scenario trains a network and has one class without arrivals.
  bool has_requests = true;
  WrittenRequests write_requests = WrittenRequests::chosen;
  std::optional<Seconds> series_interval;  // Of the samples in series.csv. None: no file.
  bool write_timeline = false;             // As timeline.json.
  StatisticsChoice statistics;
  bool enforces_memory = false;  // A plan that needs more memory than a device has is refused.
  Place memory_rule_place;       // Of the key `memory`.
  YamlNode resolved;             // The scenario with every default filled in, itself a scenario.
};

/// All keys of a scenario, as a tree of tables; `offcut list keys` prints it, see key_texts.h.
extern const KeyTable kScenarioKeys;

/// A value that the command line, or a sweep, puts into the scenario.
struct Override {
  std::string path;       // Of the value, with dots: "tiers.device.count".
  std::string value;      // YAML.
  std::string dimension;  // Of --bind: the last key, below the path. It may contain dots.
  std::string given;      // The option, if it is neither --set nor --bind: "--seed".
  std::optional<Place> stated = {};  // In a file, if no option gave it.

  std::vector<std::string> keys() const;
  /// The option as it was given, "--set seed=2" or "--seed 2".
  std::string option() const;
  /// The place of its errors: in the file, or the option.
  Place place() const { return stated ? *stated : Place{option()}; }
};

/// Reads `--set path=value`. Throws InputError if there is no '='.
Override parse_override(const std::string& text);

/// Makes the override of `--bind NAME=N`, the extent of a dimension of the scenario's model.
Override bind_override(const std::string& name, std::int64_t extent);

/// Reads and checks a scenario. `overrides` are applied before anything is checked. Throws
/// InputError with every error, each with file:line:column or the option that caused it.
Scenario read_scenario(const std::string& path, const std::vector<Override>& overrides,
                       const Registries& registries);

/// The same, but adds the errors to `diagnostics` and returns everything that could be read. Throws
/// if the file is not a YAML map at all.
Scenario read_scenario(const std::string& path, const std::vector<Override>& overrides,
                       const Registries& registries, std::vector<Diagnostic>& diagnostics);

/// Returns the number of devices of all groups.
std::size_t device_count(const Scenario& scenario);
/// Returns the number of devices that send requests of the class.
std::size_t device_count(const Scenario& scenario, const ClassChoice& requests);

/// The times of one request in an idle system, under its model's plan.
struct IdleTimes {
  Seconds latency;
  Seconds until_sent = engine::kNever;  // Until its device begins to send; kNever: it never does.
};

/// Returns the reason why the run would be endless, too long to be run, or so long that its clock
/// would no longer be exact; empty if it is none of these. `times` are those of each model, for
/// which closed loops wait.
std::string reason_too_long(const Scenario& scenario, const std::vector<IdleTimes>& times);

}  // namespace offcut::scenario
