// `offcut serve --http`: the service of a node. A signal stops the service first and the node after
// it, on another thread than the node's, which must go on to answer.

#include "sim/cli/node_service.h"

#include <fmt/format.h>

#include <utility>

#include "models/base/error.h"

namespace offcut::cli {
namespace {

/// Returns what `start` returns; errors are those of the option.
template <class Start>
auto started(Start start) {
  try {
    return start();
  } catch (const InputError& error) {
    throw InputError({"--http"}, error.diagnostics().front().message);
  }
}

/// Returns a name as a part of a URL.
std::string escaped(const std::string& name) {
  std::string text;
  for (const char c : name) {
    const bool is_plain = ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') ||
                          ('0' <= c && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
    text += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return text;
}

}  // namespace

NodeService::NodeService(runtime::Node& node, runtime::ServiceSettings settings)
    : answerer_(node),
      service_(started([&] { return runtime::HttpService(answerer_, std::move(settings)); })) {}

std::string NodeService::url() const {
  return fmt::format("http://{}/v2/models/{}/infer", service_.address(),
                     escaped(answerer_.spec().name));
}

void NodeService::stop_then(std::function<void()> stopped) {
  if (!stopping_.valid()) {
    stopping_ = std::async(std::launch::async, [this, stopped = std::move(stopped)] {
      service_.stop();
      stopped();
    });
  }
}

}  // namespace offcut::cli
