// `sticky` gives each device a server of its own; while that is down, the next one serves it.

#include "sim/scheduling/dispatch.h"

namespace offcut::scheduling {
namespace {

class Sticky : public Dispatch {
 public:
  std::size_t choose(std::span<const ServerState> servers, const Job& job, Seconds /*now*/,
                     RandomStream& /*stream*/) override {
    std::size_t server = job.device % servers.size();
    while (!servers[server].is_up) {  // One of them is up.
      server = (server + 1) % servers.size();
    }
    return server;
  }
};

}  // namespace

void register_sticky(Registry<DispatchKind>& registry) {
  registry.add({.name = "sticky",
                .doc = "always the same server for a device",
                .make = [](const Parameters&) -> std::unique_ptr<Dispatch> {
                  return std::make_unique<Sticky>();
                }});
}

}  // namespace offcut::scheduling
