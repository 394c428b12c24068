// JSON and CSV give the same two lists of times for each client. A row of CSV is compared with the
// row before it, so that an error has its place.

#include "sim/network/device_traces/availability_trace.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <utility>

#include "models/base/csv_table.h"
#include "sim/network/device_traces/client_json.h"

namespace offcut::network {
namespace {

using Traces = std::vector<std::shared_ptr<const Availability>>;

// A clock that counts 1e9 s has steps of 0.1 us, and shorter periods would be nothing but changes.
constexpr double kLatestChange = 1e9;
constexpr double kShortestPeriod = 1e-3;
constexpr const char* kAvailabilityContent = "a trace of availability";

Traces read_json_availability(const std::string& path) {
  using Kind = ClientKey::Kind;
  const auto keys =
      std::to_array<ClientKey>({{"active", Kind::numbers, true, 0, kLatestChange},
                                {"inactive", Kind::numbers, true, 0, kLatestChange},
                                {"finish_time", Kind::number, true, kShortestPeriod, kLatestChange},
                                {"duration", Kind::number, false, 0, kLatestChange},
                                {"model", Kind::text, false}});
  Traces traces;
  read_json_clients(path, kAvailabilityContent, keys, [&](const JsonClient& client) {
    const std::vector<double>& active = *client.values[0];
    const std::vector<double>& inactive = *client.values[1];
    if (std::string reason = Availability::order_error(active, inactive); !reason.empty()) {
      client.error(std::move(reason));
      return;
    }
    traces.push_back(
        std::make_shared<const Availability>(active, inactive, client.values[2]->front()));
  });
  return traces;
}

/// Reads the rows in their order, and collects the errors.
class AvailabilityRows {
 public:
  explicit AvailabilityRows(const std::string& path)
      : table_(path, kAvailabilityContent,
               {.required = {"client", "active", "inactive", "finish_time"}}) {}

  Traces read() {
    for (const CsvRow& row : table_.rows()) {
      if (table_.is_whole(row)) {
        add(row);
      }
    }
    table_.stop_on_diagnostics();
    Traces traces;
    for (const Client& client : clients_) {
      traces.push_back(
          std::make_shared<const Availability>(client.active, client.inactive, client.period));
    }
    return traces;
  }

 private:
  struct Client {
    std::vector<double> active, inactive;
    double period = 0;
  };

  /// Returns the client that the row names.
  Client& client_of(const CsvRow& row, double period) {
    const auto [found, is_new] = index_.try_emplace(table_.field(row, "client"), clients_.size());
    if (is_new) {
      clients_.push_back({.active = {}, .inactive = {}, .period = period});
    }
    return clients_[found->second];
  }

  void add(const CsvRow& row) {
    const auto period = table_.number(row, "finish_time", kShortestPeriod, kLatestChange);
    if (!period) {
      return;
    }
    Client& client = client_of(row, *period);
    if (*period != client.period) {
      table_.error(row, "finish_time",
                   fmt::format("finish_time: {} in an earlier row of this client, {} here",
                               client.period, *period));
      return;
    }
    const bool has_active = !table_.field(row, "active").empty();
    const bool has_inactive = !table_.field(row, "inactive").empty();
    if (!has_active && !has_inactive) {
      return;
    }
    const auto active = table_.number(row, "active", 0, kLatestChange);
    const auto inactive = has_inactive ? table_.number(row, "inactive", 0, kLatestChange)
                                       : std::optional(kLatestChange);
    if (!active || !inactive) {
      return;
    }
    if (client.active.size() > client.inactive.size()) {
      table_.error(row, "active", "active: the row above has no time 'inactive'");
    } else if (!client.inactive.empty() && *active < client.inactive.back()) {
      table_.error(row, "active",
                   fmt::format("active: {} is before {}, when the client becomes inactive", *active,
                               client.inactive.back()));
    } else if (*inactive < *active) {
      table_.error(row, "inactive",
                   fmt::format("inactive: {} is before {}, when the client becomes active",
                               *inactive, *active));
    } else {
      client.active.push_back(*active);
      if (has_inactive) {
        client.inactive.push_back(*inactive);
      }
    }
  }

  CsvTable table_;
  std::map<std::string, std::size_t> index_;
  std::vector<Client> clients_;
};

}  // namespace

Traces read_availability_trace(const std::string& path) {
  if (begins_like_json(path)) {
    return read_json_availability(path);
  }
  Traces traces = AvailabilityRows(path).read();
  if (traces.empty()) {
    throw InputError({path}, "expected at least one client");
  }
  return traces;
}

}  // namespace offcut::network
