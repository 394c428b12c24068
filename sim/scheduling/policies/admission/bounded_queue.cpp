// `bounded-queue` rejects a request if `capacity` requests wait already. A request that a free core
// takes at once needs no place in the queue, so a capacity of 0 is Erlang's loss system.

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
                .doc = "rejects a request if too many wait already",
                .parameters = {{.name = "capacity",
                                .is_whole = true,
                                .most = 1e9,
                                .doc = "the largest number of waiting requests"}},
                .make = [](const Parameters& p) -> std::unique_ptr<Admission> {
                  return std::make_unique<BoundedQueue>(static_cast<std::size_t>(p.at("capacity")));
                },
                .tries = {{"capacity", {4, 16}}}});
}

}  // namespace offcut::scheduling
