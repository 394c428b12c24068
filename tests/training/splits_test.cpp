// The contract of splits over the registry, and the distribution of each.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "models/base/error.h"
#include "sim/training/drawing.h"
#include "sim/training/split.h"
#include "tests/parameters.h"
#include "tests/train/registries.h"
#include "tests/training/given.h"

namespace offcut::training::splits_test {
namespace {

const Registry<SplitKind>& kinds() { return train::filled_registry<SplitKind, register_splits>(); }

ClientData divided(const std::string& name, const dataset::Samples& samples, std::size_t clients,
                   std::uint64_t seed,
                   const std::vector<std::pair<std::string, double>>& given = {},
                   const std::vector<std::pair<std::string, std::string>>& texts = {}) {
  const SplitKind& kind = *kinds().find(name);
  Parameters parameters = defaults_but(kind.parameters, given);
  for (const auto& [key, text] : texts) {
    parameters.set(key, text);
  }
  return kind.divide(parameters, samples, clients, seed);
}

/// Samples of two features with labels that repeat 0, 1, 2, 3.
dataset::Samples four_classes(std::int64_t count) {
  Tensor inputs(TensorType{DataType::float32, {count, 2}});
  Tensor labels(TensorType{DataType::int64, {count}});
  for (std::int64_t i = 0; i < count; ++i) {
    const auto place = static_cast<std::size_t>(i);
    labels.values<std::int64_t>()[place] = i % 4;
    inputs.values<float>()[2 * place] = static_cast<float>(i % 4) * 10;
    inputs.values<float>()[2 * place + 1] = static_cast<float>(i % 7);
  }
  return {.inputs = inputs, .labels = labels, .targets = {}};
}

std::vector<double> label_shares(const dataset::Samples& samples,
                                 const std::vector<std::int64_t>& own) {
  std::vector<double> shares(static_cast<std::size_t>(samples.classes()), 0);
  for (const std::int64_t number : own) {
    const auto label = samples.labels.values<std::int64_t>()[static_cast<std::size_t>(number)];
    shares[static_cast<std::size_t>(label)] += 1 / static_cast<double>(own.size());
  }
  return shares;
}

std::size_t classes_held(const dataset::Samples& samples, const std::vector<std::int64_t>& own) {
  const std::vector<double> shares = label_shares(samples, own);
  return static_cast<std::size_t>(
      std::count_if(shares.begin(), shares.end(), [](double share) { return share > 0; }));
}

struct Moments {
  double sum = 0, squares = 0;
  int count = 0;
  void add(double x) {
    sum += x;
    squares += x * x;
    ++count;
  }
  double mean() const { return sum / count; }
  double variance() const { return squares / count - mean() * mean(); }
};

TEST_CASE("splits: each sample or feature goes to one client, and no client stays empty") {
  const dataset::Samples samples = first_digits(500);
  for (const auto& [name, kind] : kinds()) {
    CHECK(!kind.doc.empty());
    CHECK(!kind.citation.empty());
    for (const std::size_t clients : {1U, 2U, 7U, 10U, 100U, 250U}) {
      CAPTURE(name);
      CAPTURE(clients);
      const ClientData data = divided(name, samples, clients, 3);
      REQUIRE(data.samples.size() == clients);
      CHECK(data.features.size() == (kind.by_feature ? clients : 0));
      const std::vector<ClientSamples::Numbers> samples_of = lists(data.samples);
      const auto& parts = kind.by_feature ? data.features : samples_of;
      std::vector<std::int64_t> all;
      for (const std::vector<std::int64_t>& own : parts) {
        CHECK(!own.empty());
        CHECK(std::is_sorted(own.begin(), own.end()));
        all.insert(all.end(), own.begin(), own.end());
      }
      std::sort(all.begin(), all.end());
      const auto expected = first_numbers(kind.by_feature ? 784 : 500);
      if (!kind.overlaps) {
        CHECK(all == expected);  // All of them, once.
      } else {
        CHECK(std::includes(expected.begin(), expected.end(), all.begin(),
                            std::unique(all.begin(), all.end())));
      }
      for (const std::vector<std::int64_t>& own : samples_of) {
        CHECK((!kind.by_feature || own == first_numbers(500)));
      }
    }
  }
}

TEST_CASE("splits: the same seed gives the same split, another one another") {
  const dataset::Samples samples = first_digits(500);
  for (const auto& [name, kind] : kinds()) {
    CAPTURE(name);
    const ClientData first = divided(name, samples, 20, 1);
    const ClientData again = divided(name, samples, 20, 1);
    CHECK(lists(first.samples) == lists(again.samples));
    CHECK(first.features == again.features);
    CHECK((lists(divided(name, samples, 20, 2).samples) == lists(first.samples)) ==
          kind.by_feature);
  }
  CHECK(divided("by-feature", samples, 20, 1, {}, {{"order", "random"}}).features !=
        divided("by-feature", samples, 20, 2, {}, {{"order", "random"}}).features);
}

TEST_CASE("splits: impossible ones are refused") {
  const dataset::Samples samples = first_digits(60);
  dataset::Samples unlabelled = samples;
  unlabelled.labels = {};
  for (const auto& [name, kind] : kinds()) {
    CAPTURE(name);
    CHECK_THROWS_AS(divided(name, samples, 0, 1), std::invalid_argument);
    if (!kind.overlaps) {
      CHECK_THROWS_AS(divided(name, samples, kind.by_feature ? 785 : 61, 1), std::invalid_argument);
    }
    if (name == "shards" || name == "dirichlet") {
      CHECK_THROWS_AS(divided(name, unlabelled, 3, 1), std::invalid_argument);
    } else {
      CHECK(divided(name, unlabelled, 3, 1).samples.size() == 3);
    }
  }
  CHECK_THROWS_AS(divided("shards", samples, 31, 1), std::invalid_argument);
  CHECK(divided("shards", samples, 30, 1).samples.size() == 30);
}

TEST_CASE("splits: iid deals equal sizes, shards few classes") {
  const dataset::Samples samples = four_classes(800);
  for (const auto& own : lists(divided("iid", samples, 30, 1).samples)) {
    CHECK((own.size() == 26 || own.size() == 27));
    CHECK(classes_held(samples, own) >= 3);
  }
  bool has_one_class = false;
  for (const auto& own : lists(divided("shards", samples, 40, 1).samples)) {
    CHECK(own.size() == 20);
    CHECK(classes_held(samples, own) <= 2);  // 80 shards of 10, 20 of each class.
    has_one_class = has_one_class || classes_held(samples, own) == 1;
  }
  CHECK(has_one_class);
  for (const auto& own : lists(divided("shards", samples, 40, 1, {{"shards", 1}}).samples)) {
    CHECK(classes_held(samples, own) == 1);
  }
}

TEST_CASE("splits: a client's labels have the moments of Dir(alpha p)") {
  // The shares q of Dir(alpha p) have the mean p and the variance p (1 - p) / (alpha + 1). Those of
  // n labels that are drawn by q have p (1 - p) (1 / n + (1 - 1 / n) / (alpha + 1)). The first
  // client draws from full classes.
  const dataset::Samples samples = four_classes(1000);
  constexpr int kSeeds = 600;
  constexpr double kSize = 40;
  for (const double alpha : {0.3, 1.0, 10.0}) {
    CAPTURE(alpha);
    std::vector<Moments> shares(4);
    for (int seed = 0; seed < kSeeds; ++seed) {
      const ClientData data =
          divided("dirichlet", samples, 25, static_cast<std::uint64_t>(seed), {{"alpha", alpha}});
      REQUIRE(data.samples.count(0) == static_cast<std::int64_t>(kSize));
      const std::vector<double> own = label_shares(samples, data.samples[0]);
      for (std::size_t c = 0; c < 4; ++c) {
        shares[c].add(own[c]);
      }
    }
    const double variance = 0.25 * 0.75 * (1 / kSize + (1 - 1 / kSize) / (alpha + 1));
    for (const Moments& share : shares) {
      // Four standard errors of the mean; the variance's error is about its root of 2 / n.
      CHECK(std::abs(share.mean() - 0.25) < 4 * std::sqrt(variance / kSeeds));
      CHECK(share.variance() == doctest::Approx(variance).epsilon(0.25));
    }
  }
}

TEST_CASE("splits: by label, a class's shares have the moments of Dir(alpha) over the clients") {
  const dataset::Samples samples = four_classes(2000);
  for (const double alpha : {0.5, 5.0}) {
    CAPTURE(alpha);
    constexpr std::size_t kClients = 5;
    Moments share;  // Of client 0 in each class.
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      const ClientData data =
          divided("dirichlet", samples, kClients, seed, {{"alpha", alpha}}, {{"by", "label"}});
      const std::vector<std::int64_t> own = data.samples[0];
      const std::vector<double> shares = label_shares(samples, own);
      for (const double part : shares) {
        share.add(part * static_cast<double>(own.size()) / 500);
      }
    }
    const double mean = 1.0 / kClients;
    const double variance = mean * (1 - mean) / (kClients * alpha + 1);
    CHECK(std::abs(share.mean() - mean) < 4 * std::sqrt(variance / share.count));
    CHECK(share.variance() == doctest::Approx(variance).epsilon(0.15));
  }
}

TEST_CASE("splits: sizes of a quantity skew have the moments of Dir(alpha)") {
  const dataset::Samples samples = four_classes(1000);
  for (const double alpha : {0.5, 5.0, 1000.0}) {
    CAPTURE(alpha);
    constexpr std::size_t kClients = 5;
    Moments size;
    for (std::uint64_t seed = 0; seed < 600; ++seed) {
      size.add(static_cast<double>(
          divided("quantity", samples, kClients, seed, {{"alpha", alpha}}).samples.count(2)));
    }
    const double mean = 200;
    const double variance = 1000.0 * 1000.0 * 0.2 * 0.8 / (kClients * alpha + 1);
    CHECK(std::abs(size.mean() - mean) < 4 * std::sqrt(variance / size.count));
    CHECK(size.variance() == doctest::Approx(variance).epsilon(0.25));
  }
}

TEST_CASE("splits: k-means finds separate clusters, and shares large ones") {
  const dataset::Samples samples = four_classes(400);  // Clusters at 0, 10, 20 and 30.
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    for (const auto& own : lists(divided("k-means", samples, 4, seed, {{"rounds", 50}}).samples)) {
      CHECK(own.size() == 100);
      CHECK(classes_held(samples, own) == 1);
    }
    for (const auto& own :
         lists(divided("k-means", samples, 12, seed, {{"clusters", 4}}).samples)) {
      CHECK((own.size() == 33 || own.size() == 34));
      CHECK(classes_held(samples, own) == 1);
    }
  }
  // Equal inputs make no second cluster, but every client has samples.
  dataset::Samples same = samples;
  same.inputs = Tensor(samples.inputs.type());
  for (const auto& own : lists(divided("k-means", same, 8, 1).samples)) {
    CHECK(own.size() == 50);
  }
}

TEST_CASE("splits: drawn ones are of any number of clients, and each sample is as likely") {
  const dataset::Samples samples = four_classes(100);
  const ClientData data = divided("drawn", samples, 4000, 1, {{"samples", 20}});
  std::vector<int> times(100, 0);
  for (const std::vector<std::int64_t>& own : lists(data.samples)) {
    REQUIRE(own.size() == 20);
    CHECK(std::adjacent_find(own.begin(), own.end()) == own.end());
    for (const std::int64_t number : own) {
      ++times[static_cast<std::size_t>(number)];
    }
  }
  for (const int count : times) {  // 800, with a deviation of 25.
    CHECK(std::abs(count - 800) < 120);
  }
  CHECK_THROWS_AS(divided("drawn", samples, 2, 1, {{"samples", 101}}), std::invalid_argument);
}

TEST_CASE("splits: drawn samples are those of the client's stream whenever they are asked for") {
  // Against random_sample() itself, and for more clients than lists would have room for.
  constexpr std::size_t kMany = 1'000'000'000;
  const dataset::Samples samples = four_classes(100);
  const ClientData data = divided("drawn", samples, kMany, 7, {{"samples", 20}});
  REQUIRE(data.samples.size() == kMany);
  for (const std::size_t client : {std::size_t{0}, std::size_t{5}, kMany - 1}) {
    RandomStream stream = random_stream(7, "split drawn", client);
    const std::vector<std::size_t> drawn = random_sample(100, 20, stream);
    std::vector<std::int64_t> expected(drawn.begin(), drawn.end());
    std::sort(expected.begin(), expected.end());
    CHECK(data.samples[client] == expected);
    CHECK(data.samples[client] == expected);
    CHECK(data.samples.count(client) == 20);
  }
  CHECK_THROWS_AS(data.samples[kMany], std::out_of_range);
  CHECK_THROWS_AS(data.samples.count(kMany), std::out_of_range);
}

TEST_CASE("splits: features are divided in blocks") {
  const ClientData data = divided("by-feature", first_digits(10), 3, 1);
  CHECK(data.features[0].front() == 0);
  CHECK(data.features[0].back() == 260);
  CHECK(data.features[1].front() == 261);
  CHECK(data.features[2].back() == 783);
}

}  // namespace
}  // namespace offcut::training::splits_test
