// The columns of links.csv.

#include "analysis/tables/link_table.h"

#include <array>
#include <optional>

namespace offcut::analysis {
namespace {

constexpr auto kLinkColumns = std::to_array<Column<LinkRow>>({
    {"algorithm", "", "The algorithm that planned, as in summary.csv.",
     [](const LinkRow& row) { return std::string_view(row.run.algorithm); }},
    {"hop", "", "The two tiers that the hop connects.",
     [](const LinkRow& row) { return std::string_view(row.hop.name); }},
    {"direction", "", "`up`, away from the devices, or `down`.",
     [](const LinkRow& row) { return row.up ? "up" : "down"; }},
    {"links", "", "Parallel links: one per device, or one that all share.",
     [](const LinkRow& row) { return row.hop.links; }},
    {"bandwidth_bytes_per_s", "bytes/s", "The bandwidth of each link, the mean over the run.",
     [](const LinkRow& row) { return row.up ? row.hop.hop.up : row.hop.hop.down; }},
    {"latency_s", "s", "The latency of each link.",
     [](const LinkRow& row) { return row.hop.hop.latency; }},
    {"messages", "", "Messages that were carried.",
     [](const LinkRow& row) { return row.up ? row.hop.up_messages : row.hop.down_messages; }},
    {"bytes", "bytes", "Bytes that were carried.",
     [](const LinkRow& row) { return row.carried(); }},
    {"utilisation", "", "These bytes over what the links can carry during the run.",
     [](const LinkRow& row) {
       const Seconds duration = row.run.record.duration;
       return row.up ? up_utilisation(row.hop, duration) : down_utilisation(row.hop, duration);
     }},
    {"hop_lost", "", "Messages that were lost to failures.",
     [](const LinkRow& row) { return row.up ? row.hop.up_lost : row.hop.down_lost; }},
    {"served_by", "",
     "`SimGrid`, or `offcut`: where messages share a link equally, an event of offcut's own gives "
     "the same result; `engine: {own-links: false}` turns that off.",
     [](const LinkRow& row) {
       return (row.up ? row.hop.up_is_ours : row.hop.down_is_ours) ? "offcut" : "SimGrid";
     }},
    {"site_links", "",
     "Links that the devices of a site share (`site`), after their own. Empty without such links, "
     "like the next two.",
     [](const LinkRow& row) {
       return row.has_sites() ? std::optional(row.hop.site_links) : std::nullopt;
     }},
    {"site_bandwidth_bytes_per_s", "bytes/s",
     "The bandwidth of each of them, the mean over the run.",
     [](const LinkRow& row) {
       return row.has_sites() ? std::optional(row.site_bandwidth()) : std::nullopt;
     }},
    {"site_utilisation", "", "The bytes over what these links can carry during the run.",
     [](const LinkRow& row) {
       return row.has_sites()
                  ? std::optional(link_utilisation(row.carried(), row.site_bandwidth(),
                                                   row.hop.site_links, row.run.record.duration))
                  : std::nullopt;
     }},
});

constexpr ColumnTable<LinkRow> kLinkTable{"links.csv", "A row per run, hop and direction.",
                                          kLinkColumns};

}  // namespace

const ColumnTable<LinkRow>& link_table() { return kLinkTable; }

}  // namespace offcut::analysis
