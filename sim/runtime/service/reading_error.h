#pragma once

#include <boost/system/error_code.hpp>
#include <optional>

#include "sim/runtime/service/http_reply.h"
#include "sim/runtime/service/settings.h"

namespace offcut::runtime {

/// Returns the answer to a request that could not be read; nothing if its peer is gone.
std::optional<HttpReply> reading_error(boost::system::error_code error,
                                       const ServiceSettings& settings);

}  // namespace offcut::runtime
