// The choice of a station's next batch. Without batches and model memory it is the next request of
// the one queue; otherwise the queues are tried in the order of their next requests.

#include "sim/engine/tiers/station.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>

namespace offcut::engine {

Seconds Batch::find_longest(std::size_t group) {
  route = requests.first()->route;
  Seconds longest = requests.first()->service_on(group, size);
  if (!route->itinerary->exit) {  // Then all requests of the batch have this route.
    return longest;
  }
  for (Request* request = requests.first()->next; request != nullptr; request = request->next) {
    if (const Seconds own = request->service_on(group, size); own > longest) {
      longest = own;
      route = request->route;
    }
  }
  return longest;
}

void BatchList::add(Batch* batch) {
  batch->previous = nullptr;
  batch->next = first_;
  if (first_ != nullptr) {
    first_->previous = batch;
  }
  first_ = batch;
}

void BatchList::remove(Batch* batch) {
  (batch->previous != nullptr ? batch->previous->next : first_) = batch->next;
  if (batch->next != nullptr) {
    batch->next->previous = batch->previous;
  }
}

Station::Next Station::next_turn(double now) const {
  if (features->by_work) {
    return next_of_several(now);
  }
  return waiting.empty() ? Next() : Next{Turn{0, 1, any_core(waiting, now)}};
}

Station::Next Station::next_of_several(double now) const {
  const std::vector<WaitingHeap>& queues = features->queues;
  const auto& batching = features->batching;
  boost::container::small_vector<std::size_t, 32> order;
  for (std::size_t queue = 0; queue < queues.size(); ++queue) {
    if (!queues[queue].empty()) {
      order.push_back(queue);
    }
  }
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return queues[a].top().before(queues[b].top()); });
  Next next;
  for (const std::size_t queue : order) {
    const WaitingHeap& requests = queues[queue];
    const auto core = core_for(requests, now);
    if (!core) {
      continue;
    }
    const std::size_t most = requests.top().request->largest_batch();
    if (!batching || most == 1) {
      next.turn = {queue, 1, *core};
      return next;
    }
    // The search for the oldest request of a long queue would be slow and change nothing, since its
    // batch is full.
    const double oldest =
        requests.size() <= batching->largest() ? requests.oldest() : requests.top().request->since;
    const scheduling::BatchDecision decision =
        batching->decide(requests.size(), Seconds(oldest), Seconds(now));
    if (decision.take > 0) {
      next.turn = {queue, std::min({decision.take, most, requests.size()}), *core};
      return next;
    }
    next.again = std::min(next.again, decision.again.si());
  }
  return next;
}

std::optional<Turn> Station::any_turn(double now) const {
  for (std::size_t queue = 0; queue < queues() && !free.empty(); ++queue) {
    const WaitingHeap& requests = this->queue(queue);
    if (requests.empty()) {
      continue;
    }
    if (const auto core = core_for(requests, now)) {
      return Turn{queue, std::min(requests.top().request->largest_batch(), requests.size()), *core};
    }
  }
  return std::nullopt;
}

/// Returns a free core whose server has the queue's model in memory, or else one whose server has
/// room for it.
std::optional<std::size_t> Station::core_for(const WaitingHeap& queue, double now) const {
  const std::vector<ModelMemory>& memory = features->memory;
  if (memory.empty()) {
    return any_core(queue, now);
  }
  const Request* request = queue.top().request;
  const std::size_t model = features->models->slot_of(*request->route);
  std::optional<std::size_t> holding, with_room;
  const auto prefer = [&](std::optional<std::size_t>& chosen, std::size_t core) {
    if (!chosen || (!features->groups.empty() &&
                    time_on(free[core], request, now) < time_on(free[*chosen], request, now))) {
      chosen = core;
    }
  };
  for (std::size_t i = free.size(); i-- > 0;) {
    const ModelMemory& held = memory[free[i]];
    if (held.holds(model)) {
      prefer(holding, i);
      if (features->groups.empty()) {
        break;
      }
    } else if (held.can_hold(model)) {
      prefer(with_room, i);
    }
  }
  return holding ? holding : with_room;
}

/// Returns how long the server would take for the request, with the time until it is warm.
double Station::time_on(std::uint32_t server, const Request* request, double now) const {
  const double cold = features->warmth ? features->warmth->wait(server, now) : 0;
  return cold + request->service_on(features->groups[server], 1).si();
}

/// Returns a free core of the server that would be done first; of equal ones, the last.
std::size_t Station::fastest_core(const WaitingHeap& queue, double now) const {
  const Request* request = queue.top().request;
  std::size_t best = free.size() - 1;
  for (std::size_t i = best; i-- > 0;) {
    if (time_on(free[i], request, now) < time_on(free[best], request, now)) {
      best = i;
    }
  }
  return best;
}

bool Station::is_up() const { return features->out.empty() || servers_in_service() > 0; }

std::size_t Station::servers_in_service() const {
  const std::vector<unsigned char>& out = features->out;
  return static_cast<std::size_t>(std::count(out.begin(), out.end(), kInService));
}

std::uint32_t Station::busy_cores(std::size_t server) const {
  std::uint32_t busy = 0;
  for (const Batch* batch = running.first(); batch != nullptr; batch = batch->next) {
    busy += batch->server == server ? 1 : 0;
  }
  return busy;
}

}  // namespace offcut::engine
