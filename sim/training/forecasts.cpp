// The common parts of closed forms: idle times of messages that begin together, and the mean of the
// slowest one of clients that are drawn at random.

#include "sim/training/forecasts.h"

#include <algorithm>
#include <stdexcept>

#include "sim/training/task_book.h"

namespace offcut::training {

Together::Together(const System& system, const std::vector<std::size_t>& clients)
    : system_(system), all_(clients.size()) {
  for (const std::size_t client : clients) {
    ++of_group_[system.group_of(client)];
  }
}

Together::Together(const System& system, const std::vector<std::size_t>& clients,
                   std::size_t at_once)
    : Together(system, clients) {
  all_ = std::min(all_, at_once);
  for (auto& [group, count] : of_group_) {
    count = std::min(count, at_once);
  }
}

Seconds Together::time(std::size_t device, std::size_t from, std::size_t to, Bytes bytes) const {
  const bool up = from < to;
  Seconds sum;
  for (std::size_t level = from; level != to; level = up ? level + 1 : level - 1) {
    const std::size_t hop = up ? level : level - 1;
    const auto group = of_group_.find(system_.group_of(device));
    const std::size_t count = hop > 0 ? all_ : group == of_group_.end() ? 1 : group->second;
    sum += system_.idle_time({.device = device, .hop = hop, .up = up, .bytes = bytes},
                             std::max<std::size_t>(count, 1));
  }
  return sum;
}

Seconds Together::busy_time(std::size_t device, std::size_t from, std::size_t to,
                            Bytes bytes) const {
  return time(device, from, to, bytes) - time(device, from, to, Bytes(0));
}

Seconds Together::ferry(std::size_t from, std::size_t to, Bytes bytes) const {
  const std::size_t level = meeting_level(system_, from, to);
  if (level == 0) {
    throw InputError({}, "devices that exchange messages need a common tier on their ways");
  }
  return time(from, 0, level, bytes) + time(to, level, 0, bytes);
}

double expected_largest(std::vector<double> values, std::size_t count) {
  if (values.empty() || count == 0) {
    return 0;
  }
  count = std::min(count, values.size());
  std::sort(values.begin(), values.end(), std::greater<>());
  // The largest of the draw is the largest of all with probability count / n, else the draw is one
  // from the rest.
  double sum = 0;
  double left = 1;
  for (std::size_t i = 0; i < values.size() && left > 0; ++i) {
    const std::size_t rest = values.size() - i;
    const double share = count >= rest ? 1 : static_cast<double>(count) / static_cast<double>(rest);
    sum += left * share * values[i];
    left *= 1 - share;
  }
  return sum;
}

RoundForecast forecast_of_slowest(const std::vector<ClientWay>& ways, std::size_t count) {
  RoundForecast forecast;
  std::vector<double> times;
  const ClientWay* slowest = nullptr;
  for (const ClientWay& way : ways) {
    times.push_back(way.all().si());
    if (slowest == nullptr || way.all() > slowest->all()) {
      slowest = &way;
    }
  }
  if (slowest == nullptr) {
    return forecast;
  }
  forecast.round = Seconds(expected_largest(times, count));
  const double scale = slowest->all() > Seconds(0) ? double(forecast.round / slowest->all()) : 1.0;
  forecast.compute = scale * slowest->compute;
  forecast.communication = scale * (slowest->down + slowest->up);
  return forecast;
}

}  // namespace offcut::training
