#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "sim/runtime/service/answerer.h"
#include "sim/runtime/service/http_reply.h"
#include "sim/runtime/service/routes.h"

namespace offcut::runtime {

/// The parts of a request's header on which the answer depends.
struct RequestHead {
  std::string method;
  std::string target;
  std::optional<std::string> authorization;
  std::optional<std::string> content_type;
  std::optional<std::string> content_encoding;
  std::optional<std::string> json_bytes;  // "Inference-Header-Content-Length".
};

/// The decision that follows from a header.
struct Decision {
  std::optional<Route> route;             // Nothing: no such path.
  std::optional<HttpReply> reply;         // Nothing: `route` is infer, or metrics.
  std::optional<std::size_t> json_bytes;  // Of infer.
};

/// Decides what a request gets, before its body is read. The two health routes of the server are
/// open to everybody; all others need the token, if there is one.
class Front {
 public:
  /// REQUIRES: the answerer outlives this.
  Front(Answerer& answerer, std::string token, std::string version);

  Decision decide(const RequestHead& head) const;

 private:
  std::optional<HttpReply> refuse(const RequestHead& head, const Target& target) const;
  HttpReply get(const Target& target) const;

  Answerer& answerer_;
  std::string token_;
  std::string version_;
};

}  // namespace offcut::runtime
