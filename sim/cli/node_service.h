#pragma once

#include <functional>
#include <future>
#include <string>

#include "sim/runtime/node/node_answerer.h"
#include "sim/runtime/service/http_service.h"

namespace offcut::cli {

/// A node's calls from outside, over HTTP.
class NodeService {
 public:
  /// Throws InputError of --http. REQUIRES: the node is ready and outlives this.
  NodeService(runtime::Node& node, runtime::ServiceSettings settings);

  /// Returns where the model is called: "http://127.0.0.1:8000/v2/models/lenet5/infer".
  std::string url() const;

  /// Stops, while the node still answers what is under way, and then calls `stopped` on a thread of
  /// its own. Nothing happens if it was called before.
  void stop_then(std::function<void()> stopped);

 private:
  runtime::NodeAnswerer answerer_;
  runtime::HttpService service_;
  std::future<void> stopping_;
};

}  // namespace offcut::cli
