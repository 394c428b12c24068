#include "sim/engine/simulation.h"

namespace offcut::engine {

bool shares(const Tier& tier) {
  return tier.scheduling.queue && tier.scheduling.queue.kind->shares;
}

}  // namespace offcut::engine
