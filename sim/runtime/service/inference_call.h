#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "sim/runtime/service/body_share.h"
#include "sim/runtime/service/http_core.h"

namespace offcut::runtime {

/// The body of an inference request.
struct CallBody {
  std::string bytes;
  std::shared_ptr<BodyShare> share;       // Is given back once the body is read.
  std::optional<std::size_t> json_bytes;  // See read_infer_request().
};

/// Reads the request on a worker, hands it to the model, writes the answer on a worker, and calls
/// `ended` with it on the I/O thread, unless the service has stopped by then. `ended` must not
/// prolong the life of a session.
void begin_call(HttpCore& core, CallBody body, std::function<void(HttpReply)> ended);

}  // namespace offcut::runtime
