// `dirichlet` skews the labels. By client (Hsu et al.), all clients have the same number of
// samples, and each draws shares of the labels from Dir(alpha p), where p are the shares of all
// samples; its samples are drawn without replacement, so that a client late in the order takes from
// what is left. By label (Yurochkin et al.), the samples of each label are divided by a draw from
// Dir(alpha) over the clients, whose sizes differ then.

#include <boost/random/uniform_01.hpp>

#include "sim/training/drawing.h"
#include "sim/training/partition_samples.h"

namespace offcut::training {
namespace {

using Numbers = std::vector<std::int64_t>;

std::vector<Numbers> shuffled_classes(const dataset::Samples& samples, RandomStream& stream) {
  std::vector<Numbers> classes;
  for (const Numbers& sorted : samples_by_label(samples)) {
    classes.emplace_back();
    for (const std::size_t place : random_order(sorted.size(), stream)) {
      classes.back().push_back(sorted[place]);
    }
  }
  return classes;
}

/// Draws a class by its share among those that are not empty; if these have no share, by their
/// numbers of samples.
std::size_t drawn_class(const std::vector<Numbers>& classes, const std::vector<double>& shares,
                        RandomStream& stream) {
  const auto weight_of = [&](std::size_t c, bool by_share) {
    return by_share && !classes[c].empty() ? shares[c] : static_cast<double>(classes[c].size());
  };
  double total = 0;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    total += classes[c].empty() ? 0 : shares[c];
  }
  const bool by_share = total > 0;
  if (!by_share) {
    for (const Numbers& left : classes) {
      total += static_cast<double>(left.size());
    }
  }
  double place = boost::random::uniform_01<double>()(stream) * total;
  std::size_t last = 0;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    if (classes[c].empty()) {
      continue;
    }
    last = c;
    place -= weight_of(c, by_share);
    if (place < 0) {
      return c;
    }
  }
  return last;  // Rounding left a rest.
}

std::vector<Numbers> divide_by_client(double alpha, std::vector<Numbers> classes,
                                      std::size_t clients, RandomStream& stream) {
  std::size_t count = 0;
  for (const Numbers& same : classes) {
    count += same.size();
  }
  std::vector<double> concentrations;
  for (const Numbers& same : classes) {
    concentrations.push_back(alpha * static_cast<double>(same.size()) / static_cast<double>(count));
  }
  std::vector<Numbers> own(clients);
  for (std::size_t i = 0; i < clients; ++i) {
    const std::vector<double> shares = dirichlet_shares(concentrations, stream);
    const std::size_t size = (i + 1) * count / clients - i * count / clients;
    while (own[i].size() < size) {
      Numbers& from = classes[drawn_class(classes, shares, stream)];
      own[i].push_back(from.back());
      from.pop_back();
    }
  }
  return own;
}

std::vector<Numbers> divide_by_label(double alpha, const std::vector<Numbers>& classes,
                                     std::size_t clients, RandomStream& stream) {
  std::vector<Numbers> own(clients);
  for (const Numbers& same : classes) {
    const std::vector<double> shares =
        dirichlet_shares(std::vector<double>(clients, alpha), stream);
    const std::vector<std::size_t> counts = apportioned(shares, same.size());
    auto from = same.begin();
    for (std::size_t i = 0; i < clients; ++i) {
      const auto end = from + static_cast<std::ptrdiff_t>(counts[i]);
      own[i].insert(own[i].end(), from, end);
      from = end;
    }
  }
  return own;
}

ClientData divide_dirichlet(const Parameters& parameters, const dataset::Samples& samples,
                            std::size_t clients, std::uint64_t seed) {
  require_samples(samples, clients);
  const double alpha = parameters.at("alpha");
  RandomStream stream = random_stream(seed, "split dirichlet");
  std::vector<Numbers> classes = shuffled_classes(samples, stream);
  return finished_split(parameters.text("by") == "client"
                            ? divide_by_client(alpha, std::move(classes), clients, stream)
                            : divide_by_label(alpha, classes, clients, stream));
}

}  // namespace

void register_dirichlet(Registry<SplitKind>& registry) {
  registry.add(
      {.name = "dirichlet",
       .doc = "shares of labels from a Dirichlet distribution; a small alpha gives few classes",
       .citation = "Hsu, Qi, Brown, arXiv 1909.06335, 2019, section 3; by label: Yurochkin et al., "
                   "ICML 2019, section 4",
       .parameters = {{.name = "alpha",
                       .fallback = 0.5,
                       .least = 1e-6,
                       .most = 1e9,
                       .doc = "concentration: that of a client's labels in all, or that of each "
                              "client for a label"},
                      {.name = "by",
                       .is_text = true,
                       .one_of = {"client", "label"},
                       .doc = "whether each client draws its labels, or each label its clients"}},
       .divide = divide_dirichlet});
}

}  // namespace offcut::training
