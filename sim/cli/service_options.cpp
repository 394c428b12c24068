// The options of a model's service over HTTP. Defaults are those of ServiceSettings.

#include "sim/cli/service_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/base/units.h"
#include "sim/cli/common_options.h"
#include "sim/cli/engine_options.h"
#include "sim/cli/program_version.h"

namespace offcut::cli {
namespace {

constexpr std::size_t kMostConnections = 100'000;
constexpr Bytes kMostBody{1e12};

void check_count(const std::string& option, std::size_t count,
                 std::vector<Diagnostic>& diagnostics) {
  if (count < 1 || count > kMostConnections) {
    diagnostics.push_back(
        {Place{option}, fmt::format("expected 1 to {}, got {}", kMostConnections, count)});
  }
}

/// Returns a size in whole bytes.
std::size_t read_size(const std::string& option, const std::string& text, Bytes least, Bytes most,
                      std::vector<Diagnostic>& diagnostics) {
  try {
    const Bytes size = parse<Bytes>(text);
    if (size < least || size > most) {
      diagnostics.push_back({Place{option}, fmt::format("expected {} to {}, got {}", to_text(least),
                                                        to_text(most), in_quotes(text))});
      return 0;
    }
    return static_cast<std::size_t>(size.si());
  } catch (const std::invalid_argument& error) {
    diagnostics.push_back({Place{option}, error.what()});
    return 0;
  }
}

}  // namespace

void add_service(CLI::App* command, ServiceArguments& arguments) {
  const runtime::ServiceSettings defaults;
  add_text(command, "--http", arguments.http, "HOST:PORT",
           "Answer programs at this address by the Open Inference Protocol (KServe v2 REST), with "
           "metrics at /metrics; port 0 takes a free one");
  add_text(command, "--http-model", arguments.model, "NAME",
           "Programs call the model by this name (default: its own; of a part, its file's)");
  add_text(command, "--http-max-body", arguments.max_body, "SIZE",
           fmt::format("Refuse larger requests over HTTP (default: {} MiB)",
                       defaults.body_bytes >> 20U));
  add_text(command, "--http-timeout", arguments.compute_time, "TIME",
           fmt::format("Give up on requests over HTTP that are not answered after this time "
                       "(default: {})",
                       to_text(defaults.compute_time)));
  command
      ->add_option("--http-connections", arguments.connections,
                   "Connections over HTTP at once; half of them from one address")
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--http-calls", arguments.calls, "Requests over HTTP under way at once")
      ->type_name("N")
      ->capture_default_str();
}

runtime::ServiceSettings service_settings(const ServiceArguments& arguments,
                                          const std::string& token,
                                          std::vector<Diagnostic>& diagnostics) {
  runtime::ServiceSettings settings;
  settings.address = arguments.http;
  settings.token = token;
  settings.version = program_version();
  const auto is_blank = [](char c) { return c <= ' ' || c > '~'; };
  if (std::any_of(token.begin(), token.end(), is_blank)) {
    diagnostics.push_back({Place{"--token"},
                           "with --http, expected letters, digits and signs of "
                           "ASCII without blanks"});
  }
  if (!arguments.max_body.empty()) {
    settings.body_bytes =
        read_size("--http-max-body", arguments.max_body, Bytes(1), kMostBody, diagnostics);
    settings.all_body_bytes = std::max(settings.all_body_bytes, 4 * settings.body_bytes);
  }
  if (!arguments.compute_time.empty()) {
    settings.compute_time = read_time("--http-timeout", arguments.compute_time, Seconds(1e-3),
                                      Seconds(1e7), diagnostics);
  }
  check_count("--http-connections", arguments.connections, diagnostics);
  check_count("--http-calls", arguments.calls, diagnostics);
  settings.connections = arguments.connections;
  settings.connections_per_peer = (arguments.connections + 1) / 2;
  settings.calls = arguments.calls;
  return settings;
}

}  // namespace offcut::cli
