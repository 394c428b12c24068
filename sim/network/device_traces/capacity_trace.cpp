#include "sim/network/device_traces/capacity_trace.h"

#include <fmt/format.h>

#include <array>
#include <numeric>
#include <set>

#include "models/base/csv_table.h"
#include "sim/network/device_traces/client_json.h"

namespace offcut::network {
namespace {

constexpr double kPerMillisecond = 1e-3;
constexpr double kPerKilobit = 1e3 / 8;
// In the units of the file.
constexpr double kLeastComputation = 1e-6, kMostComputation = 1e9;
constexpr double kLeastCommunication = 1e-3, kMostCommunication = 1e12;
constexpr const char* kCapacityContent = "a trace of capacities";

Capacity capacity(double computation, double communication) {
  return {Seconds(computation * kPerMillisecond), BytesPerSecond(communication * kPerKilobit)};
}

std::vector<Capacity> read_json_capacities(const std::string& path) {
  using Kind = ClientKey::Kind;
  const auto keys = std::to_array<ClientKey>(
      {{"computation", Kind::number, true, kLeastComputation, kMostComputation},
       {"communication", Kind::number, true, kLeastCommunication, kMostCommunication}});
  std::vector<Capacity> clients;
  read_json_clients(path, kCapacityContent, keys, [&](const JsonClient& client) {
    clients.push_back(capacity(client.values[0]->front(), client.values[1]->front()));
  });
  return clients;
}

std::vector<Capacity> read_csv_capacities(const std::string& path) {
  CsvTable table(path, kCapacityContent, {.required = {"client", "computation", "communication"}});
  std::set<std::string> ids;
  std::vector<Capacity> clients;
  for (const CsvRow& row : table.rows()) {
    if (!table.is_whole(row)) {
      continue;
    }
    const std::string& id = table.field(row, "client");
    if (!ids.insert(id).second) {
      table.error(row, "client", fmt::format("client: {} has an earlier row", in_quotes(id)));
    }
    const auto computation = table.number(row, "computation", kLeastComputation, kMostComputation);
    const auto communication =
        table.number(row, "communication", kLeastCommunication, kMostCommunication);
    if (computation && communication) {
      clients.push_back(capacity(*computation, *communication));
    }
  }
  table.stop_on_diagnostics();
  return clients;
}

}  // namespace

std::vector<Capacity> read_capacity_trace(const std::string& path) {
  std::vector<Capacity> clients =
      begins_like_json(path) ? read_json_capacities(path) : read_csv_capacities(path);
  if (clients.empty()) {
    throw InputError({path}, "expected at least one client");
  }
  return clients;
}

Seconds mean_computation(const std::vector<Capacity>& clients) {
  const Seconds sum = std::accumulate(
      clients.begin(), clients.end(), Seconds(0),
      [](Seconds so_far, const Capacity& client) { return so_far + client.computation; });
  return sum / static_cast<double>(clients.size());
}

}  // namespace offcut::network
