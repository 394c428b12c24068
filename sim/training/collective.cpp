// Schedules of collective operations, the same operations on numbers, and their run over the links
// of a system.

#include "sim/training/collective.h"

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <memory>
#include <set>

#include "models/base/random.h"
#include "sim/training/drawing.h"
#include "sim/training/work_time.h"

namespace offcut::training {

Schedule ring_all_reduce(std::size_t members) {
  Schedule schedule;
  const std::size_t n = members;
  for (std::size_t step = 0; n > 1 && step < 2 * (n - 1); ++step) {
    for (std::size_t i = 0; i < n; ++i) {
      Transfer transfer{
          .from = i, .to = (i + 1) % n, .share = 1 / static_cast<double>(n), .needs = {}};
      if (step > 0) {
        transfer.needs = {(step - 1) * n + (i + n - 1) % n};
      }
      schedule.push_back(std::move(transfer));
    }
  }
  return schedule;
}

Schedule tree_all_reduce(std::size_t members) {
  Schedule schedule;
  std::vector<std::vector<std::size_t>> into(members);  // The transfers that reach a member.
  for (std::size_t i = members; i-- > 1;) {
    into[(i - 1) / 2].push_back(schedule.size());
    schedule.push_back({.from = i, .to = (i - 1) / 2, .share = 1, .needs = into[i]});
  }
  std::vector<std::vector<std::size_t>> has(members);
  if (members > 0) {
    has[0] = into[0];
  }
  for (std::size_t i = 1; i < members; ++i) {
    has[i] = {schedule.size()};
    schedule.push_back({.from = (i - 1) / 2, .to = i, .share = 1, .needs = has[(i - 1) / 2]});
  }
  return schedule;
}

State ring_sum(std::span<const State> parts) {
  State sum = parts.front();
  const std::size_t n = parts.size();
  const std::size_t size = sum.size();
  for (std::size_t chunk = 0; chunk < n; ++chunk) {
    const std::size_t first = size * chunk / n;
    const std::size_t last = size * (chunk + 1) / n;
    for (std::size_t k = first; k < last; ++k) {
      float value = parts[chunk][k];
      for (std::size_t hop = 1; hop < n; ++hop) {
        value = parts[(chunk + hop) % n][k] + value;
      }
      sum[k] = value;
    }
  }
  return sum;
}

State tree_sum(std::span<const State> parts) {
  std::vector<State> sums(parts.begin(), parts.end());
  // The last members are leaves, so that a member's own sum is complete when its turn comes. Its
  // right child comes first, as in the schedule.
  for (std::size_t i = sums.size(); i-- > 1;) {
    State& parent = sums[(i - 1) / 2];
    for (std::size_t k = 0; k < parent.size(); ++k) {
      parent[k] += sums[i][k];
    }
  }
  return sums.front();
}

State server_sum(std::span<const State> parts) {
  State sum(parts.front().size());
  for (std::size_t k = 0; k < sum.size(); ++k) {
    double value = 0;
    for (const State& part : parts) {
      value += double{part[k]};
    }
    sum[k] = static_cast<float>(value);
  }
  return sum;
}

Neighbours ring_neighbours(std::size_t members) {
  Neighbours neighbours(members);
  for (std::size_t i = 0; members > 1 && i < members; ++i) {
    const std::set<std::size_t> both = {(i + 1) % members, (i + members - 1) % members};
    neighbours[i].assign(both.begin(), both.end());
  }
  return neighbours;
}

Neighbours all_neighbours(std::size_t members) {
  Neighbours neighbours(members);
  for (std::size_t i = 0; i < members; ++i) {
    for (std::size_t j = 0; j < members; ++j) {
      if (i != j) {
        neighbours[i].push_back(j);
      }
    }
  }
  return neighbours;
}

Neighbours random_neighbours(std::size_t members, std::size_t degree, std::uint64_t seed) {
  RandomStream stream = random_stream(seed, "random graph");
  const std::vector<std::size_t> order = random_order(members, stream);
  std::vector<std::set<std::size_t>> edges(members);
  std::size_t count = 0;
  const auto join = [&](std::size_t a, std::size_t b) {
    if (a != b && edges[a].insert(b).second) {
      edges[b].insert(a);
      ++count;
    }
  };
  for (std::size_t i = 0; i < members; ++i) {
    join(order[i], order[(i + 1) % members]);
  }
  const std::size_t most = members * (members - std::min<std::size_t>(members, 1)) / 2;
  const std::size_t wanted = std::min(most, members * degree / 2);
  boost::random::uniform_int_distribution<std::size_t> any(0,
                                                           std::max<std::size_t>(members, 1) - 1);
  while (count < wanted) {
    const std::size_t a = any(stream);
    join(a, any(stream));
  }
  Neighbours neighbours(members);
  for (std::size_t i = 0; i < members; ++i) {
    neighbours[i].assign(edges[i].begin(), edges[i].end());
  }
  return neighbours;
}

Mixing metropolis(const Neighbours& neighbours) {
  Mixing mixing;
  for (std::size_t i = 0; i < neighbours.size(); ++i) {
    double own = 1;
    std::vector<std::pair<std::size_t, double>> row;
    for (const std::size_t j : neighbours[i]) {
      const std::size_t degree = std::max(neighbours[i].size(), neighbours[j].size());
      row.emplace_back(j, 1 / (1 + static_cast<double>(degree)));
      own -= row.back().second;
    }
    row.emplace_back(i, own);
    std::sort(row.begin(), row.end());
    mixing.rows.push_back(std::move(row));
  }
  return mixing;
}

Mixing full_mixing(std::span<const double> weights) {
  double sum = 0;
  for (const double weight : weights) {
    sum += weight;
  }
  std::vector<std::pair<std::size_t, double>> row;
  for (std::size_t j = 0; j < weights.size(); ++j) {
    row.emplace_back(j, weights[j] / sum);
  }
  return {std::vector<std::vector<std::pair<std::size_t, double>>>(weights.size(), row)};
}

Schedule exchange(const Neighbours& neighbours) {
  Schedule schedule;
  const std::size_t n = neighbours.size();
  std::size_t most = 0;
  std::vector<std::vector<std::size_t>> turns(n);  // The neighbours as they follow the member.
  for (std::size_t i = 0; i < n; ++i) {
    turns[i] = neighbours[i];
    std::sort(turns[i].begin(), turns[i].end(),
              [&](std::size_t a, std::size_t b) { return (a + n - i) % n < (b + n - i) % n; });
    most = std::max(most, turns[i].size());
  }
  for (std::size_t turn = 0; turn < most; ++turn) {
    for (std::size_t i = 0; i < n; ++i) {
      if (turn < turns[i].size()) {
        schedule.push_back({.from = i, .to = turns[i][turn], .share = 1, .needs = {}});
      }
    }
  }
  return schedule;
}

State mixed(const Mixing& mixing, std::size_t member, std::span<const SharedState> states,
            const std::vector<bool>& has) {
  std::vector<double> sum(states[member]->size());
  double own = 0;
  const auto add = [&](std::size_t j, double weight) {
    for (std::size_t k = 0; k < sum.size(); ++k) {
      sum[k] += weight * double{(*states[j])[k]};
    }
  };
  // In the order of members, so that equal rows have equal sums to the last bit.
  for (const auto& [j, weight] : mixing.rows[member]) {
    if (j == member || has[j]) {
      add(j, weight);
    } else {
      own += weight;
    }
  }
  if (own > 0) {
    add(member, own);
  }
  State state(sum.size());
  std::transform(sum.begin(), sum.end(), state.begin(),
                 [](double value) { return static_cast<float>(value); });
  return state;
}

namespace {

class TransferRun : public std::enable_shared_from_this<TransferRun> {
 public:
  TransferRun(TaskBook& book, Schedule schedule, std::vector<std::size_t> devices, Bytes bytes,
              std::function<void(const TransferReport&)> then)
      : book_(book),
        schedule_(std::move(schedule)),
        devices_(std::move(devices)),
        bytes_(bytes),
        then_(std::move(then)),
        waits_for_(schedule_.size()),
        followers_(schedule_.size()),
        has_failed_(schedule_.size()),
        left_(schedule_.size()) {
    report_.arrived.resize(schedule_.size());
    for (std::size_t i = 0; i < schedule_.size(); ++i) {
      waits_for_[i] = schedule_[i].needs.size();
      for (const std::size_t need : schedule_[i].needs) {
        followers_[need].push_back(i);
      }
    }
  }

  void begin() {
    if (left_ == 0) {
      then_(report_);
      return;
    }
    for (std::size_t i = 0; i < schedule_.size(); ++i) {
      if (schedule_[i].needs.empty()) {
        send(i);
      }
    }
  }

 private:
  void send(std::size_t i) {
    const Transfer& transfer = schedule_[i];
    book_.ferry(
        devices_[transfer.from], devices_[transfer.to], rounded_up(transfer.share * bytes_),
        [self = shared_from_this(), i](const Trip& trip) { self->settle(i, trip.is_done); });
  }

  void settle(std::size_t i, bool is_done) {
    report_.arrived[i] = is_done;
    has_failed_[i] = !is_done;
    --left_;
    for (const std::size_t next : followers_[i]) {
      if (--waits_for_[next] > 0) {
        continue;
      }
      const auto& needs = schedule_[next].needs;
      if (std::any_of(needs.begin(), needs.end(), [&](std::size_t n) { return has_failed_[n]; })) {
        settle(next, false);
      } else {
        send(next);
      }
    }
    if (left_ == 0 && then_) {
      const auto then = std::move(then_);
      then_ = nullptr;
      then(report_);
    }
  }

  TaskBook& book_;
  Schedule schedule_;
  std::vector<std::size_t> devices_;
  Bytes bytes_;
  std::function<void(const TransferReport&)> then_;
  std::vector<std::size_t> waits_for_;
  std::vector<std::vector<std::size_t>> followers_;
  std::vector<bool> has_failed_;
  std::size_t left_;
  TransferReport report_;
};

}  // namespace

void run_transfers(TaskBook& book, Schedule schedule, std::vector<std::size_t> devices, Bytes bytes,
                   std::function<void(const TransferReport&)> then) {
  std::make_shared<TransferRun>(book, std::move(schedule), std::move(devices), bytes,
                                std::move(then))
      ->begin();
}

}  // namespace offcut::training
