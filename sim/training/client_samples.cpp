// Either a list for each client, or a function that makes one and the number of samples that each
// has. Who asks gets a copy: lists are short beside the work on their samples.

#include "sim/training/client_samples.h"

#include <fmt/format.h>

#include <stdexcept>

namespace offcut::training {

ClientSamples::ClientSamples(std::vector<Numbers> of_clients)
    : clients_(of_clients.size()), stored_(std::move(of_clients)) {}

ClientSamples::ClientSamples(std::size_t clients, std::size_t each,
                             std::function<Numbers(std::size_t)> make)
    : clients_(clients), each_(each), make_(std::move(make)) {}

void ClientSamples::check(std::size_t client) const {
  if (client >= clients_) {
    throw std::out_of_range(
        fmt::format("there is no client {}: their number is {}", client, clients_));
  }
}

ClientSamples::Numbers ClientSamples::operator[](std::size_t client) const {
  check(client);
  return make_ ? make_(client) : stored_[client];
}

std::int64_t ClientSamples::count(std::size_t client) const {
  check(client);
  return static_cast<std::int64_t>(make_ ? each_ : stored_[client].size());
}

}  // namespace offcut::training
