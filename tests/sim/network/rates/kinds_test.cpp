// All kinds of rates that move: laws that hold for each, and the statistics of the random ones.

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "sim/network/rates/rate_kind.h"

namespace offcut::network::kinds_test {
namespace {

const Registry<RateKind>& kinds() {
  static const Registry<RateKind> all = [] {
    Registry<RateKind> registry;
    register_rate_kinds(registry);
    return registry;
  }();
  return all;
}

/// Returns a model of the kind with parameters of its own.
std::unique_ptr<const RateModel> model_of(const std::string& name) {
  const RateKind& kind = *kinds().find(name);
  Parameters parameters = defaults(kind.parameters);
  if (name == "markov") {
    parameters.set("preset", std::string("lte"));
  } else if (name == "steps") {
    parameters.set("at", std::vector<double>{2, 5});
    parameters.set("up", std::vector<double>{300, 0});
    parameters.set("period", 10.0);
  } else if (name == "diurnal") {
    parameters.set("amplitude", 0.7);
    parameters.set("period", 100.0);
  }
  return kind.make(parameters);
}

constexpr LinkFigures kLink{.upwards = true, .bandwidth = 1000, .payload = 0.5, .key = 7};

double sum_of_steps(const Rate& rate, double from, double to) {
  return integral_over(rate, from, to);
}

}  // namespace

TEST_CASE("kinds of rates: changes ascend, and any two looks at one time agree") {
  for (const auto& [name, kind] : kinds()) {
    INFO(name);
    const auto model = model_of(name);
    const Rate rate = model->rate(kLink), again = model->rate(kLink);
    std::vector<std::pair<double, double>> seen;
    double time = 0;
    for (int i = 0; i < 2000; ++i) {
      const double next = rate.next_change(time);
      REQUIRE(next > time);
      CHECK(rate.at(time) == rate.at(std::nextafter(next, 0.0)));
      CHECK(rate.at(time) >= rate.least());
      CHECK(rate.at(time) <= rate.most());
      seen.emplace_back(time, rate.at(time));
      time = next;
    }
    for (std::size_t i = seen.size(); i-- > 0;) {  // Backwards, and from another copy.
      CHECK(rate.at(seen[i].first) == seen[i].second);
      CHECK(again.at(seen[i].first) == seen[i].second);
    }
    CHECK(!rate.ends_at_zero());
    CHECK(rate.integral(0.3, time) == doctest::Approx(sum_of_steps(rate, 0.3, time)).epsilon(1e-9));
    CHECK(rate.integral(time / 3, time / 2) ==
          doctest::Approx(sum_of_steps(rate, time / 3, time / 2)).epsilon(1e-9));
  }
}

TEST_CASE("kinds of rates: the mean over a long time is the one that planners count with") {
  for (const auto& [name, kind] : kinds()) {
    INFO(name);
    const auto model = model_of(name);
    const double mean = model->mean(true, 1000) * 0.5;
    CHECK(model->rate(kLink).mean(0, 400'000) == doctest::Approx(mean).epsilon(0.03));
  }
}

TEST_CASE("kinds of rates: random ones depend on the key alone, and are the same both ways") {
  for (const char* name : {"markov", "lognormal"}) {
    const auto model = model_of(name);
    LinkFigures down = kLink, other = kLink;
    down.upwards = false;
    other.key = 8;
    int same = 0;
    for (int i = 0; i < 100; ++i) {
      CHECK(model->rate(kLink).at(i) == model->rate(down).at(i));
      same += model->rate(kLink).at(i) == model->rate(other).at(i) ? 1 : 0;
    }
    CHECK(same < 60);
  }
}

TEST_CASE("lognormal rates: coefficient of variation and autocorrelation") {
  const RateKind& kind = *kinds().find("lognormal");
  Parameters parameters = defaults(kind.parameters);
  parameters.set("cv", 0.8);
  parameters.set("correlation", 5.0);
  const Rate rate = kind.make(parameters)->rate({true, 1, 1, 3});
  constexpr int kCount = 200'000;
  std::vector<double> logs;
  double sum = 0, squares = 0;
  for (int i = 0; i < kCount; ++i) {
    const double value = rate.at(i + 0.5);
    sum += value;
    squares += value * value;
    logs.push_back(std::log(value));
  }
  const double mean = sum / kCount;
  CHECK(mean == doctest::Approx(1).epsilon(0.02));
  CHECK(std::sqrt(squares / kCount - mean * mean) == doctest::Approx(0.8).epsilon(0.03));
  const double sigma2 = std::log1p(0.64), mu = -sigma2 / 2;
  double products = 0;
  for (std::size_t i = 0; i + 5 < logs.size(); ++i) {
    products += (logs[i] - mu) * (logs[i + 5] - mu);
  }
  CHECK(products / (kCount - 5) / sigma2 == doctest::Approx(std::exp(-1)).epsilon(0.05));
}

TEST_CASE("markov rates: own levels stay for exponential times, in their shares") {
  const RateKind& kind = *kinds().find("markov");
  Parameters parameters = defaults(kind.parameters);
  parameters.set("preset", std::string("own"));
  parameters.set("levels", std::vector<double>{1, 2, 4});
  parameters.set("stays", std::vector<double>{3, 1, 2});
  const Rate rate = kind.make(parameters)->rate({true, 7, 1, 5});
  // Shares of the time: 3, 2 * 1 and 2 of 7; the mean level is (3 + 4 + 8) / 7.
  const double unit = 7 * 7 / 15.0;
  double shares[3] = {0, 0, 0}, squares = 0, visits = 0, time = 0;
  while (time < 300'000) {
    const double next = rate.next_change(time);
    const double level = rate.at(time) / unit;
    const int number = level < 1.5 ? 0 : level < 3 ? 1 : 2;
    shares[number] += next - time;
    if (number == 0) {
      squares += (next - time) * (next - time);
      ++visits;
    }
    time = next;
  }
  CHECK(shares[0] / time == doctest::Approx(3.0 / 7).epsilon(0.02));
  CHECK(shares[1] / time == doctest::Approx(2.0 / 7).epsilon(0.02));
  CHECK(shares[0] / visits == doctest::Approx(3).epsilon(0.02));
  CHECK(squares / visits == doctest::Approx(18).epsilon(0.06));  // Twice the square of the mean.
}

TEST_CASE("kinds of rates: parameters that do not fit each other") {
  const auto error_of = [](const std::string& name, const Parameters& parameters) -> std::string {
    try {
      kinds().find(name)->make(parameters);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  };
  Parameters own = defaults(kinds().find("markov")->parameters);
  own.set("preset", std::string("own"));
  CHECK(error_of("markov", own) == "levels: expected at least two");
  own.set("levels", std::vector<double>{1, 2});
  CHECK(error_of("markov", own) == "stays: expected a time for each level");
  Parameters steps = defaults(kinds().find("steps")->parameters);
  CHECK(error_of("steps", steps) == "at: expected at least one time");
  steps.set("at", std::vector<double>{1, 1});
  CHECK(error_of("steps", steps) == "at: expected times in ascending order");
  steps.set("at", std::vector<double>{1, 2});
  CHECK(error_of("steps", steps) == "at: expected 'up' or 'down' beside it");
  steps.set("up", std::vector<double>{5, 0});
  CHECK(error_of("steps", steps) ==
        "up: the last bandwidth would be 0 for good; expected a period");
  steps.set("period", 2.0);
  CHECK(error_of("steps", steps) == "period: must be after the last time of 'at'");
}

}  // namespace offcut::network::kinds_test
