// `fedbuff`: the server adds up updates, each scaled by its staleness, and takes a step when the
// buffer is full. Running statistics take the mean of the buffer's changes.

#include <cmath>

#include "sim/training/server_sums.h"

namespace offcut::training {
namespace {

class BufferedServer : public Aggregator {
 public:
  BufferedServer(const Parameters& parameters, const Layout& layout)
      : buffer_(static_cast<std::int64_t>(parameters.at("buffer"))),
        rate_(parameters.at("server-rate")),
        is_scaled_(parameters.text("scaling") == "root"),
        weights_(layout.weights()),
        sum_(layout.size(), 0) {}

  bool apply(std::span<const Update> updates, State& server) override {
    bool has_changed = false;
    for (const Update& update : updates) {
      const double scale =
          is_scaled_ ? 1 / std::sqrt(1 + static_cast<double>(update.staleness)) : 1;
      for (std::size_t i = 0; i < sum_.size(); ++i) {
        sum_[i] += (i < weights_ ? scale : 1) * static_cast<double>(update.change[i]);
      }
      if (++held_ == buffer_) {
        const double count = static_cast<double>(held_);
        add_change(server, sum_, rate_ / count, 0, weights_);
        add_change(server, sum_, 1 / count, weights_, server.size());
        sum_.assign(sum_.size(), 0);
        held_ = 0;
        has_changed = true;
      }
    }
    return has_changed;
  }

  std::int64_t updates_per_state() const override { return buffer_; }

 private:
  std::int64_t buffer_;
  double rate_;
  bool is_scaled_;
  std::size_t weights_;
  std::vector<double> sum_;
  std::int64_t held_ = 0;
};

}  // namespace

void register_fedbuff(Registry<AggregatorKind>& registry) {
  registry.add(
      {.name = "fedbuff",
       .doc = "w += server-rate * 1 / K * sum of K changes / sqrt(1 + staleness)",
       .citation = "Nguyen et al., AISTATS 2022, algorithm 1",
       .parameters = {{.name = "buffer",
                       .is_whole = true,
                       .fallback = 10,
                       .least = 1,
                       .most = 1e6,
                       .doc = "updates of a step of the server"},
                      {.name = "server-rate",
                       .fallback = 1,
                       .most = 1e6,
                       .doc = "learning rate of the server"},
                      {.name = "scaling",
                       .is_text = true,
                       .one_of = {"root", "none"},
                       .doc =
                           "whether changes are divided by the root of their staleness and one"}},
       .schedule = AggregatorKind::Schedule::asynchronous,
       .make = [](const Parameters& parameters,
                  const AggregatorSetting& setting) -> std::unique_ptr<Aggregator> {
         return std::make_unique<BufferedServer>(parameters, setting.layout);
       }});
}

}  // namespace offcut::training
