// `least-work` chooses the server that would finish its present requests first, by predicted times,
// or of unlike servers the one that would finish the new request first; a tie is broken at random.

#include "sim/scheduling/dispatch.h"
#include "sim/scheduling/least.h"

namespace offcut::scheduling {
namespace {

class LeastWork : public Dispatch {
 public:
  std::size_t choose(std::span<const ServerState> servers, const Job& job, Seconds now,
                     RandomStream& stream) override {
    return least(
        servers,
        [&](const ServerState& server) {
          const Seconds own = server.kind != nullptr ? job.service_on(server) : Seconds(0);
          return server.work(now) + own;
        },
        stream);
  }
};

}  // namespace

void register_least_work(Registry<DispatchKind>& registry) {
  registry.add({.name = "least-work",
                .doc = "the server with the least predicted work",
                .make = [](const Parameters&) -> std::unique_ptr<Dispatch> {
                  return std::make_unique<LeastWork>();
                }});
}

}  // namespace offcut::scheduling
