#include "sim/scenario/key_texts.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <stdexcept>

namespace offcut::scenario::key_texts_test {
namespace {

const Registries& registries() {
  static const Registries all;
  return all;
}

/// Calls visit(map, path) for each kind of map of a scenario, once.
void each_map(const KeyTable& map, const std::string& path, std::set<const KeyTable*>& visited,
              const std::function<void(const KeyTable&, const std::string&)>& visit) {
  if (!visited.insert(&map).second) {
    return;
  }
  visit(map, path);
  for (const KeyTable* table = &map; table != nullptr; table = table->more) {
    for (const KeySpec& spec : table->keys) {
      if (spec.below != nullptr) {
        each_map(*spec.below, path + "." + std::string(spec.name), visited, visit);
      }
    }
  }
}

void each_map(const std::function<void(const KeyTable&, const std::string&)>& visit) {
  std::set<const KeyTable*> visited;
  each_map(kScenarioKeys, "", visited, visit);
}

bool is_sentence(std::string_view text) {
  const bool begins =
      !text.empty() && (std::isupper(static_cast<unsigned char>(text[0])) != 0 || text[0] == '`');
  return begins && text.ends_with('.') && text.find("  ") == std::string_view::npos;
}

void check_default(const KeySpec& spec) {
  if (spec.fallback.empty()) {
    return;
  }
  const std::string fallback(spec.fallback);
  const auto is_within = [&](double value) {
    return spec.bounds.least <= value && value <= spec.bounds.most;
  };
  const std::vector<std::string> choices = split_list(spec.choices);
  switch (spec.kind) {
    case ValueKind::number:
      CHECK(is_within(parse_quantity(fallback, spec.dimension)));
      break;
    case ValueKind::whole:
      CHECK(is_within(std::stod(fallback)));
      CHECK(fallback.find_first_not_of("0123456789") == std::string::npos);
      break;
    case ValueKind::flag:
      CHECK((fallback == "true" || fallback == "false"));
      break;
    case ValueKind::choice:
      CHECK(std::find(choices.begin(), choices.end(), fallback) != choices.end());
      break;
    default:
      CHECK((spec.kind == ValueKind::name || spec.kind == ValueKind::text));
  }
}

void check_key(const KeySpec& spec) {
  const bool is_text = spec.kind == ValueKind::name || spec.kind == ValueKind::choice;
  CHECK(is_sentence(spec.doc));
  CHECK(spec.example.find(": ") != std::string_view::npos);
  CHECK(spec.noun.empty() != is_text);
  if (spec.kind != ValueKind::name) {  // Some keys take words beside the names of a registry.
    CHECK(spec.choices.empty() == (spec.kind != ValueKind::choice));
  }
  CHECK((spec.fallback.empty() || spec.absent.empty()));
  if (spec.kind == ValueKind::map_or_file) {
    CHECK(spec.below != nullptr);
  }
  check_default(spec);
}

KeyBlock block_of(const std::vector<KeyBlock>& blocks, const std::string& path,
                  const std::string& title = "") {
  for (const KeyBlock& block : blocks) {
    if (block.paths.front() == path && block.title == title) {
      return block;
    }
  }
  FAIL("no block ", path, " ", title);
  return {};
}

KeyText key_of(const KeyBlock& block, const std::string& name, const std::string& owner = "") {
  for (const KeyText& key : block.keys) {
    if (key.name == name && key.owner == owner) {
      return key;
    }
  }
  FAIL("no key ", name, " ", owner);
  return {};
}

std::string refusal(const std::string& path) {
  try {
    key_blocks_at(path, registries());
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("keys: every declaration is complete and agrees with itself") {
  int keys = 0;
  each_map([&](const KeyTable& map, const std::string& path) {
    CAPTURE(path);
    std::set<std::string_view> names;
    for (const KeyTable* table = &map; table != nullptr; table = table->more) {
      CHECK(is_sentence(table->doc));
      CHECK((table == &map || !table->title.empty()));
      for (const KeySpec& spec : table->keys) {
        CAPTURE(spec.name);
        CHECK(names.insert(spec.name).second);
        // A placeholder would hide every key after it.
        CHECK((!spec.is_placeholder() || (table->keys.size() == 1 && table->more == nullptr)));
        check_key(spec);
        ++keys;
      }
    }
  });
  CHECK(keys > 150);
}

TEST_CASE("keys: every text parameter has an example, which can't be made up") {
  const auto check = [](const auto& registry) {
    for (const auto& [name, entry] : registry) {
      for (const ParameterSpec& spec : entry.parameters) {
        CAPTURE(name);
        CAPTURE(spec.name);
        CHECK((!spec.is_text || !spec.one_of.empty() || !spec.example.empty()));
      }
    }
  };
  check(registries().algorithms);
  check(registries().arrivals);
  check(registries().codecs);
  check(registries().queues);
  check(registries().batching);
  check(registries().dispatch);
  check(registries().admission);
  check(registries().autoscaling);
  check(registries().estimators);
  check(registries().loads);
  check(registries().replanning);
}

TEST_CASE("keys: blocks have every map once, with the other maps that share its keys") {
  const std::vector<KeyBlock> blocks = key_blocks(registries());
  std::set<std::pair<std::string, std::string>> headings;
  for (const KeyBlock& block : blocks) {
    CAPTURE(block.paths.front());
    CAPTURE(block.title);
    CHECK(headings.emplace(block.paths.front(), block.title).second);
    CHECK(!block.keys.empty());
  }
  const KeyText seed = key_of(block_of(blocks, ""), "seed");
  CHECK(seed.type == "whole number");
  CHECK(seed.bounds == "0 to 9007199254740992");
  CHECK(seed.fallback == "`1`");
  CHECK(key_of(block_of(blocks, "tiers"), "TIER").fallback == "required");
  const KeyBlock device = block_of(blocks, "tiers.TIER", "Figures of a device");
  CHECK(device.paths == std::vector<std::string>{"tiers.TIER", "tiers.TIER.groups.GROUP",
                                                 "plan.classes.USERS", "devices.DEVICE"});
  CHECK(key_of(device, "peak").type == "speed");
  CHECK(key_of(block_of(blocks, "plan", "Plan of a model"), "objective").type ==
        "`latency`, `energy`, `money`, `throughput`, or a map");
  CHECK(key_of(block_of(blocks, "failures.NAME"), "outages").type == "list of maps");
}

TEST_CASE("keys: parameters stand beside the name of their owner") {
  const std::vector<KeyBlock> blocks = key_blocks(registries());
  const KeyBlock arrivals = block_of(blocks, "workload", "Parameters of arrivals");
  CHECK(arrivals.owner == "arrivals");
  CHECK(arrivals.paths == std::vector<std::string>{"workload", "workload.classes.CLASS"});
  const KeyText rate = key_of(arrivals, "rate", "poisson");
  CHECK(rate.fallback == "required");
  CHECK(rate.example == "workload: {arrivals: poisson, rate: 1 /s}");
  const KeyText period = key_of(arrivals, "period", "diurnal");
  CHECK(period.type == "time");
  CHECK(period.fallback == "`86400 s`");
  const KeyText after =
      key_of(block_of(blocks, "plan", "Parameters of algorithms"), "after", "fixed");
  CHECK(after.type == "text, or a list");
  CHECK(after.fallback == "required");
  CHECK(after.bounds.empty());
  CHECK(key_of(block_of(blocks, "plan", "Parameters of codecs"), "clusters", "kmeans").example ==
        "codec: kmeans:clusters=16");
  CHECK(key_of(block_of(blocks, "scheduling.TIER.batch", "Parameters of batching"), "preferred",
               "timeout")
            .type == "list of whole numbers");
}

TEST_CASE("keys: one path, by the user's names, with what is below") {
  const std::vector<KeyBlock> cores = key_blocks_at("tiers.edge.cores", registries());
  REQUIRE(cores.size() == 1);
  CHECK(cores[0].paths == std::vector<std::string>{"tiers.edge"});
  REQUIRE(cores[0].keys.size() == 1);
  CHECK(cores[0].keys[0].name == "cores");

  const std::vector<KeyBlock> site = key_blocks_at("network.a-b.site", registries());
  REQUIRE(site.size() == 6);  // With unlike uplinks, traces, rates, and parameters of rates.
  CHECK(site[1].paths == std::vector<std::string>{"network.a-b.site"});
  CHECK(site[1].keys.size() == 7);

  const std::vector<KeyBlock> rate = key_blocks_at("workload.rate", registries());
  REQUIRE(rate.size() == 1);
  CHECK(rate[0].keys.size() >= 4);
  CHECK(std::all_of(rate[0].keys.begin(), rate[0].keys.end(),
                    [](const KeyText& key) { return key.name == "rate" && !key.owner.empty(); }));
  CHECK(key_blocks_at("failures.edge.outages.from", registries()).size() == 1);
}

TEST_CASE("keys: a path that leads nowhere gives the nearest name") {
  CHECK(refusal("tires") == "unknown key 'tires'; did you mean 'tiers'?");
  CHECK(refusal("tiers.edge.memry") == "unknown key 'tiers.edge.memry'; did you mean 'memory'?");
  CHECK(refusal("workload.rat") == "unknown key 'workload.rat'; did you mean 'rate'?");
  CHECK(refusal("seed.x") == "the key 'seed' has no keys below");
  CHECK(refusal("plan.clusters").starts_with("unknown key 'plan.clusters'"));
  CHECK(refusal("").starts_with("unknown key ''"));
  CHECK(refusal("tiers.").starts_with("unknown key 'tiers.'"));
}

TEST_CASE("keys: every number and quantity has a largest value") {
  for (const KeyBlock& block : key_blocks(registries())) {
    for (const KeyText& key : block.keys) {
      CAPTURE(key.name);
      CHECK(key.bounds.find("at least") == std::string::npos);
      CHECK(key.bounds.find("inf") == std::string::npos);
    }
  }
}

}  // namespace offcut::scenario::key_texts_test
