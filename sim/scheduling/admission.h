#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"
#include "sim/scheduling/queue_discipline.h"
#include "sim/scheduling/server_state.h"
#include "sim/scheduling/tried_values.h"

namespace offcut::scheduling {

/// Decides whether a tier takes a request. Each of the tier's queues has an object of its own.
class Admission {
 public:
  virtual ~Admission() = default;
  /// Returns whether the request is taken. `server` is the one that it would go to.
  virtual bool admits(const ServerState& server, const Job& job, Seconds now) = 0;
};

/// An admission rule. Registered by one file of sim/scheduling/policies/admission/.
struct AdmissionKind {
  static constexpr const char* kTitle = "admission rule";  // In messages.

  std::string name;
  std::string doc;
  std::vector<ParameterSpec> parameters;
  std::unique_ptr<Admission> (*make)(const Parameters&);
  std::vector<TriedValues> tries = {};  // Of its parameters, see TriedValues.
};

void register_admission(Registry<AdmissionKind>& registry);

}  // namespace offcut::scheduling
