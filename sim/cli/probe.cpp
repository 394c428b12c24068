// `offcut probe`: measures the link to a node that serves a tier, or to another offcut probe that
// listens, and writes it as a hop for a scenario.

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "models/base/output_error.h"
#include "models/base/readable.h"
#include "sim/cli/console.h"
#include "sim/cli/exit_codes.h"
#include "sim/cli/interruption.h"
#include "sim/cli/json_document.h"
#include "sim/cli/output_file.h"
#include "sim/cli/probe_command.h"
#include "sim/cli/progress_bar.h"
#include "sim/cli/text_table.h"
#include "sim/runtime/transport/address.h"
#include "sim/runtime/transport/probe_server.h"
#include "sim/runtime/transport/socket_transport.h"

namespace offcut::cli {
namespace {

using runtime::Spread;

constexpr Seconds kShortestTime(1);
constexpr Seconds kLongestTime(600);

Seconds measuring_time(const std::string& text) {
  Seconds time;
  try {
    time = parse<Seconds>(text);
  } catch (const std::invalid_argument& error) {
    throw InputError({"--time"}, error.what());
  }
  if (time < kShortestTime || time > kLongestTime) {
    throw InputError({"--time"},
                     fmt::format("must be from {} to {}, not {}", to_readable(kShortestTime),
                                 to_readable(kLongestTime), in_quotes(text)));
  }
  return time;
}

std::string readable(double seconds) { return to_readable(Seconds(seconds)); }
std::string readable_rate(double rate) { return to_readable(BytesPerSecond(rate)); }

void add_row(TextTable& table, const std::string& name, const Spread& spread,
             std::string (*text)(double)) {
  table.add({name, text(spread.low), text(spread.median), text(spread.high),
             fmt::format("{}", spread.count)});
}

void print_figures(const runtime::LinkFigures& figures) {
  TextTable figures_table({"figure", ">10 %", ">median", ">90 %", ">times"});
  add_row(figures_table, "round trip", runtime::spread_of(figures.round_trips), readable);
  add_row(figures_table, "TCP handshake", figures.connecting, readable);
  add_row(figures_table, "rate up", figures.up.rate, readable_rate);
  add_row(figures_table, "rate down", figures.down.rate, readable_rate);
  for (const auto& [name, direction] :
       {std::pair("up", &figures.up), std::pair("down", &figures.down)}) {
    const std::string size = to_readable(Bytes(static_cast<double>(direction->cold_bytes)));
    add_row(figures_table, fmt::format("{} {}, in use", size, name), direction->warm, readable);
    add_row(figures_table, fmt::format("{} {}, new", size, name), direction->fresh, readable);
    add_row(figures_table, fmt::format("{} {}, idle", size, name), direction->idle, readable);
  }
  say("{}\n", figures_table.text());

  TextTable sizes({"message", ">up", ">10 to 90 %", ">down", ">10 to 90 %"});
  const auto cell = [](const runtime::DirectionFigures& direction, std::size_t row) {
    if (row >= direction.sizes.size()) {
      return std::pair<std::string, std::string>();
    }
    const Spread& seconds = direction.sizes[row].seconds;
    return std::pair(readable(seconds.median),
                     fmt::format("{} to {}", readable(seconds.low), readable(seconds.high)));
  };
  for (std::size_t row = 0; row < std::max(figures.up.sizes.size(), figures.down.sizes.size());
       ++row) {
    const auto& longer = row < figures.up.sizes.size() ? figures.up : figures.down;
    const auto up = cell(figures.up, row);
    const auto down = cell(figures.down, row);
    sizes.add({to_readable(Bytes(static_cast<double>(longer.sizes[row].bytes))), up.first,
               up.second, down.first, down.second});
  }
  say("{}", sizes.text());
}

Json json_of(const Spread& spread) {
  return {{"p10", spread.low},
          {"median", spread.median},
          {"p90", spread.high},
          {"count", spread.count}};
}

Json json_of(const runtime::DirectionFigures& direction) {
  Json sizes = Json::array();
  for (const runtime::SizeTimes& size : direction.sizes) {
    sizes.push_back({{"bytes", size.bytes}, {"seconds", json_of(size.seconds)}});
  }
  return {{"rate_bytes_per_s", json_of(direction.rate)},
          {"sizes", sizes},
          {"cold",
           {{"bytes", direction.cold_bytes},
            {"in_use_s", json_of(direction.warm)},
            {"new_s", json_of(direction.fresh)},
            {"idle_s", json_of(direction.idle)}}}};
}

void fill_json(const runtime::LinkFigures& figures, const std::string& address) {
  Json& document = json_content();
  document["address"] = address;
  document["round_trip_s"] = json_of(runtime::spread_of(figures.round_trips));
  document["connecting_s"] = json_of(figures.connecting);
  document["latency_s"] = figures.latency().si();
  document["per_message_s"] = figures.own_message.si();
  document["jitter"] = {{"mean_s", figures.jitter_mean().si()}, {"cv", figures.jitter_cv()}};
  document["payload"] = figures.payload;
  document["up"] = json_of(figures.up);
  document["down"] = json_of(figures.down);
}

void write_hop(const std::string& hop, const std::string& target) {
  write_beside(target, [&](const std::string& path) {
    std::ofstream file(path, std::ios::binary);
    file << hop << std::flush;
    if (!file) {
      throw OutputError({path}, "can't be written");
    }
  });
}

int answer_probes(const ProbeArguments& arguments) {
  if (!runtime::is_loopback(runtime::parse_address(arguments.listen)) && arguments.token.empty()) {
    throw InputError({"--listen"},
                     "an address beyond this machine needs --token, so that not "
                     "everybody can use up its link");
  }
  runtime::IoLoop loop;
  const auto transport = runtime::make_socket_transport(loop);
  const runtime::ProbeServer server(*transport, arguments.listen, arguments.token);
  say("answering probes at {}; Ctrl-C ends it\n", server.address());
  flush_output();
  set_kept("probes are no longer answered");
  loop.run();
  return kDone;
}

runtime::LinkFigures measured(const ProbeArguments& arguments, Seconds time) {
  constexpr Seconds kPatience(10);
  const Seconds own_message = runtime::own_message_time();
  runtime::IoLoop loop;
  const auto transport = runtime::make_socket_transport(loop);
  runtime::Prober prober(loop, *transport, arguments.address, arguments.token, kPatience);
  ProgressBar bar("probe");
  try {
    runtime::LinkFigures figures =
        runtime::measure_link(prober, {.time = time}, [&](double done) { bar.show(done); });
    figures.own_message = own_message;
    return figures;
  } catch (const runtime::ProbeError& error) {
    throw InputError({arguments.address}, error.what());
  }
}

}  // namespace

int probe(const ProbeArguments& arguments) {
  if (arguments.address.empty() == arguments.listen.empty()) {
    throw InputError({"probe"}, arguments.address.empty()
                                    ? "expected the HOST:PORT of a node, or --listen HOST:PORT"
                                    : "HOST:PORT and --listen exclude each other");
  }
  if (!arguments.listen.empty()) {
    return answer_probes(arguments);
  }
  runtime::parse_address(arguments.address);
  const Seconds time = measuring_time(arguments.time);
  check_can_be_written({arguments.out});
  const runtime::LinkFigures figures = measured(arguments, time);
  print_figures(figures);
  const std::string hop = hop_text(figures, arguments.address);
  if (arguments.out.empty()) {
    say("\n{}", hop);
  } else {
    write_hop(hop, arguments.out);
    say("\nwritten: {}\n", arguments.out);
  }
  if (is_json()) {
    fill_json(figures, arguments.address);
    print_json();
  }
  return kDone;
}

}  // namespace offcut::cli
