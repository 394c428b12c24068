// bounded-queue: rejects a request where `capacity` of them wait already. One that a free core
// takes at once needs no place in the queue, so a capacity of 0 is a loss system: Erlang's.

#include "sim/scheduling/admission.h"

namespace offcut::scheduling {
namespace {

class BoundedQueue : public Admission {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  bool admits(const ServerState& server, const Job&, Seconds) override {
    const bool at_once = server.is_up && server.waiting == 0 && server.busy < server.cores;
    return at_once || server.waiting < capacity_;
  }

 private:
  std::size_t capacity_;
};

}  // namespace

void register_bounded_queue(Registry<AdmissionKind>& registry) {
  registry.add({.name = "bounded-queue",
                .doc = "rejects what would wait behind too many",
                .parameters = {{.name = "capacity",
                                .is_whole = true,
                                .most = 1e9,
                                .doc = "requests that wait at most"}},
                .make = [](const Parameters& p) -> std::unique_ptr<Admission> {
                  return std::make_unique<BoundedQueue>(static_cast<std::size_t>(p.at("capacity")));
                }});
}

}  // namespace offcut::scheduling
