#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace offcut::training {

/// The samples of each client, by number, ascending. They are stored, or made anew each time that
/// they are asked for, so that a million clients who share a data set take no memory for them.
class ClientSamples {
 public:
  using Numbers = std::vector<std::int64_t>;

  ClientSamples() = default;
  explicit ClientSamples(std::vector<Numbers> of_clients);
  /// `make` returns the samples of a client: `each` of them, and the same each time.
  ClientSamples(std::size_t clients, std::size_t each, std::function<Numbers(std::size_t)> make);

  std::size_t size() const { return clients_; }
  bool empty() const { return clients_ == 0; }
  /// Return the samples of a client, and their number, which takes no time. Throw
  /// std::out_of_range if there is no such client.
  Numbers operator[](std::size_t client) const;
  std::int64_t count(std::size_t client) const;

 private:
  void check(std::size_t client) const;

  std::size_t clients_ = 0;
  std::vector<Numbers> stored_;
  std::size_t each_ = 0;
  std::function<Numbers(std::size_t)> make_;  // Empty: they are stored.
};

}  // namespace offcut::training
