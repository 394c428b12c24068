#include "sim/cli/serve_load.h"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

namespace offcut::cli {
namespace {

constexpr double kMostShare = 10;

std::shared_ptr<const workload::Arrivals> arrivals_of(const std::string& name,
                                                      const scenario::Registries& registries,
                                                      const std::string& key, auto value) {
  const workload::ArrivalKind& kind = *registries.arrivals.find(name);
  Parameters parameters = defaults(kind.parameters);
  parameters.set(key, value);
  return kind.make(parameters);
}

}  // namespace

std::shared_ptr<const workload::Arrivals> poisson(PerSecond rate,
                                                  const scenario::Registries& registries) {
  return arrivals_of("poisson", registries, "rate", rate.si());
}

ServedLoad read_load(const std::string& text, const scenario::Registries& registries,
                     std::vector<Diagnostic>& diagnostics) {
  ServedLoad load{.kind = ServedLoad::Kind::closed,
                  .text = text,
                  .share = 0,
                  .rate = PerSecond(0),
                  .arrivals = nullptr};
  try {
    if (text == "closed") {
      load.arrivals = arrivals_of("closed-loop", registries, "think", 0.0);
    } else if (std::filesystem::path(text).extension() == ".csv") {
      load.kind = ServedLoad::Kind::trace;
      load.arrivals = arrivals_of("trace", registries, "file", text);
    } else if (!text.empty() && text.back() == '%') {
      load.kind = ServedLoad::Kind::share;
      load.share = parse<Quantity<0, 0, 0, 0>>(text).si();
      if (!(load.share > 0) || load.share > kMostShare) {
        diagnostics.push_back(
            {Place{"--load"}, fmt::format("expected a share of the capacity above 0 % and up to "
                                          "{:.0f} %, got '{}'",
                                          kMostShare * 100, text)});
      }
    } else {
      load.kind = ServedLoad::Kind::rate;
      load.rate = parse<PerSecond>(text);
      if (!(load.rate > PerSecond(0))) {
        diagnostics.push_back({Place{"--load"}, "expected a rate above 0 /s"});
      } else {
        load.arrivals = poisson(load.rate, registries);
      }
    }
  } catch (const InputError& error) {  // Of the trace.
    diagnostics.insert(diagnostics.end(), error.diagnostics().begin(), error.diagnostics().end());
  } catch (const std::invalid_argument&) {
    diagnostics.push_back(
        {Place{"--load"}, fmt::format("expected closed, a share of the capacity such as 50%, a "
                                      "rate such as 20/s, or a trace (.csv), got '{}'",
                                      text)});
  }
  return load;
}

}  // namespace offcut::cli
