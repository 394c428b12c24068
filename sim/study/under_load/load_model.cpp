// Follows the streams of requests over tiers and hops and predicts each station on the way. Of the
// sites of a tier, and of the uplinks of devices, it predicts one that is fully used.

#include "sim/study/under_load/load_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/theory/queueing.h"
#include "sim/engine/core/legs.h"
#include "sim/engine/tiers/noise.h"
#include "sim/scenario/policy_text.h"
#include "sim/study/under_load/policy_probe.h"

namespace offcut::study {
namespace {

Strain no_strain(std::size_t tiers, std::size_t hops) {
  return {std::vector<double>(tiers, 1), std::vector<double>(hops, 1),
          std::vector<double>(hops, 1)};
}

/// Returns the seconds that all requests wait, per second.
double total_wait(const std::vector<Stream>& streams, const SystemLoad& load) {
  double sum = 0;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    sum += streams[i].rate.si() * load.streams[i].wait.si();
  }
  return sum;
}

const scheduling::Scheduling kFirstCome{};

}  // namespace

/// One prediction: the state of all streams on their way.
class LoadPath {
 public:
  LoadPath(const LoadModel& model, const SystemChoice& choice, const Strain& strain)
      : model_(model),
        scenario_(model.experiment_.scenario),
        attachment_(engine::attachment_of(scenario_.tiers, scenario_.hops, scenario_.groups)),
        choice_(choice),
        strain_(strain) {
    const std::size_t tiers = scenario_.tiers.size();
    const std::size_t hops = scenario_.hops.size();
    load_.tier_load = load_.tier_work = std::vector<double>(tiers);
    load_.up_load = load_.up_work = load_.down_load = load_.down_work = std::vector<double>(hops);
    for (const Stream& stream : model_.streams_) {
      passing_.push_back({stream.rate, stream.scv, static_cast<double>(stream.device_count)});
      load_.streams.push_back({.idle = cost(stream).latency(),
                               .tier_wait = std::vector<Seconds>(tiers),
                               .up_wait = std::vector<Seconds>(hops),
                               .down_wait = std::vector<Seconds>(hops)});
    }
  }

  SystemLoad follow() {
    for (std::size_t tier = 0; tier < scenario_.tiers.size(); ++tier) {
      if (tier < scenario_.groups) {
        on_devices(tier);
      } else {
        on_tier(tier);
      }
      each_hop_from(tier, [&](std::size_t hop) { upwards(hop); });
    }
    for (std::size_t tier = scenario_.tiers.size(); tier-- > 0;) {
      each_hop_from(tier, [&](std::size_t hop) { downwards(hop); });
    }
    return std::move(load_);
  }

 private:
  struct Passing {
    PerSecond rate;      // Of requests that are still on their way.
    double scv = 1;      // Of the gaps of one of its sources.
    double sources = 1;  // Independent ones: devices, and later sites.
  };
  using Numbers = std::vector<std::size_t>;  // Of streams.

  const Cut& cut(const Stream& stream) const { return *choice_.cuts[stream.model]; }
  const partition::Cost& cost(const Stream& stream) const { return cut(stream).plan.cost; }
  const Stream& stream(std::size_t number) const { return model_.streams_[number]; }

  /// Returns the number that a tier or hop has on the way of those requests that use it.
  std::size_t level(std::size_t tier_or_hop) const {
    return engine::level_of(tier_or_hop, scenario_.groups);
  }
  /// Returns whether requests of the stream may use the tier or hop.
  bool passes(std::size_t number, std::size_t tier_or_hop) const {
    return tier_or_hop >= scenario_.groups || stream(number).group == tier_or_hop;
  }
  const engine::Stage& stage(std::size_t number, std::size_t tier) const {
    return cut(stream(number)).itinerary.stages[level(tier)];
  }
  engine::Link::Ends ends(std::size_t hop) const {
    return engine::ends_of(scenario_.hops[hop], hop, scenario_.groups);
  }
  bool leaves_devices(std::size_t hop) const { return ends(hop).from < scenario_.groups; }
  template <class Visit>
  void each_hop_from(std::size_t tier, Visit visit) const {
    for (std::size_t hop = 0; hop < scenario_.hops.size(); ++hop) {
      if (ends(hop).from == tier) {
        visit(hop);
      }
    }
  }

  /// Returns the message of the stream's requests over the hop.
  std::optional<Cut::Message> message(std::size_t number, std::size_t hop, bool up) const {
    return passes(number, hop) ? cut(stream(number)).message(level(hop), up) : std::nullopt;
  }
  /// Returns the time that a message needs alone.
  Seconds alone(std::size_t number, const Cut::Message& message, bool up) const {
    Seconds time;
    for (const std::size_t hop : message.hops) {
      const std::size_t at = engine::number_of(hop, stream(number).group, scenario_.groups);
      time = std::max(time, message.bytes / rate(at, up));
    }
    return time;
  }
  BytesPerSecond rate(std::size_t hop, bool up) const { return scenario_.hops[hop].hop.rate(up); }

  /// Returns a request of the stream as the policies of the tier see it, if it comes there at 0.
  scheduling::Job job_at(std::size_t number, std::size_t tier) const {
    const Stream& requests = stream(number);
    const partition::Cost& idle = cost(requests);
    const scenario::ClassChoice& choice = scenario_.classes[requests.request_class];
    Seconds elapsed = level(tier) > 0 ? Seconds(0) - idle.tail : Seconds(0);
    for (std::size_t i = 0; i < level(tier); ++i) {
      elapsed += idle.compute[i];
    }
    for (std::size_t hop = 0; hop < idle.up_time.size(); ++hop) {
      const std::size_t at = engine::number_of(hop, requests.group, scenario_.groups);
      elapsed += ends(at).to <= tier ? idle.up_time[hop] : Seconds(0);
    }
    const Seconds service = stage(number, tier).service.front();
    return {.device = requests.devices.first,
            .request_class = requests.request_class,
            .priority = choice.priority,
            .service = service,
            .rest = idle.latency() - elapsed - service,
            .deadline = choice.deadline - elapsed};
  }

  /// Returns the variability of several streams at a station to which a share of each comes, and so
  /// that share of its sources.
  template <class ShareOf>
  double merged(const Numbers& numbers, ShareOf share_of, double load) const {
    double rate = 0, scv = 0, squares = 0;
    for (const std::size_t i : numbers) {
      rate += passing_[i].rate.si() * share_of(i);
    }
    for (const std::size_t i : numbers) {
      const double part = passing_[i].rate.si() * share_of(i) / rate;
      scv += part * passing_[i].scv;
      squares += part * part / std::max(1.0, passing_[i].sources * share_of(i));
    }
    return analysis::merged_scv(scv, std::max(1.0, 1 / squares), std::min(load, 1.0));
  }

  Station station_of(std::size_t tier, std::size_t servers) const {
    const scheduling::Scheduling& policies = (*choice_.scheduling)[tier];
    const std::size_t cores = scenario_.tiers[tier].cores;
    return {.servers = servers,
            .cores = cores,
            .dispatch_gap = model_.dispatch_gap_of(policies, servers, cores),
            .policies = &policies,
            .horizon = model_.horizon_};
  }

  JobFlow flow_at(std::size_t number, std::size_t tier, double share) const {
    JobFlow flow{.rate = passing_[number].rate * share,
                 .service = stage(number, tier).service,
                 .cv = engine::deviation(scenario_.tiers[tier].noise),
                 .job = job_at(number, tier)};
    for (Seconds& service : flow.service) {
      service = service * strain_.tier[tier];
    }
    return flow;
  }

  /// Adds the result for one flow of a stream.
  void add(std::size_t number, std::size_t tier, const JobFlow& flow, const StationLoad& result,
           std::size_t index) {
    StreamDelay& delay = load_.streams[number];
    const double service = flow.service.front().si();
    delay.tier_wait[tier] += result.wait[index];
    delay.wait += result.wait[index];
    delay.variance += result.variance[index] + service * service * flow.cv * flow.cv;
    delay.lost += (1 - delay.lost) * result.loss[index];
    load_.tier_work[tier] += passing_[number].rate.si() * service;
  }

  void leave(const Numbers& numbers, const StationLoad& result, double departures) {
    double rate = 0;
    for (const std::size_t i : numbers) {
      rate += passing_[i].rate.si();
    }
    for (std::size_t index = 0; index < numbers.size(); ++index) {
      Passing& passing = passing_[numbers[index]];
      const double part = passing.rate.si() / rate;  // A random part (Whitt 1983, eq. 36).
      passing.scv = part * departures + 1 - part;
      passing.rate = passing.rate * (1 - result.loss[index]);
    }
  }

  /// Predicts a device of the group.
  void on_devices(std::size_t group) {
    const double share = share_of_device(group);
    Numbers numbers, owners;  // Of streams, and of the flows, which may be tails.
    std::vector<JobFlow> flows;
    for (std::size_t i = 0; i < passing_.size(); ++i) {
      if (!passes(i, group)) {
        continue;
      }
      const engine::Stage& work = stage(i, group);
      if (work.service.front() > Seconds(0)) {
        flows.push_back(flow_at(i, group, share));
        owners.push_back(i);
      }
      if (work.tail > Seconds(0)) {
        flows.push_back(flow_at(i, group, share));
        flows.back().service = {work.tail * strain_.tier[group]};
        owners.push_back(i);
      }
      if (work.service.front() > Seconds(0) || work.tail > Seconds(0)) {
        numbers.push_back(i);
      }
    }
    if (numbers.empty()) {
      return;
    }
    Station device = station_of(group, 1);
    device.arrival_scv = merged(
        numbers, [&](std::size_t) { return share; }, offered(flows, device));
    const StationLoad result = predict_station(device, flows);
    for (std::size_t k = 0; k < flows.size(); ++k) {
      add(owners[k], group, flows[k], result, k);
    }
    load_.tier_load[group] = result.load;
    if (owners == numbers) {
      leave(numbers, result, result.departure_scv);
    }
  }

  double share_of_device(std::size_t group) const {
    return 1 / static_cast<double>(scenario_.tiers[group].servers);
  }
  /// Returns the share of a group's devices that so many of them are.
  double share_of_devices(std::size_t group, std::size_t devices) const {
    return std::min(1.0, static_cast<double>(devices) * share_of_device(group));
  }

  static double offered(const std::vector<JobFlow>& flows, const Station& station) {
    return std::accumulate(flows.begin(), flows.end(), 0.0,
                           [](double sum, const JobFlow& flow) {
                             return sum + flow.rate.si() * flow.service.front().si();
                           }) /
           static_cast<double>(station.all_cores());
  }

  /// Predicts one site of a tier, that of the first devices.
  void on_tier(std::size_t tier) {
    Numbers numbers;
    for (std::size_t i = 0; i < passing_.size(); ++i) {
      const engine::Stage& work = stage(i, tier);
      if (work.used && work.service.front() > Seconds(0) && passing_[i].rate > PerSecond(0)) {
        numbers.push_back(i);
      }
    }
    if (numbers.empty()) {
      return;
    }
    const auto share_of = [&](std::size_t number) {
      const std::size_t group = stream(number).group;
      return share_of_devices(group, attachment_.devices_per_site(tier, group));
    };
    Station site = station_of(tier, attachment_.servers_per_site(tier));
    std::vector<JobFlow> flows;
    for (const std::size_t i : numbers) {
      flows.push_back(flow_at(i, tier, share_of(i)));
    }
    site.arrival_scv = merged(numbers, share_of, offered(flows, site));
    const StationLoad result = predict_station(site, flows);
    for (std::size_t k = 0; k < numbers.size(); ++k) {
      add(numbers[k], tier, flows[k], result, k);
      passing_[numbers[k]].sources = static_cast<double>(attachment_.sites(tier));
    }
    load_.tier_load[tier] = result.load;
    leave(numbers, result, result.departure_scv);
  }

  /// A flow of messages of which `share` cross a link of that rate.
  JobFlow messages(std::size_t number, double share, Bytes bytes, BytesPerSecond rate,
                   double strain) const {
    return {.rate = passing_[number].rate * share, .service = {bytes / rate * strain}};
  }

  /// Adds the waits of messages in one direction of a hop that share a link with `cores` times the
  /// rate of one of them. Returns the waits.
  std::vector<Seconds> share_link(const Numbers& numbers, const std::vector<JobFlow>& flows,
                                  std::size_t cores, bool up, std::size_t hop) {
    Station link{.cores = cores, .horizon = model_.horizon_};
    const StationLoad result = predict_sharing(link, flows);
    double& highest = (up ? load_.up_load : load_.down_load)[hop];
    highest = std::max(highest, result.load);
    for (std::size_t k = 0; k < numbers.size(); ++k) {
      StreamDelay& delay = load_.streams[numbers[k]];
      (up ? delay.up_wait : delay.down_wait)[hop] += result.wait[k];
      delay.wait += result.wait[k];
      delay.variance += result.variance[k];
    }
    return result.wait;
  }

  /// Adds the waits in the lines of messages of a group's devices, which send one after another:
  /// `flows` are those of one device.
  void line_up(const Numbers& numbers, const std::vector<JobFlow>& flows, std::size_t hop) {
    const std::size_t group = ends(hop).from;
    Station line{.policies = &kFirstCome, .horizon = model_.horizon_};
    line.arrival_scv = merged(
        numbers, [&](std::size_t) { return share_of_device(group); }, offered(flows, line));
    const StationLoad result = predict_station(line, flows);
    load_.up_load[hop] = std::max(load_.up_load[hop], result.load);
    for (std::size_t k = 0; k < numbers.size(); ++k) {
      StreamDelay& delay = load_.streams[numbers[k]];
      delay.up_wait[hop] += result.wait[k];
      delay.wait += result.wait[k];
      delay.variance += result.variance[k];
    }
    leave(numbers, result, result.departure_scv);
  }

  /// Returns the streams whose messages cross the hop in that direction.
  Numbers crossing_streams(std::size_t hop, bool up) const {
    Numbers numbers;
    for (std::size_t i = 0; i < passing_.size(); ++i) {
      const std::optional<Cut::Message> sent = message(i, hop, up);
      if (sent && sent->bytes > Bytes(0) && passing_[i].rate > PerSecond(0)) {
        numbers.push_back(i);
      }
    }
    return numbers;
  }

  std::vector<JobFlow> all_messages(const Numbers& numbers, std::size_t hop, bool up,
                                    BytesPerSecond rate) {
    std::vector<JobFlow> flows;
    for (const std::size_t i : numbers) {
      flows.push_back(
          messages(i, 1, message(i, hop, up)->bytes, rate, (up ? strain_.up : strain_.down)[hop]));
      (up ? load_.up_work : load_.down_work)[hop] += flows.back().rate * flows.back().service[0];
    }
    return flows;
  }

  static std::vector<JobFlow> thinned(std::vector<JobFlow> flows, double share) {
    for (JobFlow& flow : flows) {
      flow.rate = flow.rate * share;
    }
    return flows;
  }

  /// Adds the waits at the uplinks of a group of devices. `flows` are all messages, at
  /// `rate`. Returns the waits.
  std::vector<Seconds> share_uplink(const Numbers& numbers, std::vector<JobFlow> flows,
                                    BytesPerSecond rate, bool up, std::size_t hop) {
    const engine::Link::Uplink& uplink = *scenario_.hops[hop].site;
    const BytesPerSecond site = (up ? uplink.up : uplink.down) * uplink.payload;
    // An uplink for 2.5 messages at that rate counts as two cores that are 1.25 times as fast.
    const double cores = std::max(1.0, std::floor(site / rate));
    for (JobFlow& flow : flows) {
      flow.service[0] = flow.service[0] * (cores * (rate / site));
    }
    return share_link(numbers,
                      thinned(std::move(flows), share_of_devices(ends(hop).from, uplink.devices)),
                      static_cast<std::size_t>(cores), up, hop);
  }

  void upwards(std::size_t hop) {
    const Numbers numbers = crossing_streams(hop, true);
    if (numbers.empty()) {
      return;
    }
    const scenario::HopChoice& choice = scenario_.hops[hop];
    const BytesPerSecond own = rate(hop, true);
    if (!leaves_devices(hop)) {
      share_link(numbers, all_messages(numbers, hop, true, own), 1, true, hop);
      return;
    }
    std::vector<JobFlow> flows;
    std::vector<Seconds> shared(numbers.size());
    if (choice.shared) {
      flows = all_messages(numbers, hop, true, own);
      shared = share_link(numbers, flows, 1, true, hop);
    } else if (choice.site) {
      const BytesPerSecond site = choice.site->up * choice.site->payload;
      const BytesPerSecond rate = std::min(own, site);
      flows = all_messages(numbers, hop, true, rate);
      shared = share_uplink(numbers, flows, rate, true, hop);
    } else {
      flows = all_messages(numbers, hop, true, own);
    }
    flows = thinned(std::move(flows), share_of_device(ends(hop).from));
    for (std::size_t k = 0; k < flows.size(); ++k) {
      const Seconds time = alone(numbers[k], *message(numbers[k], hop, true), true);
      flows[k].service[0] = std::max(flows[k].service[0], time) + shared[k];
    }
    line_up(numbers, flows, hop);
  }

  void downwards(std::size_t hop) {
    const Numbers numbers = crossing_streams(hop, false);
    if (numbers.empty()) {
      return;
    }
    const scenario::HopChoice& choice = scenario_.hops[hop];
    const BytesPerSecond own = rate(hop, false);
    const std::vector<JobFlow> flows = all_messages(numbers, hop, false, own);
    if (!leaves_devices(hop) || choice.shared) {
      share_link(numbers, flows, 1, false, hop);
      return;
    }
    share_link(numbers, thinned(flows, share_of_device(ends(hop).from)), 1, false, hop);
    if (choice.site) {
      share_uplink(numbers, flows, own, false, hop);
    }
  }

  const LoadModel& model_;
  const scenario::Scenario& scenario_;
  network::Attachment attachment_;
  const SystemChoice& choice_;
  const Strain& strain_;
  std::vector<Passing> passing_;
  SystemLoad load_;
};

LoadModel::LoadModel(const experiment::Experiment& experiment, std::shared_ptr<DispatchGaps> gaps)
    : experiment_(experiment), streams_(streams_of(experiment)), gaps_(std::move(gaps)) {
  const engine::Stop& stop = experiment.scenario.stop;
  double rate = 0;
  for (const Stream& stream : streams_) {
    rate += stream.rate.si();
  }
  horizon_ = stop.after ? *stop.after : Seconds(static_cast<double>(*stop.requests) / rate);
}

double LoadModel::dispatch_gap_of(const scheduling::Scheduling& policies, std::size_t servers,
                                  std::size_t cores) const {
  if (!policies.dispatch || servers < 2) {
    return 0;
  }
  const std::string key =
      fmt::format("{} {} {}", scenario::policy_text(policies.dispatch), servers, cores);
  const auto known = gaps_->find(key);
  return known != gaps_->end()
             ? known->second
             : gaps_->emplace(key, dispatch_gap(policies.dispatch, servers, cores)).first->second;
}

SystemLoad LoadModel::predict(const SystemChoice& choice) const {
  return predict(choice,
                 no_strain(experiment_.scenario.tiers.size(), experiment_.scenario.hops.size()));
}

SystemLoad LoadModel::predict(const SystemChoice& choice, const Strain& strain) const {
  return LoadPath(*this, choice, strain).follow();
}

LoadPrices LoadModel::prices(const SystemChoice& choice) const {
  constexpr double kStep = 0.01;
  const std::size_t tiers = experiment_.scenario.tiers.size();
  const std::size_t hops = experiment_.scenario.hops.size();
  const SystemLoad now = predict(choice);
  const double wait = total_wait(streams_, now);
  LoadPrices prices;
  const auto price = [&](double work, std::vector<double> Strain::*part, std::size_t index) {
    if (work <= 0) {
      return 0.0;
    }
    Strain strain = no_strain(tiers, hops);
    (strain.*part)[index] += kStep;
    return std::max(0.0, (total_wait(streams_, predict(choice, strain)) - wait) / (kStep * work));
  };
  for (std::size_t tier = 0; tier < tiers; ++tier) {
    prices.tier.push_back(price(now.tier_work[tier], &Strain::tier, tier));
  }
  for (std::size_t hop = 0; hop < hops; ++hop) {
    prices.up.push_back(price(now.up_work[hop], &Strain::up, hop));
    prices.down.push_back(price(now.down_work[hop], &Strain::down, hop));
  }
  return prices;
}

}  // namespace offcut::study
