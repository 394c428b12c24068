// Reads what is planned under load. Whether the load can be predicted depends on sections that are
// read later, so this is checked at the end.

#include "sim/scenario/sections/load_section.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/scenario/predictable_load.h"
#include "sim/scenario/sections/plan_section.h"

namespace offcut::scenario {
namespace {

constexpr KeySpec kLoad[] = {
    {.name = "under",
     .kind = ValueKind::choice,
     .choices = "idle, load",
     .noun = "system",
     .absent = "`idle`",
     .doc = "The system that is planned for. `idle`: each request has it to itself. `load`: all "
            "models are planned together, so that requests wait as little as possible for each "
            "other; `algorithm` then gives the plans with which the search begins, and may be "
            "missing. See docs/planning.md, Under load.",
     .example = "plan: {under: load, scheduling: choose}"},
    {.name = "scheduling",
     .kind = ValueKind::choice,
     .choices = "given, choose",
     .noun = "choice of policies",
     .absent = "`given`",
     .doc = "The policies of the tiers. `given`: those of `scheduling`. `choose`, with `under: "
            "load` alone: queue, batches, dispatch and admission of each tier are chosen together "
            "with the cuts, and those of `scheduling` are where the search begins.",
     .example = "plan: {under: load, scheduling: choose}"},
    {.name = "minimise",
     .kind = ValueKind::choice,
     .choices = "mean, p95",
     .noun = "figure",
     .absent = "`mean`",
     .doc =
         "With `under: load`, the figure of all requests' delays that is minimised. A request "
         "that misses its deadline, or has no answer, counts as at least ten times its deadline or "
         "its latency in an idle system, whichever is longer.",
     .example = "plan: {under: load, minimise: p95}"},
};

/// Notes an error of the key `under`.
void add_error(ReadSoFar& so_far, const std::string& reason) {
  so_far.diagnostics.push_back(
      {so_far.scenario.under_load->place, fmt::format("plan.under: {}", reason)});
}

void check_plans(ReadSoFar& so_far) {
  for (const ModelChoice& model : so_far.scenario.models) {
    if (!(model.plan.objective == partition::Objective())) {
      add_error(so_far, fmt::format("plans under load minimise delays: expected no '{}'",
                                    model.plan.path_of("objective")));
    }
    if (!model.plan.codec.candidates.empty()) {
      add_error(so_far, fmt::format("codecs are chosen for an idle system: expected one codec in "
                                    "'{}', or none",
                                    model.plan.path_of("codec")));
    }
    if (model.plan.section == "plan") {
      break;  // All others share it, or have been checked before it.
    }
  }
}

}  // namespace

constinit const KeyTable kLoadKeys{
    .doc = "A plan of all models together, for the load of the scenario.",
    .keys = kLoad,
    .more = &kModelPlanKeys,
    .title = "Plan under load"};

bool is_load_key(std::string_view key) {
  return std::find(std::begin(kLoadNames), std::end(kLoadNames), key) != std::end(kLoadNames);
}

bool is_under_load(const MapReader& plan) {
  return plan.has_scalar("under") && plan.text_of("under") != "idle";
}

void read_load(MapReader& plan, ReadSoFar& so_far) {
  const auto choice = [&](const char* key) {
    return plan.raw(key) != nullptr ? plan.choice(key) : std::nullopt;
  };
  const bool is_load = choice("under") == "load";
  const bool chooses = choice("scheduling") == "choose";
  const bool is_p95 = choice("minimise") == "p95";
  if (is_load) {
    so_far.scenario.under_load = {
        .chooses_policies = chooses, .minimises_p95 = is_p95, .place = plan.place("under")};
    return;
  }
  if (chooses) {
    plan.error("scheduling",
               "in an idle system no request waits, so policies can't be chosen for it: expected "
               "'under: load' beside it");
  }
  if (plan.has("minimise")) {
    plan.error("minimise",
               "expected 'under: load' beside it: in an idle system, 'objective' says "
               "what is minimised");
  }
}

void check_load(MapReader& /*top*/, ReadSoFar& so_far) {
  if (!so_far.scenario.under_load) {
    return;
  }
  const engine::Stop& stop = so_far.scenario.stop;
  if (so_far.scenario.training && !stop.requests && !stop.after) {
    add_error(so_far, "the length of the run must be known: expected 'stop' beside 'training'");
  }
  for (const std::string& reason : reasons_unpredictable(so_far.scenario)) {
    add_error(so_far, reason);
  }
  check_plans(so_far);
}

}  // namespace offcut::scenario
