// `hybrid` chooses the first server i with R_i > rho or L_i < lambda, where R_i is the free
// fraction of its cores and L_i the number of its requests, waiting or running, per core. If no
// server qualifies, it chooses the one with the smallest L_i; a tie is broken at random. This is a
// rule for dynamic scheduling between edge nodes: T_i = 1 if R_i > rho or L_i < lambda.

#include "sim/scheduling/dispatch.h"
#include "sim/scheduling/least.h"

namespace offcut::scheduling {
namespace {

class Hybrid : public Dispatch {
 public:
  Hybrid(double rho, double lambda) : rho_(rho), lambda_(lambda) {}

  std::size_t choose(std::span<const ServerState> servers, const Job&, Seconds,
                     RandomStream& stream) override {
    return first_or_least(
        servers,
        [this](const ServerState& server) {
          return server.free_share() > rho_ || server.load() < lambda_;
        },
        [](const ServerState& server) { return server.load(); }, stream);
  }

 private:
  double rho_;
  double lambda_;
};

}  // namespace

void register_hybrid(Registry<DispatchKind>& registry) {
  registry.add(
      {.name = "hybrid",
       .doc = "the first server with enough free cores or a small load",
       .parameters = {{.name = "rho",
                       .most = 1,
                       .doc = "a server qualifies with a larger free fraction of its cores"},
                      {.name = "lambda", .most = 1e9, .doc = "or with fewer requests per core"}},
       .make = [](const Parameters& p) -> std::unique_ptr<Dispatch> {
         return std::make_unique<Hybrid>(p.at("rho"), p.at("lambda"));
       },
       .tries = {{"rho", {0}}, {"lambda", {1}}}});
}

}  // namespace offcut::scheduling
