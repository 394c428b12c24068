#include "sim/runtime/transport/address.h"

#include <doctest/doctest.h>

#include <string>

#include "models/base/error.h"

namespace offcut::runtime::address_test {

TEST_CASE("address: forms") {
  for (const std::string text : {"127.0.0.1:7000", "[::1]:7000", "edge.local:0", "h:65535"}) {
    CHECK(to_text(parse_address(text)) == text);
  }
  CHECK(parse_address("[fe80::1]:7").host == "fe80::1");
  CHECK(parse_address("[fe80::1]:7").port == 7);
}

TEST_CASE("address: errors name the text and the form") {
  for (const std::string text :
       {"", "7000", "host", "host:", ":7000", "host:65536", "host:-1", "[]:1", "host:7x",
        "::1:7000", "[::1]7000", "[::1:7000", "http://h:80"}) {
    CAPTURE(text);
    try {
      parse_address(text);
      FAIL_CHECK("no error");
    } catch (const InputError& error) {
      CHECK(error.diagnostics().at(0).place.file == text);
      CHECK(error.diagnostics().at(0).message.find("expected HOST:PORT") != std::string::npos);
    }
  }
}

TEST_CASE("address: only numbers of the loopback network, and localhost, stay on the machine") {
  for (const std::string text : {"127.0.0.1:7", "127.8.9.10:7", "[::1]:7", "localhost:7"}) {
    CHECK_MESSAGE(is_loopback(parse_address(text)), text);
  }
  for (const std::string text :
       {"127.example.org:7", "0.0.0.0:7", "[::]:7", "10.0.0.1:7", "localhost.example:7"}) {
    CHECK_MESSAGE(!is_loopback(parse_address(text)), text);
  }
}

}  // namespace offcut::runtime::address_test
