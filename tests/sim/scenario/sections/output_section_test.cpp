#include <doctest/doctest.h>
#include <fmt/format.h>

#include "../messages.h"
#include "../read_text.h"

namespace offcut::scenario {
namespace {

/// Returns the errors of a scenario with two tiers and one hop: four rows for each sample.
Messages wrong(const std::string& stop, const std::string& interval) {
  return messages_of([&] {
    read_text(
        fmt::format("offcut: 1\n"
                    "stop: {}\n"
                    "output: {{series: {{interval: {}}}}}\n"
                    "model: {{zoo: lenet5}}\n"
                    "tiers: {{device: {{is: raspberry-pi-4b}}, edge: {{is: t4}}}}\n"
                    "network: {{device-edge: {{is: wifi}}}}\n"
                    "plan: {{algorithm: neurosurgeon}}\n"
                    "workload: {{arrivals: poisson, rate: 10 /s}}\n",
                    stop, interval));
  });
}

}  // namespace

TEST_CASE("output section: a series of more than ten million rows is refused") {
  // In 25 s, there are 2.5 million samples of 10 us, each with four rows.
  CHECK(wrong("{after: 25 s}", "10 us") == Messages{});
  CHECK(
      wrong("{after: 50 s}", "10 us") ==
      Messages{"2:7 stop: series.csv would have about 2e+07 rows after 50 s; at most 1e+07 can be "
               "written: expected an 'output.series.interval' of at least 20 us"});
  // 1000 requests arrive in about 100 s.
  CHECK(wrong("{requests: 1000}", "40 us") == Messages{});
  CHECK(wrong("{requests: 1000}", "1 us") ==
        Messages{"2:7 stop: series.csv would have about 4e+08 rows after 100 s; at most 1e+07 can "
                 "be written: expected an 'output.series.interval' of at least 40 us"});
  CHECK(wrong("{after: 50 s}", "0.1 us").size() == 1);  // Below the shortest interval.
}

}  // namespace offcut::scenario
