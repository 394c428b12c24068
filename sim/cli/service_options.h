#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "models/base/error.h"
#include "sim/runtime/service/settings.h"

namespace offcut::cli {

/// The options of a command that serves a model over HTTP, as they are given.
struct ServiceArguments {
  std::string http;      // Address; empty: no service.
  std::string model;     // Its name for callers; empty: the network's, or the part's.
  std::string max_body;  // Empty: the default of ServiceSettings, as below.
  std::string compute_time;
  std::size_t connections = runtime::ServiceSettings().connections;
  std::size_t calls = runtime::ServiceSettings().calls;

  bool is_asked_for() const { return !http.empty(); }
};

/// Adds --http and the options of its limits. The arguments must outlive the command.
void add_service(CLI::App* command, ServiceArguments& arguments);

/// Checks the options, but for the address. `token` is that of the command's --token.
runtime::ServiceSettings service_settings(const ServiceArguments& arguments,
                                          const std::string& token,
                                          std::vector<Diagnostic>& diagnostics);

}  // namespace offcut::cli
