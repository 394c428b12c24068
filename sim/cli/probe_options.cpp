// The options of `offcut probe`.

#include "sim/cli/command_line.h"
#include "sim/cli/common_options.h"

namespace offcut::cli {

void CommandLine::add_probe() {
  CLI::App* command = add_command(
      "probe", "Measure the link to a node: round trip, rates, jitter, cold and warm",
      "The node is one of `offcut serve`, or `offcut probe --listen` where none runs yet. The "
      "rates "
      "are those of TCP, while nothing else should use the link. The hop that is written has the "
      "keys of network: {HOP: ...} in a scenario, and the spreads in comments.\n\n"
      "Example: offcut probe --listen 127.0.0.1:7000 &\n"
      "         offcut probe 127.0.0.1:7000 --out hop.yaml\n"
      "         offcut run scenarios/quickstart.yaml --set network.edge-cloud=\"$(cat hop.yaml)\"",
      [this](const auto&) { return cli::probe(probe_); });
  CLI::Option* address =
      command->add_option("NODE", probe_.address, "HOST:PORT of the node to probe");
  add_text(command, "--listen", probe_.listen, "HOST:PORT",
           "Measure nothing, but answer the probes of others until Ctrl-C; port 0 is a free one")
      ->excludes(address);
  add_text(command, "--token", probe_.token, "SECRET",
           "The token of the node; with --listen, that which probers must have");
  add_text(command, "--time", probe_.time, "TIME", "Roughly the time that measuring takes")
      ->capture_default_str();
  add_text(command, "--out", probe_.out, "FILE", "Write the hop (YAML)");
  add_json(command);
  add_quiet(command);
}

}  // namespace offcut::cli
