// `two-choices` draws a few different servers at random and chooses the one with the fewest
// requests; of equal ones, the one drawn first. Two draws give most of the benefit of looking at
// all servers (Mitzenmacher, IEEE Transactions on Parallel and Distributed Systems 12, 2001).

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>

#include "sim/scheduling/dispatch.h"

namespace offcut::scheduling {
namespace {

class TwoChoices : public Dispatch {
 public:
  explicit TwoChoices(std::size_t choices) : choices_(choices) {}

  std::size_t choose(std::span<const ServerState> servers, const Job&, Seconds,
                     RandomStream& stream) override {
    up_.clear();
    for (std::size_t i = 0; i < servers.size(); ++i) {
      if (servers[i].is_up) {
        up_.push_back(i);
      }
    }
    for (std::size_t i = 0; i < std::min(choices_, up_.size()); ++i) {
      const boost::random::uniform_int_distribution<std::size_t> rest(i, up_.size() - 1);
      std::swap(up_[i], up_[rest(stream)]);
      if (servers[up_[i]].jobs() < servers[up_[0]].jobs()) {
        std::swap(up_[i], up_[0]);
      }
    }
    return up_[0];
  }

 private:
  std::size_t choices_;
  std::vector<std::size_t> up_;  // Reused. Drawn servers come first, the best one foremost.
};

}  // namespace

void register_two_choices(Registry<DispatchKind>& registry) {
  registry.add({.name = "two-choices",
                .doc = "the server with the fewest requests among a few at random",
                .parameters = {{.name = "choices",
                                .is_whole = true,
                                .fallback = 2,
                                .least = 1,
                                .most = 1e6,
                                .doc = "number of servers to draw"}},
                .make = [](const Parameters& p) -> std::unique_ptr<Dispatch> {
                  return std::make_unique<TwoChoices>(static_cast<std::size_t>(p.at("choices")));
                }});
}

}  // namespace offcut::scheduling
