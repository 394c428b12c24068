#include "models/base/parameters.h"

#include <doctest/doctest.h>

#include <stdexcept>

namespace offcut::parameters_test {

TEST_CASE("parameters: a name that the specs don't have, or have with another type") {
  Parameters parameters;
  parameters.set("rounds", 3);
  parameters.set("units", 1);
  parameters.set("solver", std::string("simplex"));
  CHECK(parameters.at("rounds") == 3);
  CHECK(parameters.text("solver") == "simplex");
  const auto complaint = [](auto read) {
    try {
      read();
    } catch (const std::out_of_range& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(complaint([&] { parameters.at("round"); }) ==
        "there is no parameter 'round' of type number; did you mean 'rounds'?");
  CHECK(complaint([&] { parameters.at("solver"); }) ==
        "there is no parameter 'solver' of type number; valid: rounds, units");
  CHECK(complaint([&] { parameters.text("rounds"); }) ==
        "there is no parameter 'rounds' of type text; valid: solver");
  CHECK(complaint([&] { parameters.list("rounds"); }) ==
        "there is no parameter 'rounds' of type list");
}

}  // namespace offcut::parameters_test
