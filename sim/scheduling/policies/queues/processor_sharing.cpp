// `processor-sharing` serves all requests at once, in equal shares of the server, as a machine
// serves its threads (Kleinrock, Journal of the ACM 14, 1967).

#include "sim/scheduling/queue_discipline.h"

namespace offcut::scheduling {

void register_processor_sharing(Registry<QueueKind>& registry) {
  registry.add({.name = "processor-sharing",
                .doc = "all at once, each with an equal share of the server",
                .shares = true});
}

}  // namespace offcut::scheduling
