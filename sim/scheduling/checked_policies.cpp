// The errors of invalid policies. The checks themselves are in the header, since the engine makes
// them for each request.

#include "sim/scheduling/checked_policies.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace offcut::scheduling {
namespace {

/// Lists the numbers of the servers that are up, as many as fit into a message.
std::string servers_up(std::span<const ServerState> servers) {
  constexpr std::size_t kMostListed = 16;
  std::vector<std::size_t> up;
  for (std::size_t i = 0; i < servers.size() && up.size() <= kMostListed; ++i) {
    if (servers[i].is_up) {
      up.push_back(i);
    }
  }
  const bool more = up.size() > kMostListed;
  up.resize(std::min(up.size(), kMostListed));
  return fmt::format("{}{}", fmt::join(up, ", "), more ? ", ..." : "");
}

}  // namespace

void refuse_policy(const char* title, const std::string& name, const Place& chosen_at,
                   const std::string& fault) {
  const Place place = chosen_at.file.empty() ? Place{"offcut"} : chosen_at;
  throw InputError(place, fmt::format("{} {} {}", title, in_quotes(name), fault));
}

void CheckedQueue::refuse_key(const Job& job) const {
  refuse(fmt::format("gave request {} the key nan; expected a number, which may be infinite",
                     job.request));
}

CheckedBatching::CheckedBatching(const Choice<BatchingKind>& choice) : CheckedPolicy(choice) {
  if (choice.kind->most == nullptr) {
    refuse("does not say how large its batches are");
  }
  largest_ = guard([&] { return choice.kind->most(choice.parameters); });
  if (largest_ < 1 || largest_ > kLargestBatch) {
    refuse(fmt::format("takes batches of up to {} requests; expected 1 to {}", largest_,
                       kLargestBatch));
  }
}

void CheckedBatching::refuse_size(std::size_t take, std::size_t waiting) const {
  refuse(fmt::format("took {} of {} waiting requests, with batches of up to {}; expected 0 to {}",
                     take, waiting, largest_, std::min(waiting, largest_)));
}

void CheckedBatching::refuse_time(Seconds again, Seconds now) const {
  refuse(fmt::format(
      "decided at {} s to wait, and to decide again at {} s; expected a later time, or infinity",
      now.si(), again.si()));
}

void CheckedDispatch::refuse_server(std::span<const ServerState> servers,
                                    std::size_t chosen) const {
  if (chosen >= servers.size()) {
    refuse(fmt::format("chose server {}; expected 0 to {}", chosen, servers.size() - 1));
  }
  refuse(fmt::format("chose server {}, which is down; expected one of those that are up: {}",
                     chosen, servers_up(servers)));
}

}  // namespace offcut::scheduling
