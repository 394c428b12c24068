// `deadline` rejects a request that is predicted to be late, now + wait + service + rest >
// deadline, since it would only delay those that can be in time. The wait is the server's predicted
// work, or 0 while a core is free: the time that batching lets a free core wait for more requests
// is unknown.

#include "sim/scheduling/admission.h"

namespace offcut::scheduling {
namespace {

class Deadline : public Admission {
 public:
  bool admits(const ServerState& server, const Job& job, Seconds now) override {
    const Seconds wait = server.busy < server.cores ? Seconds(0) : server.work(now);
    return now + wait + job.service + job.rest <= job.deadline;
  }
};

}  // namespace

void register_deadline(Registry<AdmissionKind>& registry) {
  registry.add({.name = "deadline",
                .doc = "rejects a request that is predicted to be late",
                .make = [](const Parameters&) -> std::unique_ptr<Admission> {
                  return std::make_unique<Deadline>();
                }});
}

}  // namespace offcut::scheduling
