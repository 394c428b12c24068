// `offcut serve`: runs a tier of a real system. The main thread is the node's loop; its parts are
// computed by threads of their own. A device with a load measures its requests and ends; any other
// node runs until a signal ends it.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "models/base/comma_list.h"
#include "models/base/named.h"
#include "sim/cli/commands.h"
#include "sim/cli/engine_options.h"
#include "sim/cli/serve_command.h"
#include "sim/cli/serve_load.h"
#include "sim/cli/serve_session.h"
#include "sim/runtime/transport/address.h"
#include "sim/study/served/served_node.h"

namespace offcut::cli {
namespace {

constexpr int kMostCores = 1024;
constexpr std::int64_t kMostRequests = 1'000'000'000;

/// Checks an address; one that others reach needs a token.
void check_address(const std::string& option, const std::string& text, bool is_own,
                   const std::string& token, std::vector<Diagnostic>& diagnostics) {
  try {
    const runtime::Address address = runtime::parse_address(text);
    if (is_own && token.empty() && !runtime::is_loopback(address)) {
      diagnostics.push_back(
          {Place{option}, fmt::format("others can reach {}: expected a --token, or a loopback "
                                      "address such as 127.0.0.1:{}",
                                      text, address.port)});
    }
  } catch (const InputError& error) {
    for (const Diagnostic& diagnostic : error.diagnostics()) {
      diagnostics.push_back({Place{option}, diagnostic.message});
    }
  }
}

/// Checks the options that do not depend on the models, and fills in the session.
void check_options(const ServeArguments& arguments, const scenario::Registries& registries,
                   ServeSession::Settings& session, std::vector<Diagnostic>& diagnostics) {
  check_engine(arguments.engine, diagnostics);
  if (!arguments.listen.empty()) {
    check_address("--listen", arguments.listen, true, arguments.token, diagnostics);
  }
  for (const std::string& site : arguments.to) {
    session.to.push_back(comma_list(site));
    for (const std::string& address : session.to.back()) {
      check_address("--to", address, false, arguments.token, diagnostics);
    }
  }
  if (arguments.service.is_asked_for()) {
    check_address("--http", arguments.service.http, true, arguments.token, diagnostics);
    session.http = service_settings(arguments.service, arguments.token, diagnostics);
  }
  session.listen = arguments.listen;
  session.out = arguments.out;
  if (arguments.cores < 0 || arguments.cores > kMostCores) {
    diagnostics.push_back(
        {Place{"--cores"}, fmt::format("expected 1 to {}, got {}", kMostCores, arguments.cores)});
  }
  if (arguments.requests && (*arguments.requests < 1 || *arguments.requests > kMostRequests)) {
    diagnostics.push_back({Place{"--requests"}, fmt::format("expected 1 to {}, got {}",
                                                            kMostRequests, *arguments.requests)});
  }
  session.requests = arguments.requests;
  const std::string& seed = arguments.seed;
  const auto [end, error] = std::from_chars(seed.data(), seed.data() + seed.size(), session.seed);
  if (!seed.empty() && (error != std::errc() || end != seed.data() + seed.size())) {
    diagnostics.push_back(
        {Place{"--seed"}, fmt::format("expected a whole number, got '{}'", seed)});
  }
  constexpr Seconds kLeast(1e-3);
  constexpr Seconds kMost(1e7);
  if (!arguments.duration.empty()) {
    session.duration = read_time("--duration", arguments.duration, kLeast, kMost, diagnostics);
  }
  if (!arguments.timeout.empty()) {
    session.gives_up_after = read_time("--timeout", arguments.timeout, kLeast, kMost, diagnostics);
  }
  if (!arguments.load.empty()) {
    session.load = read_load(arguments.load, registries, diagnostics);
  }
  const bool is_measured = !arguments.out.empty();
  if (arguments.listen.empty() && !session.http && !is_measured) {
    diagnostics.push_back({Place{"offcut serve"},
                           "nothing would ask it: expected --listen, --http, or --load and --out"});
  } else if (!arguments.load.empty() && !is_measured) {
    diagnostics.push_back({Place{"--load"}, "needs --out DIR for the measured requests"});
  }
}

template <class Kind>
void read_choice(const std::string& option, const std::string& text, const char* title,
                 const Registry<Kind>& registry, scheduling::Choice<Kind>& choice,
                 std::vector<Diagnostic>& diagnostics) {
  if (text.empty()) {
    return;
  }
  try {
    const Named named = named_from(text, title, registry);
    choice = {registry.find(named.name), named.parameters, Place{option}};
  } catch (const std::invalid_argument& error) {
    diagnostics.push_back({Place{option}, error.what()});
  }
}

/// Reads --adapt and the estimators that it needs.
std::optional<runtime::CutAdaptation> adaptation_of(const ServeArguments& arguments,
                                                    const scenario::Registries& registries) {
  if (arguments.adapt.empty()) {
    return std::nullopt;
  }
  std::vector<Diagnostic> diagnostics;
  runtime::CutAdaptation adaptation;
  read_choice("--adapt", arguments.adapt, adapt::PolicyKind::kTitle, registries.replanning,
              adaptation.policy, diagnostics);
  read_choice("--estimator", arguments.estimator, adapt::EstimatorKind::kTitle,
              registries.estimators, adaptation.estimator, diagnostics);
  read_choice("--server-load", arguments.server_load, adapt::LoadEstimatorKind::kTitle,
              registries.loads, adaptation.load, diagnostics);
  if (arguments.sources.size() + arguments.cuts.size() < 2) {
    diagnostics.push_back({Place{"--adapt"}, "needs the parts of several cuts to choose among"});
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return adaptation;
}

bool is_scenario(const std::string& source) {
  return source.ends_with(".yaml") || source.ends_with(".yml");
}

study::ServedNode node_of(const ServeArguments& arguments, const scenario::Registries& registries) {
  const bool any_scenario =
      std::any_of(arguments.sources.begin(), arguments.sources.end(), is_scenario);
  if (any_scenario && arguments.sources.size() > 1) {
    throw InputError({"offcut serve"}, "expected one scenario, or the parts of one tier");
  }
  if (any_scenario) {
    const ScenarioChanges changes{
        .set = arguments.set, .bind = arguments.bind, .seed = arguments.seed};
    return study::served_scenario(arguments.sources.front(), changes.overrides(), arguments.cuts,
                                  arguments.tier, registries);
  }
  std::vector<scenario::ModelChoice> parts;
  for (const std::string& source : arguments.sources) {
    parts.push_back(choice_of({source, arguments.bind, arguments.fix}, registries));
  }
  std::optional<scenario::ModelChoice> whole;
  if (!arguments.whole.empty()) {
    whole = choice_of({arguments.whole, arguments.bind, arguments.fix}, registries);
  }
  return study::served_files(parts, whole, arguments.tier, registries);
}

}  // namespace

int serve(const ServeArguments& arguments, const scenario::Registries& registries) {
  std::vector<Diagnostic> diagnostics;
  ServeSession::Settings session;
  check_options(arguments, registries, session, diagnostics);
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  study::ServedNode node = node_of(arguments, registries);
  if (!session.out.empty() && !session.load) {
    if (node.arrivals == nullptr) {
      throw InputError({"--out"}, "needs a --load to measure");
    }
    session.load = ServedLoad{.kind = ServedLoad::Kind::scenario,
                              .text = "scenario",
                              .share = 0,
                              .rate = PerSecond(0),
                              .arrivals = node.arrivals};
    session.requests = session.requests ? session.requests : node.requests;
  }
  if (arguments.seed.empty()) {
    session.seed = node.seed;
  }
  node.workers.engine = engine_of(arguments.engine);
  if (arguments.cores > 0) {
    node.workers.cores = static_cast<std::size_t>(arguments.cores);
  }
  session.engine = arguments.engine;
  if (auto adaptation = adaptation_of(arguments, registries)) {
    node.adaptation = std::move(adaptation);
  }
  node.settings.token = arguments.token;
  if (!arguments.service.model.empty()) {
    node.settings.model = arguments.service.model;
  }
  return ServeSession(std::move(node), std::move(session), registries).run();
}

}  // namespace offcut::cli
