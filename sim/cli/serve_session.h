#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/output_directory.h"
#include "sim/cli/interruption.h"
#include "sim/cli/node_service.h"
#include "sim/cli/serve_load.h"
#include "sim/runtime/node/load.h"
#include "sim/runtime/transport/io_loop.h"
#include "sim/runtime/transport/socket_transport.h"
#include "sim/study/served/served_node.h"
#include "sim/study/served/served_run.h"

namespace offcut::cli {

/// A node over sockets, from its start to its end, with what it prints and writes.
class ServeSession {
 public:
  struct Settings {
    std::string listen;                        // Empty: it does not.
    std::vector<std::vector<std::string>> to;  // By site.
    std::optional<runtime::ServiceSettings> http;
    std::optional<ServedLoad> load;
    std::optional<std::int64_t> requests;
    std::optional<Seconds> duration;
    std::optional<Seconds> gives_up_after;
    std::uint64_t seed = 1;
    std::string engine;
    std::string out;
  };

  /// Throws InputError for settings that contradict the node.
  ServeSession(study::ServedNode node, Settings settings, const scenario::Registries& registries);
  ~ServeSession();

  /// Returns the exit code. Throws InputError, and Interrupted once what was measured is written.
  int run();

 private:
  void check() const;
  void prepare();
  void ready();
  void begin_service();
  void end();
  void begin_trial();
  void begin_load();
  void ended(const runtime::LoadedCall& call);
  void over();
  void watch();
  void fail(const std::string& place, const std::string& reason);
  void write();
  void print_counts() const;
  study::ServedRun measured_run() const;
  runtime::Load::Inputs draw_inputs() const;

  study::ServedNode served_;
  Settings settings_;
  const scenario::Registries& registries_;
  const Interruption interruption_;
  runtime::IoLoop loop_;
  std::unique_ptr<runtime::Transport> transport_;
  std::unique_ptr<runtime::Workers> workers_;
  std::unique_ptr<OutputDirectory> out_;
  runtime::Load::Inputs inputs_;
  std::unique_ptr<runtime::Node> node_;
  std::unique_ptr<NodeService> service_;
  std::unique_ptr<runtime::CutChooser> chooser_;  // Null: all requests follow cut 0.
  std::unique_ptr<runtime::Load> trial_, load_;
  std::vector<runtime::LoadedCall> trials_;
  std::unique_ptr<study::MeasuredRequests> requests_;
  runtime::NodeCounts before_;  // The counts when the load began.
  PerSecond capacity_;
  std::vector<double> latencies_;
  std::int64_t fell_back_ = 0, failures_ = 0;
  Seconds load_end_;
  std::exception_ptr error_;
  std::optional<Interrupted> interrupted_;
};

}  // namespace offcut::cli
