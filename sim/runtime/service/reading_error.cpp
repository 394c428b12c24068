#include "sim/runtime/service/reading_error.h"

#include <fmt/format.h>

#include <boost/beast/http/error.hpp>

namespace offcut::runtime {

namespace http = boost::beast::http;

std::optional<HttpReply> reading_error(boost::system::error_code error,
                                       const ServiceSettings& settings) {
  const bool is_of_http = error.category() == make_error_code(http::error::bad_method).category();
  if (!is_of_http || error == http::error::end_of_stream || error == http::error::partial_message) {
    return std::nullopt;
  }
  if (error == http::error::header_limit) {
    return error_reply(431,
                       fmt::format("the header has more than {} bytes", settings.header_bytes));
  }
  if (error == http::error::body_limit) {
    return error_reply(413, fmt::format("the body has more than {} bytes", settings.body_bytes));
  }
  if (error == http::error::bad_version) {
    return error_reply(505, "expected HTTP/1.1");
  }
  return error_reply(400, fmt::format("invalid HTTP: {}", error.message()));
}

}  // namespace offcut::runtime
