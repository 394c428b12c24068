// The columns of requests.csv: those of every file, then those of its tiers and hops, which have
// their names, a dot and the name of a part. No other column and no name of a tier or hop has a
// dot, so that columns are unique. A run may write a million rows, so values are views and numbers.

#include "analysis/tables/request_table.h"

#include <array>

namespace offcut::analysis {
namespace {

/// The parts of a request on one tier or hop.
struct RequestTierRow {
  const RequestRow& request;
  engine::TierPart part;
};
struct RequestHopRow {
  const RequestRow& request;
  engine::HopPart part;
};

std::optional<std::string_view> failover_text(engine::Failover failover) {
  switch (failover) {
    case engine::Failover::none:
      break;
    case engine::Failover::other_site:
      return "other-site";
    case engine::Failover::next_tier:
      return "cloud";
  }
  return std::nullopt;
}

constexpr auto kRequestColumns = std::to_array<Column<RequestRow>>({
    {"request", "", "The number of the request, in order of arrival, from 0.",
     [](const RequestRow& row) { return row.request.request; }},
    {"device", "", "The number of the device that it arrived at, from 0.",
     [](const RequestRow& row) { return row.request.device; }},
    {"outcome", "",
     "`completed`, `in flight` if the run was stopped before it ended, or `dropped: ` and the "
     "reason.",
     [](const RequestRow& row) { return row.outcome; }},
    {"arrival_s", "s", "The time at which the request arrived.",
     [](const RequestRow& row) { return row.request.arrival; }},
    {"completion_s", "s",
     "The time at which it was answered or dropped. Empty for a request in flight.",
     [](const RequestRow& row) {
       return row.request.ending == engine::Ending::in_flight
                  ? std::nullopt
                  : std::optional(row.request.completion);
     }},
    {"latency_s", "s",
     "The time from arrival to answer: the sum of the next seven columns, `lost_s`, `team_s` and "
     "`handover_s`. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.latency()); }},
    {"device_wait_s", "s", "The wait in the device's queue. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.device_wait); }},
    {"device_compute_s", "s", "The computing time on the device. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.device_compute); }},
    {"upload_wait_s", "s",
     "The wait until the device had sent its earlier messages. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.upload_wait); }},
    {"upload_s", "s", "The transmission time outward, over all hops. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.upload); }},
    {"server_wait_s", "s",
     "The wait in the queues of all later tiers, and for models to be loaded there. Empty without "
     "an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.server_wait); }},
    {"server_compute_s", "s", "The computing time on all later tiers. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.server_compute); }},
    {"download_s", "s",
     "The transmission time of the answer's way back to the device. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.download); }},
    {"upload_bytes", "bytes",
     "The size of the message that the device sent. Empty without an answer, and for a request "
     "that fell back.",
     [](const RequestRow& row) {
       return row.messages ? std::optional(row.messages->up) : std::nullopt;
     }},
    {"download_bytes", "bytes",
     "The size of the answer that the device received. Empty without an answer, and for a request "
     "that fell back.",
     [](const RequestRow& row) {
       return row.messages ? std::optional(row.messages->down) : std::nullopt;
     }},
    {"input", "", "The number of the input in the data set. Empty unless the math ran on it.",
     [](const RequestRow& row) {
       return row.prediction ? std::optional(row.prediction->input) : std::nullopt;
     }},
    {"label", "", "The true label. Empty unless the math ran on an input that has one.",
     [](const RequestRow& row) { return row.prediction ? row.prediction->label : std::nullopt; }},
    {"predicted", "", "The predicted label. Empty unless the math ran.",
     [](const RequestRow& row) {
       return row.prediction ? std::optional(row.prediction->predicted) : std::nullopt;
     }},
    {"class", "", "The class of the request; `all` if the scenario has no `classes`.",
     [](const RequestRow& row) { return row.class_name; }},
    {"lost_s", "s",
     "The time that failures cost the request: each attempt to send or compute it that was lost "
     "with its link or machine, the wait in a queue included, and the time until the next attempt, "
     "be it a back-off or the wait for the link or machine to come up. A request that finds a link "
     "or machine down loses time, too, although its `failures` is 0.",
     [](const RequestRow& row) { return row.request.lost; }},
    {"failures", "",
     "The attempts to send or compute it that were lost because a link or machine went down.",
     [](const RequestRow& row) { return row.request.failures; }},
    {"fell_back", "",
     "1 if the device computed it alone after a failure or a rejection, otherwise 0.",
     [](const RequestRow& row) { return row.request.fell_back; }},
    {"failover", "",
     "`other-site` or `cloud`: other machines computed it in place of those that had failed, as "
     "its `on-failure` says. Empty if none did.",
     [](const RequestRow& row) { return failover_text(row.request.failover); }},
    {"device_compute_j", "J",
     "The energy of `device_compute_s` at the power draw of a busy core, with the PUE. Low-power "
     "mode and computations that did not end are only in energy.csv. Empty if the power draw is "
     "unknown.",
     [](const RequestRow& row) { return row.compute_energy; }},
    {"radio_j", "J",
     "The energy that the device's radio took for its messages: the promotion that they waited "
     "for, and their transfers as if they were alone on the air. Waiting and tails are in "
     "summary.csv and energy.csv, since requests share them. Empty if its power draw is unknown.",
     [](const RequestRow& row) { return row.radio_energy; }},
    {"device_energy_j", "J", "The sum of the two columns before it. Empty if one of them is.",
     [](const RequestRow& row) { return row.device_energy(); }},
    {"team_s", "s",
     "The time of messages between devices that work on the request together, waits for their "
     "links included. Of parallel strands of work, this and the device's times are those of the "
     "one that ends last. Empty without an answer.",
     [](const RequestRow& row) { return row.if_answered(row.request.team); }},
    {"sent_s", "s",
     "The time at which the last bit of its last message left its device. Empty if it sent none.",
     [](const RequestRow& row) {
       return row.request.sent < Seconds(0) ? std::nullopt : std::optional(row.request.sent);
     }},
});

/// A column for every tier but the first. A capitalised name stands for that of the tier.
constexpr auto kRequestTierColumns = std::to_array<Column<RequestTierRow>>({
    {"TIER.wait_s", "s",
     "The wait in the queues of the tier TIER, and for a model to be loaded there: the part of "
     "`server_wait_s` on that tier. There is a column for each tier but the first. Empty without "
     "an answer.",
     [](const RequestTierRow& row) { return row.request.if_answered(row.part.wait); }},
    {"TIER.compute_s", "s",
     "The computing time on the tier TIER, a part of `server_compute_s`. Empty without an answer.",
     [](const RequestTierRow& row) { return row.request.if_answered(row.part.compute); }},
    {"TIER.server", "",
     "The number in the tier TIER of the machine that computed the request last, from 0. Empty if "
     "none did.",
     [](const RequestTierRow& row) {
       return row.part.server == engine::TierPart::kNone ? std::nullopt
                                                         : std::optional(row.part.server);
     }},
});

constexpr auto kRequestHopColumns = std::to_array<Column<RequestHopRow>>({
    {"HOP.up_s", "s",
     "The transmission time outward over the hop HOP, a part of `upload_s`. There is a column for "
     "each hop. Of a message over several hops at once, each has its latency, and the slowest one "
     "the rest. Empty without an answer.",
     [](const RequestHopRow& row) { return row.request.if_answered(row.part.up); }},
    {"HOP.down_s", "s",
     "The transmission time of the answer over the hop HOP, a part of `download_s`. Empty without "
     "an answer.",
     [](const RequestHopRow& row) { return row.request.if_answered(row.part.down); }},
});

constexpr ColumnText kGroup[] = {
    {"group", "", "The group of its device. Only if the devices are in several groups."},
};

constexpr ColumnText kHandover[] = {
    {"handover_s", "s",
     "The time that handovers of its device cost the request: attempts to send it that they cut "
     "short, waits in queues of a site that it left, waits for the end of an interruption, and the "
     "way over the backbone, of its state and model, too. Empty without an answer. Only if devices "
     "move."},
};
constexpr auto kPlanColumns = std::to_array<Column<RequestRow>>({
    {"plan", "",
     "The number of the plan that the request was given, among those of its model in this run: 0 "
     "is that at the start, and switches.csv tells the others. Only with `beliefs` or `adapt`.",
     [](const RequestRow& row) { return row.plan ? std::optional(row.plan->plan) : std::nullopt; }},
    {"regret_s", "s",
     "The latency of that plan in an idle system, with the true times of layers and the true rates "
     "of the links when the request arrived, less that of the best plan then. Empty if the "
     "objective is not the latency, or a link had a rate of 0. Only with `beliefs` or `adapt`.",
     [](const RequestRow& row) { return row.plan ? row.plan->regret : std::nullopt; }},
});
constexpr ColumnText kVersionColumn[] = {
    {"version", "",
     "The version of its model that served it: the newest one that all machines on its way had "
     "when "
     "it arrived; 0 before any push. Empty if its model has no `updates`. Only with `updates`."},
};

constexpr ColumnText kExitColumn[] = {
    {"exit", "",
     "The output of the network at which it left, or `end`. Empty without an answer, and for a "
     "request that fell back. Only if requests leave at exits."},
};

constexpr ColumnText kAlgorithm[] = {
    {"algorithm", "",
     "The algorithm of the plan that the request followed, as in summary.csv. Only with `output: "
     "{requests: all}`."},
};

constexpr ColumnTable<RequestRow> kRequestTable{
    "requests.csv",
    "A row per request in the run of the chosen plan, in the order in which they ended. With "
    "`output: {requests: all}`, the rows of every compared plan follow. Columns with a dot are "
    "those of a tier or a hop, such as `edge.wait_s`.",
    kRequestColumns,
    "`analysis/tables/request_table.cpp`, from `RequestRecord` and `RequestParts` in "
    "`sim/engine/run_record.h`. "
    "Waiting and computing times are added up in `sim/engine/tiers/computing.cpp`; transmission "
    "times and `failures` in `sim/engine/simulate.cpp`; `lost_s` in `sim/engine/recovery.cpp`. "
    "Predictions come from `sim/runtime/inference.cpp`."};

/// Appends columns, with the name of a tier or hop in place of the capitals before the dot.
template <class Columns>
void add_columns_of(const std::string& name, const Columns& columns,
                    std::vector<std::string>& header) {
  for (const ColumnText& column : columns) {
    header.push_back(name + std::string(column.name.substr(column.name.find('.'))));
  }
}

std::vector<std::string> header_of(const engine::Simulation& simulation, bool with_algorithm,
                                   bool has_plans, const std::vector<std::string>& further) {
  std::vector<std::string> header;
  for (const ColumnText& column : kRequestColumns) {
    header.emplace_back(column.name);
  }
  const std::size_t groups = simulation.groups;
  for (std::size_t tier = groups; tier < simulation.tiers.size(); ++tier) {
    add_columns_of(simulation.tiers[tier].name, kRequestTierColumns, header);
  }
  if (groups > 1 && !simulation.hops.empty()) {  // One column for the hops of all groups.
    add_columns_of(simulation.device_hop, kRequestHopColumns, header);
  }
  for (std::size_t hop = groups > 1 ? groups : 0; hop < simulation.hops.size(); ++hop) {
    add_columns_of(simulation.hops[hop].name, kRequestHopColumns, header);
  }
  if (groups > 1) {
    header.emplace_back(kGroup->name);
  }
  if (simulation.mobility) {
    header.emplace_back(kHandover->name);
  }
  for (const Column<RequestRow>& column : kPlanColumns) {
    if (has_plans) {
      header.emplace_back(column.name);
    }
  }
  if (simulation.reports_exits) {
    header.emplace_back(kExitColumn->name);
  }
  if (simulation.updates) {
    header.emplace_back(kVersionColumn->name);
  }
  if (with_algorithm) {
    header.emplace_back(kAlgorithm->name);
  }
  header.insert(header.end(), further.begin(), further.end());
  return header;
}

}  // namespace

TableText request_table_text() {
  TableText text = text_of_table(kRequestTable);
  text.columns.insert(text.columns.end(), kRequestTierColumns.begin(), kRequestTierColumns.end());
  text.columns.insert(text.columns.end(), kRequestHopColumns.begin(), kRequestHopColumns.end());
  text.columns.insert(text.columns.end(), std::begin(kGroup), std::end(kGroup));
  text.columns.insert(text.columns.end(), std::begin(kHandover), std::end(kHandover));
  text.columns.insert(text.columns.end(), kPlanColumns.begin(), kPlanColumns.end());
  text.columns.insert(text.columns.end(), std::begin(kExitColumn), std::end(kExitColumn));
  text.columns.insert(text.columns.end(), std::begin(kVersionColumn), std::end(kVersionColumn));
  text.columns.insert(text.columns.end(), std::begin(kAlgorithm), std::end(kAlgorithm));
  return text;
}

RequestTableWriter::RequestTableWriter(const std::string& path,
                                       const engine::Simulation& simulation,
                                       std::optional<std::string> algorithm, bool has_plans,
                                       const std::vector<std::string>& further)
    : algorithm_(std::move(algorithm)),
      has_groups_(simulation.groups > 1),
      has_handovers_(simulation.mobility.has_value()),
      has_plans_(has_plans),
      has_exits_(simulation.reports_exits),
      has_versions_(simulation.updates.has_value()),
      tiers_(engine::levels(simulation.tiers.size(), simulation.groups)),
      hops_(engine::levels(simulation.hops.size(), simulation.groups)),
      file_(path, header_of(simulation, algorithm_.has_value(), has_plans, further)) {}

void RequestTableWriter::add(const RequestRow& row,
                             std::span<const std::optional<double>> further) {
  for (const Column<RequestRow>& column : kRequestColumns) {
    column.write(file_, row);
  }
  for (std::size_t tier = 1; tier < tiers_; ++tier) {
    const RequestTierRow part{
        row, tier < row.parts.tiers.size() ? row.parts.tiers[tier] : engine::TierPart()};
    for (const Column<RequestTierRow>& column : kRequestTierColumns) {
      column.write(file_, part);
    }
  }
  for (std::size_t hop = 0; hop < hops_; ++hop) {
    const RequestHopRow part{row,
                             hop < row.parts.hops.size() ? row.parts.hops[hop] : engine::HopPart()};
    for (const Column<RequestHopRow>& column : kRequestHopColumns) {
      column.write(file_, part);
    }
  }
  if (has_groups_) {
    file_.text(row.group_name);
  }
  if (has_handovers_) {
    file_.field(row.if_answered(row.request.handover));
  }
  for (const Column<RequestRow>& column : kPlanColumns) {
    if (has_plans_) {
      column.write(file_, row);
    }
  }
  if (has_exits_) {
    file_.text(row.exit);
  }
  if (has_versions_) {
    file_.field(row.request.version < 0 ? std::nullopt : std::optional(row.request.version));
  }
  if (algorithm_) {
    file_.text(*algorithm_);
  }
  for (const std::optional<double>& value : further) {
    file_.field(value);
  }
  file_.end_row();
}

}  // namespace offcut::analysis
