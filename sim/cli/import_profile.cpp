// `offcut profile --from`: another tool's profile, its entries matched with a model's layers by
// name.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "models/base/readable.h"
#include "models/cost/foreign_profile.h"
#include "models/cost/profile.h"
#include "sim/cli/commands.h"
#include "sim/cli/console.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/terminal.h"

namespace offcut::cli {
namespace {

constexpr std::size_t kMostNamed = 10;  // Entries and layers without a match.

template <class Entries, class Name>
void print_names(const Entries& entries, Name name) {
  for (std::size_t i = 0; i < std::min(entries.size(), kMostNamed); ++i) {
    say("  {}\n", name(entries[i]));
  }
  if (entries.size() > kMostNamed) {
    say("  and {} more\n", entries.size() - kMostNamed);
  }
}

void print_report(const Graph& graph, const cost::ProfileMatch& match, std::size_t entries) {
  const double all = match.matched_seconds() + match.unmatched_seconds();
  say("{} of {} {} of {}: {}, {:.1f} % of the time\n", entries - match.unmatched.size(),
      counted(entries, "entry", "entries"),
      entries - match.unmatched.size() == 1 ? "is a layer" : "are layers", graph.name(),
      to_readable(Seconds(match.matched_seconds())),
      all > 0 ? 100 * match.matched_seconds() / all : 100.0);
  if (!match.unmatched.empty()) {
    say("\nleft out, since no layer has the name:\n");
    print_names(match.unmatched, [](const cost::ForeignEntry& entry) {
      return fmt::format("{}  {}", shortened(entry.name), to_readable(Seconds(entry.seconds)));
    });
  }
  if (!match.without.empty()) {
    say("\nlayers without a time of their own, fused or removed there (0 s): {}\n",
        match.without.size());
    print_names(match.without, [&](LayerId id) { return graph.layer(id).name; });
  }
}

/// Throws InputError if layers that multiply have no entry: they would cost nothing in every plan.
void check_complete(const std::string& path, const Graph& graph, const cost::ProfileMatch& match) {
  if (match.missing.empty()) {
    return;
  }
  std::vector<std::string> names;
  for (const LayerId id : match.missing) {
    names.push_back(in_quotes(graph.layer(id).name));
  }
  throw InputError(
      {path}, fmt::format("no entry for {} of {} with multiply-accumulates: {}; the "
                          "profile must be one of the whole model",
                          counted(names.size(), "layer"), graph.name(), fmt::join(names, ", ")));
}

}  // namespace

int import_profile(const ProfileOptions& options, const scenario::Registries& registries) {
  if (options.models.size() != 1) {
    throw InputError({"--from"}, fmt::format("is the profile of one model, but {} are given",
                                             options.models.size()));
  }
  refuse_overwriting("--out", {options.out}, {options.models.front(), options.from});
  const Graph graph = load_math({options.models.front(), options.bind, options.fix}, registries);
  const cost::ProfileFormat format = cost::format_of(options.from);
  if (format == cost::ProfileFormat::offcut) {
    throw InputError(
        {options.from},
        "is not a profile of ONNX Runtime, TensorRT or TFLite; offcut's own can be used "
        "as they are");
  }
  const std::vector<cost::ForeignEntry> entries = cost::read_foreign_profile(options.from, format);
  const cost::ProfileMatch match = cost::match_layers(entries, graph);
  if (match.unmatched.size() == entries.size()) {
    throw InputError({options.from},
                     fmt::format("none of its {} is a layer of {}: its first is {}, the "
                                 "model's is {}",
                                 counted(entries.size(), "entry", "entries"), graph.name(),
                                 in_quotes(entries.front().name), in_quotes(graph.layer(0).name)));
  }
  check_complete(options.from, graph, match);
  std::vector<cost::ProfileRow> rows = cost::profile_rows(graph, 1, 1);
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    rows[id].kernel = match.kernels[id];
    rows[id].median = match.seconds[id];
    rows[id].spread = match.spreads[id];
  }
  write_beside(options.out, [&](const std::string& path) { cost::write_profile(rows, path); });
  say("{}: profile of {}\n\n", options.from, to_text(format));
  print_report(graph, match, entries.size());
  say("\nwritten: {}\n", options.out);
  return 0;
}

}  // namespace offcut::cli
