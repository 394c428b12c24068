// `fedasync`: each update changes the server at once: w = (1 - a) w + a w_i, where w_i is the
// client's own state. The mixing weight a falls with the staleness of the update.

#include <cmath>
#include <stdexcept>

#include "sim/training/aggregator.h"

namespace offcut::training {
namespace {

class AsynchronousMixing : public Aggregator {
 public:
  explicit AsynchronousMixing(const Parameters& parameters)
      : alpha_(parameters.at("alpha")),
        function_(parameters.text("staleness")),
        a_(parameters.at("a")),
        b_(parameters.at("b")),
        mu_(parameters.at("mu")) {}

  void prepare(std::size_t, LocalWork& work) override { work.proximity = mu_; }

  bool apply(std::span<const Update> updates, State& server) override {
    for (const Update& update : updates) {
      if (update.from == nullptr) {
        throw std::logic_error("fedasync: an update without the state that the client was sent");
      }
      const double weight = alpha_ * weight_of(static_cast<double>(update.staleness));
      for (std::size_t i = 0; i < server.size(); ++i) {
        const double own =
            static_cast<double>((*update.from)[i]) + static_cast<double>(update.change[i]);
        server[i] =
            static_cast<float>((1 - weight) * static_cast<double>(server[i]) + weight * own);
      }
    }
    return true;
  }

 private:
  double weight_of(double staleness) const {
    if (function_ == "polynomial") {
      return std::pow(staleness + 1, -a_);
    }
    return function_ == "hinge" && staleness > b_ ? 1 / (a_ * (staleness - b_) + 1) : 1;
  }

  double alpha_;
  std::string function_;
  double a_, b_, mu_;
};

}  // namespace

void register_fedasync(Registry<AggregatorKind>& registry) {
  registry.add(
      {.name = "fedasync",
       .doc = "w = (1 - alpha s) w + alpha s w_i, at each update, with s of its staleness",
       .citation = "Xie, Koyejo, Gupta, arXiv 1903.03934, 2019, algorithm 1 and section 5.2",
       .parameters = {{.name = "alpha",
                       .fallback = 0.6,
                       .most = 1,
                       .doc = "weight of an update that is not stale"},
                      {.name = "staleness",
                       .is_text = true,
                       .one_of = {"polynomial", "hinge", "constant"},
                       .doc =
                           "s of t versions: (t + 1)^-a; 1 up to b, then 1 / (a (t - b) + 1); 1"},
                      {.name = "a", .fallback = 0.5, .most = 1e6, .doc = "a of the staleness"},
                      {.name = "b", .fallback = 4, .most = 1e9, .doc = "b of the hinge"},
                      {.name = "mu",
                       .fallback = 0,
                       .most = 1e6,
                       .doc = "weight of the clients' term (mu / 2) |w - w_server|^2"}},
       .schedule = AggregatorKind::Schedule::asynchronous,
       .make = [](const Parameters& parameters,
                  const AggregatorSetting&) -> std::unique_ptr<Aggregator> {
         return std::make_unique<AsynchronousMixing>(parameters);
       }});
}

}  // namespace offcut::training
