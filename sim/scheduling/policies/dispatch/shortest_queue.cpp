// `shortest-queue` chooses the server with the fewest requests, waiting or running; a tie is broken
// at random (Winston, Journal of Applied Probability 14, 1977: optimal for exponential service).

#include "sim/scheduling/dispatch.h"
#include "sim/scheduling/least.h"

namespace offcut::scheduling {
namespace {

class ShortestQueue : public Dispatch {
 public:
  std::size_t choose(std::span<const ServerState> servers, const Job&, Seconds,
                     RandomStream& stream) override {
    return least(
        servers, [](const ServerState& server) { return server.jobs(); }, stream);
  }
};

}  // namespace

void register_shortest_queue(Registry<DispatchKind>& registry) {
  registry.add({.name = "shortest-queue",
                .doc = "the server with the fewest requests",
                .make = [](const Parameters&) -> std::unique_ptr<Dispatch> {
                  return std::make_unique<ShortestQueue>();
                }});
}

}  // namespace offcut::scheduling
