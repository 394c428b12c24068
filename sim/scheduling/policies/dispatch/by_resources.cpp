// `by-resources` chooses the first server i with R_i > rho, where R_i is the free fraction of its
// cores. If no server has so many free, it chooses the one with the largest R_i; a tie is broken at
// random. This is a rule for dynamic scheduling between edge nodes: T_i = 1 if R_i > rho.

#include "sim/scheduling/dispatch.h"
#include "sim/scheduling/least.h"

namespace offcut::scheduling {
namespace {

class ByResources : public Dispatch {
 public:
  explicit ByResources(double rho) : rho_(rho) {}

  std::size_t choose(std::span<const ServerState> servers, const Job&, Seconds,
                     RandomStream& stream) override {
    return first_or_least(
        servers, [this](const ServerState& server) { return server.free_share() > rho_; },
        [](const ServerState& server) { return -server.free_share(); }, stream);
  }

 private:
  double rho_;
};

}  // namespace

void register_by_resources(Registry<DispatchKind>& registry) {
  registry.add(
      {.name = "by-resources",
       .doc = "the first server with enough free cores",
       .parameters = {{.name = "rho",
                       .most = 1,
                       .doc = "a server qualifies with a larger free fraction of its cores"}},
       .make = [](const Parameters& p) -> std::unique_ptr<Dispatch> {
         return std::make_unique<ByResources>(p.at("rho"));
       },
       .tries = {{"rho", {0}}}});
}

}  // namespace offcut::scheduling
