// Addresses of nodes as users write them. Names are resolved by the transport, not here.
#include "sim/runtime/transport/address.h"

#include <fmt/format.h>

#include <boost/asio/ip/address.hpp>
#include <charconv>

#include "models/base/error.h"

namespace offcut::runtime {

Address parse_address(const std::string& text) {
  const auto refuse = [&](const std::string& reason) {
    throw InputError(Place{.file = shortened(text)},
                     reason +
                         "; expected HOST:PORT, such as 127.0.0.1:7000, [::1]:7000 or "
                         "edge.local:7000");
  };
  const std::size_t colon = text.rfind(':');
  const bool has_brackets = text.starts_with('[');
  if (colon == std::string::npos || (has_brackets && text.rfind(']') + 1 != colon)) {
    refuse("the port is missing");
  }
  Address address;
  address.host = has_brackets ? text.substr(1, colon - 2) : text.substr(0, colon);
  if (address.host.empty()) {
    refuse("the host is missing");
  }
  if (!has_brackets && address.host.find(':') != std::string::npos) {
    refuse("an IPv6 address needs brackets");
  }
  if (address.host.find_first_of(" \t\n/@") != std::string::npos) {
    refuse("the host has a character that no name has");
  }
  const char* const begin = text.data() + colon + 1;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(begin, end, address.port);
  if (error != std::errc{} || rest != end) {
    refuse("the port must be a whole number from 0 to 65535");
  }
  return address;
}

std::string to_text(const Address& address) {
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return fmt::format("{}:{}", is_v6 ? "[" + address.host + "]" : address.host, address.port);
}

bool is_loopback(const Address& address) {
  boost::system::error_code error;
  const auto number = boost::asio::ip::make_address(address.host, error);
  return error ? address.host == "localhost" : number.is_loopback();
}

}  // namespace offcut::runtime
