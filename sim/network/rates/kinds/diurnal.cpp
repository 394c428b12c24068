// `diurnal` rises and falls over the day: the bandwidth is the link's times
//   1 + amplitude cos(2 pi (t - peak) / period),
// in 96 steps a period, each of which has the mean over its time. So the mean over a period is the
// link's bandwidth.

#include <algorithm>
#include <cmath>
#include <numbers>

#include "sim/network/rates/rate_kind.h"
#include "sim/network/rates/stepped.h"

namespace offcut::network {
namespace {

constexpr int kStepsOfPeriod = 96;  // A quarter of an hour of a day.

class Diurnal final : public RateModel {
 public:
  Diurnal(double amplitude, double period, double peak)
      : amplitude_(amplitude), period_(period), peak_(peak) {}

  Rate rate(const LinkFigures& link) const override {
    std::vector<double> from, values;
    for (int step = 0; step < kStepsOfPeriod; ++step) {
      from.push_back(period_ * step / kStepsOfPeriod);
      values.push_back(link.bandwidth * link.payload * std::max(mean_of_step(step), 0.0));
    }
    return Rate(std::make_shared<Stepped>(
        std::make_shared<Steps>(std::move(from), std::move(values), period_),
        Stepped::AtEnd::repeat));
  }
  bool is_common() const override { return true; }

 private:
  double mean_of_step(int step) const {
    const auto angle = [&](int end) {
      return 2 * std::numbers::pi * (double(end) / kStepsOfPeriod - peak_ / period_);
    };
    const double length = 2 * std::numbers::pi / kStepsOfPeriod;
    return 1 + amplitude_ * (std::sin(angle(step + 1)) - std::sin(angle(step))) / length;
  }

  double amplitude_, period_, peak_;
};

}  // namespace

void register_diurnal(Registry<RateKind>& registry) {
  registry.add({.name = "diurnal",
                .doc = "bandwidths that rise and fall with the time of day",
                .parameters = {{.name = "amplitude",
                                .most = 1,
                                .doc = "amplitude of the bandwidth, as a fraction of its mean"},
                               {.name = "period",
                                .dimension = Dimension::time,
                                .fallback = 86'400,
                                .least = 1e-3,
                                .most = 1e9,
                                .doc = "time from peak to peak"},
                               {.name = "peak",
                                .dimension = Dimension::time,
                                .fallback = 0,
                                .most = 1e9,
                                .doc = "a time at which the bandwidth is highest"}},
                .make = [](const Parameters& p) -> std::unique_ptr<const RateModel> {
                  return std::make_unique<Diurnal>(p.at("amplitude"), p.at("period"), p.at("peak"));
                }});
}

}  // namespace offcut::network
