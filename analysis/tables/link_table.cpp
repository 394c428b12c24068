// The columns of links.csv.

#include "analysis/tables/link_table.h"

#include <array>
#include <optional>

#include "analysis/statistics/bottleneck.h"

namespace offcut::analysis {
namespace {

template <class Value>
std::optional<Value> of_site(const LinkRow& row, Value value) {
  return row.has_sites() ? std::optional(value) : std::nullopt;
}

constexpr auto kLinkColumns = std::to_array<Column<LinkRow>>({
    {"algorithm", "", "The algorithm that made the plan, as in summary.csv.",
     [](const LinkRow& row) { return std::string_view(row.run.algorithm); }},
    {"hop", "",
     "The two tiers that the hop connects; with the same tier twice, the links between devices "
     "that "
     "work on a request together, one for each of them.",
     [](const LinkRow& row) { return std::string_view(row.hop.name); }},
    {"direction", "", "`up`, away from the devices, or `down`.",
     [](const LinkRow& row) { return row.up ? "up" : "down"; }},
    {"links", "", "The number of parallel links: one for each device, or one that all share.",
     [](const LinkRow& row) { return row.hop.links; }},
    {"bandwidth_bytes_per_s", "bytes/s",
     "The bandwidth of each link that carries messages (`payload`), averaged over the run.",
     [](const LinkRow& row) { return row.up ? row.hop.hop.up : row.hop.hop.down; }},
    {"latency_s", "s", "The latency of each link.",
     [](const LinkRow& row) { return row.hop.hop.latency; }},
    {"messages", "", "Messages that were carried, without those that were lost.",
     [](const LinkRow& row) { return row.up ? row.hop.up_messages : row.hop.down_messages; }},
    {"bytes", "bytes", "Bytes that were carried, without those of messages that were lost.",
     [](const LinkRow& row) { return row.carried(); }},
    {"utilisation", "",
     "The bytes that crossed, divided by what the links could have carried during the run. Beyond "
     "`bytes`, they have the parts that crossed of messages that were lost, or under way when the "
     "run was stopped.",
     [](const LinkRow& row) {
       const Seconds duration = row.run.record.duration;
       return row.up ? up_utilisation(row.hop, duration) : down_utilisation(row.hop, duration);
     }},
    {"hop_lost", "", "Messages that were lost because a link went down.",
     [](const LinkRow& row) { return row.up ? row.hop.up_lost : row.hop.down_lost; }},
    {"served_by", "",
     "`SimGrid`, or `offcut` where messages share a link equally: offcut then computes the same "
     "result with an event of its own. `engine: {own-links: false}` turns that off.",
     [](const LinkRow& row) {
       return (row.up ? row.hop.up_is_ours : row.hop.down_is_ours) ? "offcut" : "SimGrid";
     }},
    {"site_links", "",
     "The number of uplinks (`site`) that messages pass after the link of their device, one for "
     "each site. Empty without `site`.",
     [](const LinkRow& row) {
       return row.has_sites() ? std::optional(row.hop.site_links) : std::nullopt;
     }},
    {"site_bandwidth_bytes_per_s", "bytes/s",
     "The bandwidth of each uplink that carries messages, averaged over the run. Empty without "
     "`site`.",
     [](const LinkRow& row) {
       return row.has_sites() ? std::optional(row.site_bandwidth()) : std::nullopt;
     }},
    {"site_utilisation", "",
     "The same bytes as for `utilisation`, divided by what the uplinks could have carried during "
     "the run. Empty without `site`.",
     [](const LinkRow& row) {
       return row.has_sites()
                  ? std::optional(link_utilisation(row.crossed(), row.site_bandwidth(),
                                                   row.hop.site_links, row.run.record.duration))
                  : std::nullopt;
     }},
    {"offered_bytes", "bytes",
     "The bytes of all messages that were to be sent. A message that is sent again after a failure "
     "counts once.",
     [](const LinkRow& row) { return row.load().offered; }},
    {"offered_load", "",
     "The offered load: `offered_bytes`, divided by what all links could carry until the last "
     "message was to be sent, without headers and without the time for which links were down. "
     "Above 1, queues grow for as long as it lasts. 0 without a message. If a device with a link "
     "of its own opens a connection for each request, what the link could carry while the device "
     "waits for it counts as offered.",
     [](const LinkRow& row) { return row.load().offered_load(); }},
    {"offered_load_worst", "", "The highest offered load of one of the links.",
     [](const LinkRow& row) { return row.load().worst; }},
    {"wait_mean_s", "s",
     "Mean wait of the messages that were carried: the time until the device had sent its earlier "
     "ones, and what the transfer took beyond that of the message alone on idle links. Neither the "
     "promotion of its radio nor the stalls of its connection are a wait. That of a message over "
     "several hops at once counts on each. Empty if none was carried.",
     [](const LinkRow& row) {
       const std::int64_t carried = row.up ? row.hop.up_messages : row.hop.down_messages;
       return carried > 0 ? std::optional(row.traffic().waited.si() / static_cast<double>(carried))
                          : std::nullopt;
     }},
    {"most_messages", "",
     "The largest number of messages that waited for one link, or were under way on it, at the "
     "same time.",
     [](const LinkRow& row) { return row.load().most; }},
    {"messages_mean", "",
     "The number of messages that waited or were under way, averaged over time. Latency does not "
     "count.",
     [](const LinkRow& row) { return row.traffic().mean_messages; }},
    {"messages_left", "", "Messages that waited or were under way when the run was stopped.",
     [](const LinkRow& row) { return row.traffic().left; }},
    {"verdict", "",
     "As in tiers.csv: `stable`; `backlogged` if the links could carry what was offered, but the "
     "bytes that waited or were under way when the last message was to be sent would have taken "
     "more than a twentieth of the run's duration; `overloaded` if there was such a backlog and "
     "more was offered than they could carry, on all links together or on one of them "
     "(`links_overloaded`). With fewer than 100 messages, the load must "
     "exceed 1 by four standard deviations of their number; fewer than 10 count as stable.",
     [](const LinkRow& row) { return verdict_text(row.load().verdict); }},
    {"links_overloaded", "",
     "The number of links that are overloaded by themselves. Since some links are offered more "
     "than others by chance, their offered load must exceed 1 by four standard deviations of the "
     "number of their messages, as if these came in a Poisson process.",
     [](const LinkRow& row) { return row.load().saturated; }},
    {"site_offered_load", "",
     "As `offered_load`, of the uplinks. A message waits for both links at once; where one of the "
     "two has the higher offered load, and the other could carry what was offered, the wait counts "
     "for the verdict of the first alone. Empty without `site`.",
     [](const LinkRow& row) { return of_site(row, row.site_load().offered_load()); }},
    {"site_offered_load_worst", "",
     "The highest offered load of one of the uplinks. Empty without `site`.",
     [](const LinkRow& row) { return of_site(row, row.site_load().worst); }},
    {"site_most_messages", "",
     "The largest number of messages that waited for one uplink, or were under way on it, at the "
     "same time. Empty without `site`.",
     [](const LinkRow& row) { return of_site(row, row.site_load().most); }},
    {"site_verdict", "", "As `verdict`, of the uplinks. Empty without `site`.",
     [](const LinkRow& row) { return of_site(row, verdict_text(row.site_load().verdict)); }},
    {"site_links_overloaded", "",
     "The number of uplinks that are overloaded by themselves. Empty without `site`.",
     [](const LinkRow& row) { return of_site(row, row.site_load().saturated); }},
    {"service", "",
     "`one at a time`: a device sends one message after another over its own link, as devices "
     "that work on a request together do each way. `shared`: messages share the bandwidth of the "
     "link, max-min, as all of a shared link and the answers to a device do.",
     [](const LinkRow& row) {
       return row.is_of_teams() || (row.up && row.hop.up_one_at_a_time) ? "one at a time"
                                                                        : "shared";
     }},
});

constexpr auto kUpdateColumns = std::to_array<Column<LinkRow>>({
    {"update_messages", "",
     "The part of `messages` that updates had: new weights and data. Only with `updates`.",
     [](const LinkRow& row) { return row.traffic().update_messages; }},
    {"update_bytes", "bytes", "The part of `bytes` that updates had. Only with `updates`.",
     [](const LinkRow& row) { return row.traffic().update_bytes; }},
    {"update_part_bytes", "bytes",
     "Bytes that crossed of messages of updates that were lost, or not yet through at the end. "
     "Only with `updates`.",
     [](const LinkRow& row) { return row.traffic().update_part; }},
});

constexpr auto kLinkTaskColumns = std::to_array<Column<LinkRow>>({
    {"task_messages", "",
     "The part of `messages` that training had: samples, models and updates. Only with `training`.",
     [](const LinkRow& row) { return row.traffic().task_messages; }},
    {"task_bytes", "bytes", "The part of `bytes` that training had. Only with `training`.",
     [](const LinkRow& row) { return row.traffic().task_bytes; }},
});

constexpr ColumnTable<LinkRow> kLinkTable{
    "links.csv", "A row per run, hop and direction.", kLinkColumns,
    "`analysis/tables/link_table.cpp`, from `HopUsage` in `sim/engine/run_record.h`. Messages and "
    "bytes are counted in `sim/engine/core/run_books.cpp`, loads, waits and verdicts in "
    "`sim/engine/links/link_books.cpp`, parts of messages in `sim/engine/links/network.cpp`; "
    "utilisations are derived in `analysis/statistics/run_summary.cpp`."};

}  // namespace

const ColumnTable<LinkRow>& link_table() { return kLinkTable; }

std::span<const Column<LinkRow>> link_columns_of_updates() { return kUpdateColumns; }
std::span<const Column<LinkRow>> link_columns_of_tasks() { return kLinkTaskColumns; }

TableText link_table_text() {
  TableText text = text_of_table(kLinkTable);
  text.columns.insert(text.columns.end(), kUpdateColumns.begin(), kUpdateColumns.end());
  text.columns.insert(text.columns.end(), kLinkTaskColumns.begin(), kLinkTaskColumns.end());
  return text;
}

}  // namespace offcut::analysis
