#pragma once

#include <cstdint>
#include <string>

namespace offcut::runtime {

/// Where a node listens: "127.0.0.1:7000", "[::1]:7000" or "host:7000".
struct Address {
  std::string host;  // A name, or a number without brackets.
  std::uint16_t port = 0;
};

/// Throws InputError, whose place is the text, with the form that was expected.
Address parse_address(const std::string& text);
std::string to_text(const Address& address);

/// Returns whether only this machine reaches it: "localhost", or a number of the loopback network.
bool is_loopback(const Address& address);

}  // namespace offcut::runtime
