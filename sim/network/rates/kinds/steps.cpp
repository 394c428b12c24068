// `steps` is a schedule: the link's own bandwidths hold until the first time, and from each time on
// those that stand beside it. With a period, the schedule begins again; otherwise the last
// bandwidths hold for good.

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "sim/network/rates/rate_kind.h"
#include "sim/network/rates/stepped.h"

namespace offcut::network {
namespace {

class Schedule final : public RateModel {
 public:
  Schedule(std::vector<double> times, std::vector<double> up, std::vector<double> down,
           double period)
      : times_(std::move(times)), up_(std::move(up)), down_(std::move(down)), period_(period) {}

  Rate rate(const LinkFigures& link) const override {
    return values(link.upwards).empty()
               ? Rate(link.bandwidth * link.payload)
               : Rate(std::make_shared<Stepped>(
                     steps(link.upwards, link.bandwidth, link.payload),
                     period_ > 0 ? Stepped::AtEnd::repeat : Stepped::AtEnd::hold));
  }
  double mean(bool upwards, double bandwidth) const override {
    return values(upwards).empty() ? bandwidth : steps(upwards, bandwidth, 1)->mean();
  }
  bool is_common() const override { return true; }

 private:
  const std::vector<double>& values(bool upwards) const { return upwards ? up_ : down_; }

  std::shared_ptr<const Steps> steps(bool upwards, double bandwidth, double payload) const {
    std::vector<double> from = times_, all = values(upwards);
    if (from.front() > 0) {
      from.insert(from.begin(), 0);
      all.insert(all.begin(), bandwidth);
    }
    for (double& value : all) {
      value *= payload;
    }
    // Without a period, the mean counts the last bandwidth for as long as the one before it.
    const double last = from.size() > 1 ? from.back() - from[from.size() - 2] : 1;
    return std::make_shared<Steps>(from, std::move(all),
                                   period_ > 0 ? period_ : from.back() + last);
  }

  std::vector<double> times_, up_, down_;
  double period_;
};

std::unique_ptr<const RateModel> make_steps(const Parameters& p) {
  const std::vector<double>& times = p.list("at");
  const double period = p.at("period");
  if (times.empty()) {
    throw std::invalid_argument("at: expected at least one time");
  }
  if (std::adjacent_find(times.begin(), times.end(), std::greater_equal<>()) != times.end()) {
    throw std::invalid_argument("at: expected times in ascending order");
  }
  if (period > 0 && period <= times.back()) {
    throw std::invalid_argument("period: must be after the last time of 'at'");
  }
  for (const char* name : {"up", "down"}) {
    const std::vector<double>& values = p.list(name);
    if (!values.empty() && values.size() != times.size()) {
      throw std::invalid_argument(
          fmt::format("{}: expected a bandwidth for each time of 'at'", name));
    }
    if (!values.empty() && period <= 0 && values.back() <= 0) {
      throw std::invalid_argument(
          fmt::format("{}: the last bandwidth would be 0 for good; expected a period", name));
    }
    if (!values.empty() && times.front() <= 0 &&
        std::none_of(values.begin(), values.end(), [](double value) { return value > 0; })) {
      throw std::invalid_argument(fmt::format("{}: expected a bandwidth above 0", name));
    }
  }
  if (p.list("up").empty() && p.list("down").empty()) {
    throw std::invalid_argument("at: expected 'up' or 'down' beside it");
  }
  return std::make_unique<Schedule>(times, p.list("up"), p.list("down"), period);
}

}  // namespace

void register_steps(Registry<RateKind>& registry) {
  const auto bandwidths = [](const char* name) {
    return ParameterSpec{.name = name,
                         .dimension = Dimension::bandwidth,
                         .is_list = true,
                         .most = 1e15,
                         .doc = fmt::format("the bandwidths {} from these times on; none: the "
                                            "link's own",
                                            name)};
  };
  registry.add({.name = "steps",
                .doc = "a schedule of bandwidths",
                .parameters = {{.name = "at",
                                .dimension = Dimension::time,
                                .is_list = true,
                                .most = 1e9,
                                .doc = "times, in ascending order"},
                               bandwidths("up"),
                               bandwidths("down"),
                               {.name = "period",
                                .dimension = Dimension::time,
                                .fallback = 0,
                                .most = 1e9,
                                .doc = "time after which the schedule begins again; 0: never"}},
                .make = make_steps});
}

}  // namespace offcut::network
