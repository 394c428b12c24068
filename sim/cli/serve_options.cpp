// The options of `offcut serve`.

#include "sim/cli/command_line.h"
#include "sim/cli/common_options.h"
#include "sim/cli/offers.h"
#include "sim/cli/service_options.h"

namespace offcut::cli {

void CommandLine::add_serve() {
  CLI::App* command = add_command(
      "serve", "Run a tier for real: parts of offcut split, or a tier of a scenario",
      "A tier with --listen computes its part of the requests that come, and with --to sends them "
      "on to the next tier. With --http, programs call the model, be it whole or split. A device "
      "with --load asks for requests itself and writes what it measured. "
      "Other addresses than loopback ones need a --token, the same on both sides.\n\n"
      "Example: offcut serve zoo:lenet5 --http 127.0.0.1:8000\n"
      "         offcut split zoo:lenet5 --cut pool1 --out /tmp/lenet5\n"
      "         offcut serve /tmp/lenet5/1-cloud.onnx --listen 127.0.0.1:7000\n"
      "         offcut serve /tmp/lenet5/0-device.onnx --to 127.0.0.1:7000 \\\n"
      "           --load 50% --requests 1000 --out measured/",
      [this](const auto& registries) { return cli::serve(serve_, registries); });
  offer_models(command
                   ->add_option("PART", serve_.sources,
                                "The tier's part of a network (.onnx, or zoo:NAME), one for each "
                                "cut that it is to have loaded; or a scenario (.yaml)")
                   ->required(),
               {".onnx", ".yaml"});
  add_text(command, "--tier", serve_.tier, "NAME",
           "The tier to be, by its name in the scenario (default of a part: by its file's name)");
  add_text(command, "--listen", serve_.listen, "HOST:PORT",
           "Take requests of the tier before at this address; port 0 takes a free one");
  add_repeated(command, "--to", serve_.to, "HOST:PORT[,...]",
               "The servers of the next tier. Given again: those of the next site, for failover");
  add_service(command, serve_.service);
  add_text(command, "--load", serve_.load, "LOAD",
           "closed (one request after another), a share of the bottleneck's capacity such as 50%, "
           "a rate such as 20/s, or a trace of arrivals (.csv)");
  command
      ->add_option("--requests", serve_.requests,
                   "Requests of the load (default: 100, or all of a trace)")
      ->type_name("N");
  add_text(command, "--duration", serve_.duration, "TIME",
           "Ask for no more requests after this time");
  add_text(command, "--seed", serve_.seed, "N",
           "Seed of arrivals and inputs (default: 1, or the scenario's)");
  add_text(command, "--whole", serve_.whole, "MODEL",
           "The whole network, which the device computes alone if no server can go on");
  add_text(command, "--timeout", serve_.timeout, "TIME",
           "A request that is not answered after this time is dropped (default: never)");
  add_text(command, "--token", serve_.token, "SECRET",
           "A secret that both sides of each connection must have");
  offer_choices(add_text(command, "--engine", serve_.engine, "NAME",
                         "reference: the same bits however the model is cut; fast: prepared "
                         "kernels"),
                kEngines)
      ->capture_default_str();
  command
      ->add_option("--cores", serve_.cores, "Requests, or batches, computed at once (default: 1)")
      ->type_name("N");
  add_repeated(command, "--cut", serve_.cuts, "LAYER[,LAYER]",
               "Also load the parts of this cut of a scenario's model: the last layer of every "
               "tier but the last. With adapt, the device chooses among plan and cuts");
  offer_list(add_text(command, "--adapt", serve_.adapt, "POLICY[:...]",
                      "Choose among several parts by this re-planning policy"),
             "replanning");
  offer_list(add_text(command, "--estimator", serve_.estimator, "NAME[:...]",
                      "The bandwidth estimator of --adapt"),
             "estimators")
      ->capture_default_str();
  offer_list(add_text(command, "--server-load", serve_.server_load, "NAME[:...]",
                      "The load estimator of --adapt (default: servers are believed to be idle)"),
             "loads");
  add_repeated(command, "--set", serve_.set, "KEY=VALUE", "Change a value of the scenario");
  add_bind(command, serve_.bind);
  add_fix(command, serve_.fix);
  add_text(command, "--out", serve_.out, "DIR",
           "Folder for what the load measured: requests.csv, measured.json");
  add_max_memory(command);
  add_quiet(command);
}

}  // namespace offcut::cli
