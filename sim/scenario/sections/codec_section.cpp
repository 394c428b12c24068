// Reads the codecs of a plan: one for all tensors that cross a link, a map of single ones, or a
// list from which the algorithm chooses. The names are resolved here; the tensors are checked
// against the network later, by sim/experiment.

#include "sim/scenario/sections/codec_section.h"

#include <fmt/format.h>

#include <stdexcept>

namespace offcut::scenario {
namespace {

constexpr KeySpec kCodec[] = {
    {.name = "TENSOR",
     .kind = ValueKind::text,
     .doc = "The codec of a tensor, or of all tensors that a layer makes. The others cross as they "
            "are.",
     .example = "codec: {pool1: int8}"},
};

class Reading {
 public:
  Reading(MapReader& plan, const Registry<codec::CodecKind>& registry,
          std::vector<Diagnostic>& diagnostics)
      : plan_(plan), registry_(registry), diagnostics_(diagnostics) {}

  CodecChoice run(const YamlNode& node) {
    choice_.place = node.place;
    switch (node.kind) {
      case YamlNode::Kind::map:
        read_some();
        break;
      case YamlNode::Kind::sequence:
        read_candidates(node);
        break;
      default:
        read_one(node);
    }
    return std::move(choice_);
  }

 private:
  std::string path() const { return plan_.path() + ".codec"; }

  std::optional<codec::NamedCodec> made(const std::string& text, const Place& place,
                                        const std::string& path) {
    try {
      return codec::NamedCodec{text, codec::make_codec(text, registry_)};
    } catch (const std::invalid_argument& error) {
      diagnostics_.push_back({place, fmt::format("{}: {}", path, error.what())});
      return std::nullopt;
    }
  }

  void read_one(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::scalar) {
      plan_.error("codec", "expected a codec, a map of codecs, or a list to choose from, got " +
                               describe(node));
      return;
    }
    choice_.all = made(node.text, node.place, path());
    plan_.resolved().add("codec", YamlNode::scalar(node.text));
  }

  void read_some() {
    MapReader tensors = plan_.map("codec");
    for (const std::string& name : tensors.keys()) {
      const Place place = tensors.place(name);
      const std::size_t before = diagnostics_.size();
      const std::string text = tensors.text(name);
      if (diagnostics_.size() > before) {
        continue;
      }
      if (auto codec = made(text, place, path() + "." + name)) {
        choice_.some.push_back({name, std::move(*codec), place});
      }
    }
    tensors.done();
  }

  void read_candidates(const YamlNode& list) {
    for (const YamlNode& item : list.items) {
      if (item.kind != YamlNode::Kind::scalar) {
        diagnostics_.push_back(
            {item.place, fmt::format("{}: expected a codec, got {}", path(), describe(item))});
      } else if (auto codec = made(item.text, item.place, path())) {
        choice_.candidates.push_back(std::move(*codec));
      }
    }
    if (list.items.empty()) {
      plan_.error("codec", "expected codecs to choose from, got an empty list");
    }
    plan_.resolved().add("codec", list);
  }

  MapReader& plan_;
  const Registry<codec::CodecKind>& registry_;
  std::vector<Diagnostic>& diagnostics_;
  CodecChoice choice_;
};

}  // namespace

constinit const KeyTable kCodecKeys{.doc = "The codecs of single tensors.", .keys = kCodec};

namespace {

/// Returns whether the plan's algorithm may measure accuracy without codecs: that of precisions.
bool counts_accuracy(const MapReader& plan, const ReadSoFar& so_far) {
  const partition::Algorithm* algorithm =
      plan.has_scalar("algorithm") ? so_far.registries.algorithms.find(plan.text_of("algorithm"))
                                   : nullptr;
  return algorithm != nullptr && algorithm->takes.accuracy;
}

}  // namespace

CodecChoice read_codec_choice(MapReader& plan, ReadSoFar& so_far) {
  const YamlNode* node = plan.raw("codec");
  CodecChoice choice;
  if (node != nullptr) {
    choice = Reading(plan, so_far.registries.codecs, so_far.diagnostics).run(*node);
    if (so_far.sources_known && so_far.is_table) {
      plan.error("codec", "a layer table has no shapes, which codecs need");
    }
  }
  if (!plan.has("cache")) {
    plan.raw("cache");
  } else {
    choice.cache = plan.text("cache");
    const bool has_list = node != nullptr && node->kind == YamlNode::Kind::sequence;
    if (!has_list && !counts_accuracy(plan, so_far)) {
      plan.error("cache", "needs a list of codecs to choose from (" + plan.path() + ".codec)");
    }
  }
  return choice;
}

}  // namespace offcut::scenario
