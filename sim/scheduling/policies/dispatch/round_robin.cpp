// `round-robin` chooses one server after the other and skips those that are down.

#include "sim/scheduling/dispatch.h"

namespace offcut::scheduling {
namespace {

class RoundRobin : public Dispatch {
 public:
  std::size_t choose(std::span<const ServerState> servers, const Job&, Seconds,
                     RandomStream&) override {
    std::size_t chosen = next_ % servers.size();
    while (!servers[chosen].is_up) {
      chosen = (chosen + 1) % servers.size();
    }
    next_ = chosen + 1;
    return chosen;
  }

 private:
  std::size_t next_ = 0;
};

}  // namespace

void register_round_robin(Registry<DispatchKind>& registry) {
  registry.add({.name = "round-robin",
                .doc = "one server after the other",
                .make = [](const Parameters&) -> std::unique_ptr<Dispatch> {
                  return std::make_unique<RoundRobin>();
                }});
}

}  // namespace offcut::scheduling
