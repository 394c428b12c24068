// `scaffold`: control variates correct the drift of clients whose data differ. A client adds
// c - c_i to its gradients; after K steps with the rate r, its variate becomes
// c_i - c + (w_server - w_i) / (K r), option II of the paper. The server takes the uniform mean
// over the selected clients, and adds the share of these in all to its variate. A client's variate
// changes only when its update counts, so that c stays the mean of all c_i.

#include <map>

#include "sim/training/server_sums.h"

namespace offcut::training {
namespace {

class Scaffold : public Aggregator {
 public:
  Scaffold(double rate, const AggregatorSetting& setting)
      : rate_(rate),
        size_(setting.layout.size()),
        weights_(setting.layout.weights()),
        share_(setting.layout.share_of_weights()),
        clients_(static_cast<double>(setting.clients)),
        control_(weights_, 0) {}

  void prepare(std::size_t client, LocalWork& work) override {
    State& correction = corrections_[client];
    correction.assign(size_, 0);
    const State* const own = variate_of(client);
    for (std::size_t i = 0; i < weights_; ++i) {
      correction[i] = static_cast<float>(control_[i] - (own ? static_cast<double>((*own)[i]) : 0));
    }
    work.correction = &correction;
  }

  void finish(std::size_t, const LocalWork& work, const State& from, const LocalResult& result,
              Update& update) override {
    update.control.assign(weights_, 0);
    const double length = static_cast<double>(result.steps) * work.rate;
    if (!(length > 0)) {
      return;
    }
    for (std::size_t i = 0; i < weights_; ++i) {
      const double moved = static_cast<double>(from[i]) - static_cast<double>(result.state[i]);
      update.control[i] = static_cast<float>(moved / length - control_at_start(work, update, i));
    }
  }

  bool apply(std::span<const Update> updates, State& server) override {
    const std::vector<double> change = mean_change(updates, equal_weight);
    add_change(server, change, rate_, 0, weights_);
    add_change(server, change, 1, weights_, server.size());  // Running statistics.
    for (const Update& update : updates) {
      if (update.control.empty()) {
        continue;
      }
      State& own = variates_[update.client];
      own.resize(weights_, 0);
      for (std::size_t i = 0; i < weights_; ++i) {
        own[i] += update.control[i];
        control_[i] += static_cast<double>(update.control[i]) / clients_;
      }
      corrections_.erase(update.client);
    }
    return true;
  }

  double extra_down() const override { return share_; }
  double extra_up() const override { return share_; }

 private:
  const State* variate_of(std::size_t client) const {
    const auto it = variates_.find(client);
    return it == variates_.end() ? nullptr : &it->second;
  }
  /// The server's variate that the client was sent: its correction and its own variate.
  double control_at_start(const LocalWork& work, const Update& update, std::size_t i) const {
    const State* const own = variate_of(update.client);
    return static_cast<double>((*work.correction)[i]) + (own ? static_cast<double>((*own)[i]) : 0);
  }

  double rate_;
  std::size_t size_, weights_;
  double share_;  // Of the weights, in the bytes of a state.
  double clients_;
  std::vector<double> control_;
  std::map<std::size_t, State> variates_;     // Of clients; zeros until their first update.
  std::map<std::size_t, State> corrections_;  // Of clients at work.
};

}  // namespace

void register_scaffold(Registry<AggregatorKind>& registry) {
  registry.add({.name = "scaffold",
                .doc =
                    "gradients corrected by control variates c - c_i; w += server-rate * 1 / m * "
                    "sum (w_i - w)",
                .citation = "Karimireddy et al., ICML 2020, algorithm 1, option II",
                .parameters = {{.name = "server-rate",
                                .fallback = 1,
                                .most = 1e6,
                                .doc = "learning rate of the server"}},
                .make = [](const Parameters& parameters,
                           const AggregatorSetting& setting) -> std::unique_ptr<Aggregator> {
                  return std::make_unique<Scaffold>(parameters.at("server-rate"), setting);
                }});
}

}  // namespace offcut::training
