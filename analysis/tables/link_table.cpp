// The columns of links.csv.

#include "analysis/tables/link_table.h"

#include <array>
#include <optional>

namespace offcut::analysis {
namespace {

constexpr auto kLinkColumns = std::to_array<Column<LinkRow>>({
    {"algorithm", "", "The algorithm that made the plan, as in summary.csv.",
     [](const LinkRow& row) { return std::string_view(row.run.algorithm); }},
    {"hop", "", "The two tiers that the hop connects.",
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
    {"utilisation", "", "`bytes`, divided by what the links could have carried during the run.",
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
     "`bytes`, divided by what the uplinks could have carried during the run. Empty without "
     "`site`.",
     [](const LinkRow& row) {
       return row.has_sites()
                  ? std::optional(link_utilisation(row.carried(), row.site_bandwidth(),
                                                   row.hop.site_links, row.run.record.duration))
                  : std::nullopt;
     }},
});

constexpr ColumnTable<LinkRow> kLinkTable{
    "links.csv", "A row per run, hop and direction.", kLinkColumns,
    "`analysis/tables/link_table.cpp`, from `HopUsage` in `sim/engine/simulation.h`. Messages and "
    "bytes are counted in `sim/engine/core/run_books.cpp`, utilisations derived in "
    "`analysis/statistics/run_summary.cpp`."};

}  // namespace

const ColumnTable<LinkRow>& link_table() { return kLinkTable; }

}  // namespace offcut::analysis
