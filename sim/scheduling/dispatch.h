#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/random.h"
#include "models/base/registry.h"
#include "sim/scheduling/queue_discipline.h"
#include "sim/scheduling/server_state.h"
#include "sim/scheduling/tried_values.h"

namespace offcut::scheduling {

/// Chooses the server of a site that gets a request. Each server has a queue of its own. Each site
/// of a tier has an object of its own, so a rule may keep what it has decided.
class Dispatch {
 public:
  virtual ~Dispatch() = default;
  /// Returns the index of a server that is up. REQUIRES: one is.
  virtual std::size_t choose(std::span<const ServerState> servers, const Job& job, Seconds now,
                             RandomStream& stream) = 0;
};

/// A dispatch rule. Registered by one file of sim/scheduling/policies/dispatch/.
struct DispatchKind {
  static constexpr const char* kTitle = "dispatch rule";  // In messages.

  std::string name;
  std::string doc;
  std::vector<ParameterSpec> parameters;
  std::unique_ptr<Dispatch> (*make)(const Parameters&);
  std::vector<TriedValues> tries = {};  // Of its parameters, see TriedValues.
};

void register_dispatch(Registry<DispatchKind>& registry);

}  // namespace offcut::scheduling
