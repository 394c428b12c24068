// A pool that waits watches the first thing that keeps each idle client from being free, and looks
// again when that is up. Watches end by themselves, and a client has at most one.

#include "sim/training/client_pool.h"

#include <algorithm>
#include <stdexcept>

namespace offcut::training {

ClientPool::ClientPool(TaskBook& book, const ClientData& data, std::vector<std::size_t> members,
                       std::size_t server_level, bool needs_server)
    : book_(book), level_(server_level), needs_server_(needs_server), status_(members.size()) {
  known_.reserve(members.size());
  for (const std::size_t client : members) {
    KnownClient known;
    known.client = client;
    known.samples = data.samples.count(client);
    known_.push_back(known);
  }
}

std::size_t ClientPool::index_of(std::size_t client) const {
  const auto found =
      std::lower_bound(known_.begin(), known_.end(), client,
                       [](const KnownClient& known, std::size_t c) { return known.client < c; });
  if (found == known_.end() || found->client != client) {
    throw std::logic_error("a client of another pool");
  }
  return static_cast<std::size_t>(found - known_.begin());
}

bool ClientPool::is_reachable(std::size_t client) const {
  const engine::Tasks& tasks = book_.tasks();
  return tasks.is_up(client, 0) && book_.is_way_up(client, 0, level_) &&
         (!needs_server_ || tasks.is_up(client, level_));
}

std::vector<KnownClient> ClientPool::free() const {
  std::vector<KnownClient> free;
  free.reserve(known_.size());
  for (std::size_t i = 0; i < known_.size(); ++i) {
    if (!status_[i].is_busy && is_reachable(known_[i].client)) {
      free.push_back(known_[i]);
    }
  }
  return free;
}

void ClientPool::take(std::size_t client) {
  Status& status = status_[index_of(client)];
  if (status.is_busy) {
    throw std::logic_error("a client that is at work was selected");
  }
  status.is_busy = true;
}

void ClientPool::give_back(std::size_t client) {
  const std::size_t index = index_of(client);
  status_[index].is_busy = false;
  check(index);
}

KnownClient& ClientPool::known(std::size_t client) { return known_[index_of(client)]; }

void ClientPool::when_free(std::function<void()> then) {
  waiting_ = std::move(then);
  for (std::size_t i = 0; i < known_.size() && waiting_; ++i) {
    check(i);
  }
}

void ClientPool::check(std::size_t index) {
  if (!waiting_ || status_[index].is_busy) {
    return;
  }
  if (!is_reachable(known_[index].client)) {
    watch(index);
    return;
  }
  const auto then = std::move(waiting_);
  waiting_ = nullptr;
  then();
}

void ClientPool::watch(std::size_t index) {
  if (status_[index].is_watched) {
    return;
  }
  status_[index].is_watched = true;
  const auto again = [this, index] {
    status_[index].is_watched = false;
    check(index);
  };
  const std::size_t client = known_[index].client;
  const engine::Tasks& tasks = book_.tasks();
  if (!tasks.is_up(client, 0)) {
    book_.when_up(client, 0, again);
    return;
  }
  for (std::size_t hop = 0; hop < level_; ++hop) {
    if (!tasks.is_way_up(client, hop)) {
      book_.when_way_up(client, hop, again);
      return;
    }
  }
  book_.when_up(client, level_, again);
}

std::vector<std::size_t> clients_with_samples(const ClientData& data) {
  std::vector<std::size_t> clients;
  for (std::size_t i = 0; i < data.samples.size(); ++i) {
    if (data.samples.count(i) > 0) {
      clients.push_back(i);
    }
  }
  return clients;
}

}  // namespace offcut::training
