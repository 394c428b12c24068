#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/model_argument.h"
#include "sim/cli/service_options.h"
#include "sim/scenario/scenario.h"

namespace offcut::cli {

struct ServeArguments {
  std::vector<std::string> sources;  // A part for each cut, or a scenario.
  std::string tier;                  // Its name; of a scenario, the tier to be.
  std::string listen;                // Address; empty: none.
  ServiceArguments service;
  std::vector<std::string> to;  // Addresses by site, separated by commas.
  std::string token;
  std::string load;                      // Empty: none.
  std::optional<std::int64_t> requests;  // None: 100, or as the scenario says.
  std::string duration;                  // Empty: until all requests have ended.
  std::string seed;                      // Empty: 1, or the scenario's.
  std::string whole;                     // The whole network, to fall back to; empty: none.
  std::string out;                       // Folder of measured results; empty: none.
  std::string engine = "fast";
  int cores = 0;        // 0: one, or as the scenario says.
  std::string timeout;  // Empty: none, or as the scenario says.
  std::vector<std::string> bind, fix;
  std::vector<std::string> cuts;   // Of a scenario, beside its plan.
  std::string adapt, server_load;  // Empty: none.
  std::string estimator = "ewma";
  std::vector<std::string> set;  // Changes of a scenario.
};

/// `offcut serve`: runs a tier until it is interrupted, or until its load is over.
int serve(const ServeArguments& arguments, const scenario::Registries& registries);

}  // namespace offcut::cli
