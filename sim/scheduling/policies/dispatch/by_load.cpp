// `by-load` chooses the first server i with L_i < lambda, where L_i is the number of its requests,
// waiting or running, per core. If no server has so few, it chooses the one with the smallest L_i;
// a tie is broken at random. This is a rule for dynamic scheduling between edge nodes: T_i = 1 if
// L_i < lambda.

#include "sim/scheduling/dispatch.h"
#include "sim/scheduling/least.h"

namespace offcut::scheduling {
namespace {

class ByLoad : public Dispatch {
 public:
  explicit ByLoad(double lambda) : lambda_(lambda) {}

  std::size_t choose(std::span<const ServerState> servers, const Job&, Seconds,
                     RandomStream& stream) override {
    return first_or_least(
        servers, [this](const ServerState& server) { return server.load() < lambda_; },
        [](const ServerState& server) { return server.load(); }, stream);
  }

 private:
  double lambda_;
};

}  // namespace

void register_by_load(Registry<DispatchKind>& registry) {
  registry.add({.name = "by-load",
                .doc = "the first server with a small load",
                .parameters = {{.name = "lambda",
                                .most = 1e9,
                                .doc = "a server qualifies with fewer requests per core"}},
                .make = [](const Parameters& p) -> std::unique_ptr<Dispatch> {
                  return std::make_unique<ByLoad>(p.at("lambda"));
                },
                .tries = {{"lambda", {1}}}});
}

}  // namespace offcut::scheduling
