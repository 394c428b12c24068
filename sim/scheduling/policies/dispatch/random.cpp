// `random` chooses any server that is up, all with the same probability.

#include <boost/random/uniform_int_distribution.hpp>

#include "sim/scheduling/dispatch.h"

namespace offcut::scheduling {
namespace {

class Random : public Dispatch {
 public:
  std::size_t choose(std::span<const ServerState> servers, const Job&, Seconds,
                     RandomStream& stream) override {
    const boost::random::uniform_int_distribution<std::size_t> any(0, servers.size() - 1);
    std::size_t chosen = any(stream);
    while (!servers[chosen].is_up) {
      chosen = any(stream);
    }
    return chosen;
  }
};

}  // namespace

void register_random(Registry<DispatchKind>& registry) {
  registry.add({.name = "random",
                .doc = "any server",
                .make = [](const Parameters&) -> std::unique_ptr<Dispatch> {
                  return std::make_unique<Random>();
                }});
}

}  // namespace offcut::scheduling
