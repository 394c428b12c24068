// Reads the classes of requests: their arrivals, models, deadlines and treatment after failures.
// workload_checks.cpp checks them as a whole.

#include "sim/scenario/sections/workload_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <stdexcept>

#include "sim/scenario/sections/exits_section.h"
#include "sim/scenario/sections/named_file.h"
#include "sim/scenario/sections/workload_checks.h"

namespace offcut::scenario {
namespace {

constexpr double kMostPriority = 1e6;

constexpr KeySpec kFailurePolicy[] = {
    {.name = "retries",
     .kind = ValueKind::whole,
     .bounds = {0, network::kMostFailuresOfRequest},
     .fallback = "0",
     .doc = "The number of times that a lost transfer or computation is repeated.",
     .example = "on-failure: {retries: 3, backoff: 10 ms}"},
    {.name = "backoff",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {0, kMostSeconds},
     .fallback = "0 s",
     .doc = "The pause before the first repetition.",
     .example = "on-failure: {retries: 3, backoff: 10 ms}"},
    {.name = "factor",
     .kind = ValueKind::number,
     .bounds = {1, 1e6},
     .fallback = "2",
     .doc = "The factor by which each pause is longer than the one before.",
     .example = "on-failure: {retries: 3, backoff: 10 ms, factor: 3}"},
    {.name = "then",
     .kind = ValueKind::choice,
     .choices = "wait, local, drop, other-site, cloud",
     .noun = "action",
     .fallback = "wait",
     .doc = "The action after that: the request waits until the machine or link is up again, the "
            "device computes it alone, or it is dropped. If no machine of its site is up, "
            "`other-site` sends its message again, to the next site that has one, and `cloud` lets "
            "the next tier compute the layers of the one that failed; otherwise they wait.",
     .example = "on-failure: {retries: 1, then: local}"},
};
constexpr KeyTable kFailurePolicyKeys{
    .doc = "The treatment of a request whose transfer or computation is lost.",
    .keys = kFailurePolicy};

constexpr Bounds kTimeOut{1e-6, kMostSeconds};

constexpr KeySpec kTimeOutMap[] = {
    {.name = "after",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kTimeOut,
     .doc = "The time after which a request gives up.",
     .example = "timeout: {after: 2 s, while: waiting}"},
    {.name = "while",
     .kind = ValueKind::choice,
     .choices = "unanswered, unstarted, waiting",
     .noun = "state of a request",
     .fallback = "unanswered",
     .doc = "The state in which it gives up. `unanswered`: anywhere, until its answer is back. "
            "`unstarted`: until the last tier that computes it begins, a tail on the device not "
            "counted. For both, the time since its arrival counts. `waiting`: in the queue of a "
            "machine, or in the line of messages that its device has to send. Then the time in "
            "such queues counts, in total.",
     .example = "timeout: {after: 2 s, while: unstarted}"},
};
constexpr KeyTable kTimeOutKeys{.doc = "The time-out of requests.", .keys = kTimeOutMap};

constexpr KeySpec kClass[] = {
    {.name = "model",
     .kind = ValueKind::name,
     .noun = "model",
     .absent = "the only model; required with several",
     .doc = "The one of `models` that the requests run.",
     .example = "model: detector"},
    {.name = "arrivals",
     .kind = ValueKind::name,
     .noun = "arrival process",
     .registry = "arrivals",
     .doc = "The process by which requests arrive. Its parameters stand beside it.",
     .example = "workload: {arrivals: poisson, rate: 2 /s}"},
    {.name = "per",
     .kind = ValueKind::choice,
     .choices = "device, all",
     .noun = "source of requests",
     .fallback = "device",
     .doc = "A source of requests for each device, or one for all devices together: each is then "
            "equally likely to issue the next request.",
     .example = "per: all"},
    {.name = "deadline",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {0, kMostSeconds},
     .absent = "none",
     .doc = "The latency beyond which an answer counts as late. The queue `edf` goes by it.",
     .example = "deadline: 150 ms"},
    {.name = "priority",
     .kind = ValueKind::whole,
     .bounds = {-kMostPriority, kMostPriority},
     .fallback = "0",
     .doc = "The priority for the queue `priority`: the lower, the more urgent.",
     .example = "priority: 1"},
    {.name = "on-failure",
     .below = &kFailurePolicyKeys,
     .absent = "all of its defaults",
     .doc = "The treatment of a request whose transfer or computation is lost.",
     .example = "on-failure: {retries: 3, backoff: 10 ms, then: drop}"},
    {.name = "from",
     .kind = ValueKind::name,
     .noun = "group of devices",
     .lists = Lists::also,
     .absent = "all devices",
     .doc = "The groups of devices that send the requests.",
     .example = "from: [camera]"},
    {.name = "when-rejected",
     .kind = ValueKind::choice,
     .choices = "drop, local",
     .noun = "action",
     .fallback = "drop",
     .doc = "The treatment of a request that is not admitted: it is dropped, or the device "
            "computes it alone, without loading the model into its `model-memory`.",
     .example = "when-rejected: local"},
    {.name = "timeout",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kTimeOut,
     .below = &kTimeOutKeys,
     .absent = "none",
     .doc = "The time after which a request gives up and is dropped, anywhere until its answer is "
            "back, or as the map says. It leaves its queue or link at once; what a machine has "
            "begun to compute runs on, for nothing.",
     .example = "timeout: 2 s"},
    {.name = "exits",
     .below = &kClassExitsKeys,
     .absent = "as in the plan of its model",
     .doc = "The rules of the class at the exits of its model.",
     .example = "exits: {exit1_prob: {confidence: 0.99}}"},
};
constexpr KeyTable kClassKeys{
    .doc = "A class of requests: the whole workload, or one of its `classes`.",
    .keys = kClass,
    .title = "Class of requests"};
constexpr KeySpec kClasses[] = {
    {.name = "CLASS",
     .below = &kClassKeys,
     .doc = "A class of requests. The user chooses its name.",
     .example = "classes: {urgent: {arrivals: poisson, rate: 2 /s}}"},
};
constexpr KeyTable kClassesKeys{.doc = "Classes of requests by name. At least one.",
                                .keys = kClasses,
                                .names_are_chosen = true,
                                .names_are_plain = true};
constexpr KeySpec kWorkload[] = {
    {.name = "classes",
     .stands_alone = true,
     .below = &kClassesKeys,
     .absent = "one class, `all`, whose keys stand in `workload`",
     .doc = "Several classes of requests. `workload` then has no other key.",
     .example = "workload: {classes: {urgent: {arrivals: poisson, rate: 2 /s}}}"},
};

/// Reads which of the models a class runs.
std::size_t read_model_name(MapReader& reader, const Scenario& scenario) {
  if (scenario.models.front().section == "model") {
    return 0;
  }
  if (scenario.models.front().section == "models") {  // They are invalid.
    reader.raw("model");
    return 0;
  }
  std::vector<std::string> names;
  for (const ModelChoice& model : scenario.models) {
    names.push_back(model.name);
  }
  const auto only = names.size() == 1 ? std::optional(names.front()) : std::nullopt;
  const auto name = reader.one_of("model", names, only);
  const auto found = std::find(names.begin(), names.end(), name.value_or(names.front()));
  return static_cast<std::size_t>(found - names.begin());
}

network::FailurePolicy read_failure_policy(MapReader& reader) {
  using Then = network::FailurePolicy::Then;
  network::FailurePolicy policy;
  MapReader failure = reader.map("on-failure");
  policy.retries = failure.integer("retries");
  policy.backoff = failure.quantity<Seconds>("backoff");
  policy.factor = failure.number("factor");
  const auto then = failure.choice("then");
  policy.then = then == "local"        ? Then::local
                : then == "drop"       ? Then::drop
                : then == "other-site" ? Then::other_site
                : then == "cloud"      ? Then::next_tier
                                       : Then::wait;
  const double last =
      policy.backoff.si() * std::pow(policy.factor, static_cast<double>(policy.retries) - 1);
  if (policy.retries > 0 && policy.backoff > Seconds(0) && !(last <= kMostSeconds)) {
    failure.error("retries", fmt::format("before the last of {} retries a request would wait "
                                         "for more than {:.0g} s: expected fewer, or a smaller "
                                         "'factor'",
                                         policy.retries, kMostSeconds));
  }
  failure.done();
  return policy;
}

engine::TimeOut read_time_out(MapReader& reader) {
  using Counts = engine::TimeOut::Counts;
  engine::TimeOut time_out;
  const YamlNode* node = reader.raw("timeout");
  if (node == nullptr) {
    return time_out;
  }
  if (node->kind != YamlNode::Kind::map) {
    time_out.after = reader.quantity<Seconds>("timeout");
    return time_out;
  }
  MapReader map = reader.map("timeout");
  time_out.after = map.quantity<Seconds>("after");
  const auto state = map.choice("while");
  time_out.counts = state == "waiting"     ? Counts::waiting
                    : state == "unstarted" ? Counts::unstarted
                                           : Counts::unanswered;
  map.done();
  return time_out;
}

/// One source for all devices can't wait for the answers of single ones.
void check_source(MapReader& reader, const ClassChoice& choice) {
  if (choice.in_total && choice.arrival_kind->closed_loop) {
    reader.error("per", fmt::format("under '{}' each device waits for its own answers: expected "
                                    "device",
                                    choice.arrival_kind->name));
  }
}

/// Makes the arrivals once, since only they can check their file, and whether it fits the devices.
void check_arrivals(MapReader& reader, ClassChoice& choice, ReadSoFar& so_far) {
  try {
    choice.process = choice.arrival_kind->make(choice.parameters);
    if (reader.has("class") && choice.process->classes().empty()) {
      reader.error("class", "the file has no column 'class'");
    }
    if (choice.in_total && choice.process->devices() > 0) {
      reader.error("per", fmt::format("'{}' names the device of each request: expected device",
                                      choice.arrival_kind->name));
    } else if (all_counts_known(so_far.scenario)) {
      choice.process->check_devices(std::vector<bool>(device_count(so_far.scenario), true));
    }
  } catch (const InputError& error) {
    so_far.add(error);
  } catch (const std::invalid_argument& error) {
    reader.error("arrivals", error.what());
  }
}

/// Reads the process of the class of this name; empty: the only class.
void read_arrivals(MapReader& reader, const std::string& name, const ReadSoFar& so_far,
                   ClassChoice& choice) {
  const std::vector<ParameterSpec>& specs = choice.arrival_kind->parameters;
  choice.parameters = reader.parameters(specs);
  for (const ParameterSpec& spec : specs) {
    if (spec.is_file) {
      choice.parameters.set(spec.name, existing_file(reader, spec, so_far.scenario.path));
    } else if (spec.name == kClassParameter && !reader.has(spec.name)) {
      choice.parameters.set(spec.name, name);
    }
  }
}

/// Reads the groups of devices that send the requests; empty: all of them.
std::vector<std::size_t> read_from(MapReader& reader, const ReadSoFar& so_far) {
  const Scenario& scenario = so_far.scenario;
  if (reader.raw("from") == nullptr) {
    return {};
  }
  if (so_far.own_hops.empty()) {
    if (so_far.tiers_known) {
      reader.error("from", fmt::format("the devices are not in groups: expected 'tiers.{}.groups'",
                                       scenario.device_tier));
    }
    return {};
  }
  std::vector<std::string> names;
  for (std::size_t group = 0; group < scenario.groups; ++group) {
    names.push_back(scenario.tiers[group].name);
  }
  const std::vector<std::string> chosen = reader.some_of("from", names);
  std::vector<std::size_t> from;
  for (std::size_t group = 0; group < names.size(); ++group) {
    if (std::find(chosen.begin(), chosen.end(), names[group]) != chosen.end()) {
      from.push_back(group);
    }
  }
  if (chosen.empty() && reader.raw("from")->kind == YamlNode::Kind::sequence &&
      reader.raw("from")->items.empty()) {
    reader.error("from", "expected at least one group");
  }
  return from.size() == names.size() ? std::vector<std::size_t>() : from;
}

ClassChoice read_class(MapReader& reader, const std::string& name, ReadSoFar& so_far) {
  const Registry<workload::ArrivalKind>& kinds = so_far.registries.arrivals;
  const std::size_t before = so_far.diagnostics.size();
  ClassChoice choice;
  choice.model = read_model_name(reader, so_far.scenario);
  const auto arrivals = reader.one_of("arrivals", kinds.names());
  if (arrivals) {
    choice.arrival_kind = kinds.find(*arrivals);
    read_arrivals(reader, name, so_far, choice);
  } else if (reader.has("arrivals")) {
    reader.ignore_rest();
  }
  choice.in_total = reader.choice("per") == "all";
  choice.deadline = reader.quantity_if_given<Seconds>("deadline").value_or(choice.deadline);
  choice.priority = static_cast<int>(reader.integer("priority"));
  choice.failures = read_failure_policy(reader);
  choice.failures.local_when_rejected = reader.choice("when-rejected") == "local";
  choice.time_out = read_time_out(reader);
  choice.from = read_from(reader, so_far);
  choice.exits = read_class_exits(reader, so_far, choice.model_index());
  reader.done();
  if (choice.arrival_kind != nullptr && so_far.diagnostics.size() == before) {
    check_source(reader, choice);
    check_arrivals(reader, choice, so_far);
  }
  return choice;
}

/// Returns the class of a scenario that only trains.
ClassChoice class_without_requests(const ReadSoFar& so_far) {
  const std::optional<TrainingChoice>& training = so_far.scenario.training;
  ClassChoice choice;
  choice.model = training ? training->model.value_or(0) : 0;
  choice.arrival_kind = so_far.registries.arrivals.find("none");
  choice.process = choice.arrival_kind->make({});
  choice.in_total = true;  // One source that sends nothing, not one for each device.
  return choice;
}

void read_classes(MapReader& workload, ReadSoFar& so_far) {
  const std::size_t before = so_far.diagnostics.size();
  std::vector<ClassChoice>& choices = so_far.scenario.classes;
  MapReader classes = workload.map("classes");
  for (const std::string& name : classes.names("class")) {
    MapReader reader = classes.map(name);
    choices.push_back(read_class(reader, name, so_far));
    choices.back().name = name;
  }
  if (classes.present() && choices.empty()) {
    workload.error("classes", "expected at least one");
  }
  workload.done();
  if (so_far.diagnostics.size() == before) {
    check_rows_taken(workload, choices);
  }
}

}  // namespace

constinit const KeyTable kWorkloadKeys{
    .doc = "The requests.", .keys = kWorkload, .more = &kClassKeys};

void read_workload(MapReader& top, ReadSoFar& so_far) {
  const std::size_t before = so_far.diagnostics.size();
  if (top.raw("workload") == nullptr && !so_far.scenario.has_requests) {
    so_far.scenario.classes.push_back(class_without_requests(so_far));
    return;
  }
  MapReader workload = top.map("workload", true);
  if (workload.raw("classes") == nullptr) {
    so_far.scenario.classes.push_back(read_class(workload, "", so_far));
  } else {
    read_classes(workload, so_far);
  }
  const bool is_valid = workload.present() && so_far.diagnostics.size() == before;
  if (is_valid) {
    check_workload(top, so_far);
  }
}

}  // namespace offcut::scenario
