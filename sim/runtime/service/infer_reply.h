#pragma once

#include "sim/runtime/service/answerer.h"
#include "sim/runtime/service/http_reply.h"
#include "sim/runtime/service/infer_request.h"

namespace offcut::runtime {

/// The version under which each model is served.
inline constexpr const char* kModelVersion = "1";

/// Returns the answer to a request whose call has ended. An answer that JSON can't carry is an
/// error (400), as is one that the model can't compute from these inputs.
HttpReply infer_reply(const ModelSpec& model, const InferRequest& request,
                      const CallResult& result);

}  // namespace offcut::runtime
