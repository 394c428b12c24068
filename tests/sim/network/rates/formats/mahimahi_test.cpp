#include <fmt/format.h>

#include "../../../engine/random_parts.h"
#include "../read.h"

namespace offcut::network::mahimahi_test {

using scenario::Messages;

TEST_CASE("mahimahi traces: 1500 bytes in the millisecond that ends with each line") {
  const Trace trace = read_text("1\n1\n3\n6\n");
  const auto steps = rate_steps(trace, false, {}, 1);
  CHECK(steps->end() == 0.006);
  CHECK(steps->count() == 5);  // 2 packets, nothing, a packet, nothing, a packet.
  const Rate rate(std::make_shared<Stepped>(steps, Stepped::AtEnd::repeat));
  CHECK(rate.at(0) == 3e6);
  CHECK(rate.at(0.0015) == 0);
  CHECK(rate.at(0.0025) == 1.5e6);
  CHECK(rate.integral(0, 0.006) == doctest::Approx(6000));
  CHECK(rate.integral(0.006, 0.009) == doctest::Approx(4500));
  CHECK(read_text("0\n2\n").from == std::vector<double>{0, 0.001});
}

TEST_CASE("mahimahi traces: as many bytes at each millisecond as there are lines until then") {
  engine::Draws draws(1, "opportunities");
  std::string text;
  std::vector<std::size_t> times;
  for (std::size_t time = draws.below(3); times.size() < 500; time += draws.below(4)) {
    times.push_back(std::max<std::size_t>(time, 1));
    text += fmt::format("{}\n", times.back());
  }
  const auto steps = rate_steps(read_text(text), true, {}, 1);
  const Rate rate(std::make_shared<Stepped>(steps, Stepped::AtEnd::repeat));
  for (std::size_t ms = 1; ms <= times.back(); ++ms) {
    const auto lines = std::upper_bound(times.begin(), times.end(), ms) - times.begin();
    CHECK(rate.integral(0, double(ms) / 1e3) ==
          doctest::Approx(1500 * double(lines)).epsilon(1e-9));
  }
}

TEST_CASE("mahimahi traces: one error each, with its line and column") {
  CHECK(wrong("5\n3\n") ==
        Messages{"2:1 time: 3 is before the line before it (5); expected lines in order of time"});
  CHECK(wrong("5\n7.5\n").size() == 1);
  CHECK(wrong("5\n-7\n").size() == 1);
  CHECK(wrong("5\n7 8\n") == Messages{"2:1 2 fields, expected a time in milliseconds"});
  CHECK(wrong("0\n0\n") == Messages{"1:1 the trace has no length: expected a time after 0"});
}

}  // namespace offcut::network::mahimahi_test
