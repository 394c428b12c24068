#pragma once

#include <functional>
#include <vector>

#include "sim/training/selection.h"
#include "sim/training/split.h"
#include "sim/training/task_book.h"

namespace offcut::training {

/// The clients of a server: who is free, and what the server knows of them. A client is free if it
/// has samples, is not at work, and its machine, the links up to the server, and the server's
/// machine are up.
class ClientPool {
 public:
  /// `members`: clients with samples, ascending. The book outlives the pool. Without
  /// `needs_server`, the server's machine may be down, as if there were none.
  ClientPool(TaskBook& book, const ClientData& data, std::vector<std::size_t> members,
             std::size_t server_level, bool needs_server = true);

  std::size_t size() const { return known_.size(); }
  std::vector<KnownClient> free() const;
  /// Returns whether the client, a member, is free or would be if it were not at work.
  bool is_reachable(std::size_t client) const;

  void take(std::size_t client);       // It is at work.
  void give_back(std::size_t client);  // It no longer is.
  KnownClient& known(std::size_t client);

  /// Calls `then` once, as soon as a client is free, which may be at once.
  void when_free(std::function<void()> then);

 private:
  struct Status {
    bool is_busy = false;
    bool is_watched = false;
  };
  std::size_t index_of(std::size_t client) const;
  void watch(std::size_t index);
  void check(std::size_t index);

  TaskBook& book_;
  std::size_t level_;
  bool needs_server_;
  std::vector<KnownClient> known_;  // By client number.
  std::vector<Status> status_;
  std::function<void()> waiting_;
};

/// Returns the clients that have samples, ascending.
std::vector<std::size_t> clients_with_samples(const ClientData& data);

}  // namespace offcut::training
