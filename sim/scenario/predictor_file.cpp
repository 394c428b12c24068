// The file is a map:
//   offcut-device: 1
//   about: what it was fitted to
//   errors: {median-model: 0.07, median-layer: 0.2}
//   leave-one-out: {resnet50: {batch: 1, measured: 0.024, predicted: 0.025}, ...}
//   kinds: {Conv: {samples: 512, line: [c0, c1, c2, c3, c4], trees: ["f<t:l:r v ...", ...]}, ...}
// A tree is a text of its nodes, the root first: "feature<threshold:left:right", or a leaf's value.

#include "sim/scenario/predictor_file.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <fstream>
#include <sstream>

#include "sim/scenario/yaml/map_reader.h"

namespace offcut::scenario {
namespace {

std::string text_of(const cost::Tree& tree) {
  std::string text;
  for (const cost::TreeNode& node : tree) {
    text += text.empty() ? "" : " ";
    text += node.feature < 0
                ? fmt::format("{}", node.value)
                : fmt::format("{}<{}:{}:{}", node.feature, node.threshold, node.left, node.right);
  }
  return text;
}

YamlNode number(double value) { return YamlNode::scalar(fmt::format("{}", value)); }

YamlNode node_of(const cost::KindModel& kind) {
  YamlNode node;
  node.add("samples", YamlNode::scalar(fmt::format("{}", kind.samples)));
  if (kind.samples == 0) {
    return node;
  }
  YamlNode line{.kind = YamlNode::Kind::sequence};
  for (const double c : kind.line) {
    line.items.push_back(number(c));
  }
  node.add("line", std::move(line));
  YamlNode trees{.kind = YamlNode::Kind::sequence};
  for (const cost::Tree& tree : kind.corrections) {
    trees.items.push_back(YamlNode::scalar(text_of(tree)));
  }
  node.add("trees", std::move(trees));
  return node;
}

/// Reads numbers from the text, one after the other.
class Scanner {
 public:
  explicit Scanner(const std::string& text) : at_(text.data()), end_(text.data() + text.size()) {}

  template <class T>
  bool read(T& value) {
    const auto [next, error] = std::from_chars(at_, end_, value);
    at_ = next;
    return error == std::errc();
  }
  bool skip(char c) {
    const bool is_there = at_ != end_ && *at_ == c;
    at_ += is_there ? 1 : 0;
    return is_there;
  }
  bool at_end() const { return at_ == end_; }

 private:
  const char* at_;
  const char* end_;
};

bool parse_node(const std::string& text, cost::TreeNode& node) {
  if (text.find('<') == std::string::npos) {
    Scanner scanner(text);
    return scanner.read(node.value) && scanner.at_end() && std::isfinite(node.value);
  }
  Scanner scanner(text);
  return scanner.read(node.feature) && scanner.skip('<') && scanner.read(node.threshold) &&
         scanner.skip(':') && scanner.read(node.left) && scanner.skip(':') &&
         scanner.read(node.right) && scanner.at_end() && std::isfinite(node.threshold);
}

/// False where the text is no tree: children stand behind their parent, so that it ends.
bool parse_tree(const std::string& text, cost::Tree& tree) {
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!parse_node(word, tree.emplace_back())) {
      return false;
    }
  }
  const auto size = static_cast<int>(tree.size());
  for (int i = 0; i < size; ++i) {
    const cost::TreeNode& node = tree[static_cast<std::size_t>(i)];
    const bool is_leaf = text.find('<') == std::string::npos || node.feature < 0;
    const bool is_valid = node.feature < static_cast<int>(cost::kTreeFeatures) && node.left > i &&
                          node.left < size && node.right > i && node.right < size;
    if (!is_leaf && !is_valid) {
      return false;
    }
  }
  return size > 0;
}

class KindReader {
 public:
  KindReader(MapReader& reader, std::vector<Diagnostic>& diagnostics)
      : reader_(reader), diagnostics_(diagnostics) {}

  cost::KindModel read() {
    cost::KindModel kind{.samples = static_cast<std::size_t>(
                             reader_.integer("samples", {}, {.least = 0, .most = 1e9}))};
    const YamlNode* line = reader_.raw("line");
    const YamlNode* trees = reader_.raw("trees");
    if (kind.samples > 0) {
      read_line(line, kind);
      read_trees(trees, kind);
    }
    reader_.done();
    return kind;
  }

 private:
  void read_line(const YamlNode* line, cost::KindModel& kind) {
    bool good = line != nullptr && line->items.size() == cost::kLineTerms;
    for (std::size_t i = 0; good && i < cost::kLineTerms; ++i) {
      const std::string& text = line->items[i].text;
      Scanner scanner(text);
      double value = 0;
      good = scanner.read(value) && scanner.at_end() && value >= 0 && std::isfinite(value);
      kind.line.push_back(value);
    }
    if (!good) {
      reader_.error("line",
                    fmt::format("expected a list of {} numbers of at least 0", cost::kLineTerms));
    }
  }

  void read_trees(const YamlNode* trees, cost::KindModel& kind) {
    if (trees == nullptr || trees->kind != YamlNode::Kind::sequence) {
      reader_.error("trees", "expected a list of trees");
      return;
    }
    for (const YamlNode& item : trees->items) {
      if (!parse_tree(item.text, kind.corrections.emplace_back())) {
        diagnostics_.push_back({item.place,
                                "is no tree: expected nodes such as '3<0.5:1:2' and "
                                "leaves, the root first"});
      }
    }
  }

  MapReader& reader_;
  std::vector<Diagnostic>& diagnostics_;
};

}  // namespace

void write_predictor(const cost::Predictor& predictor, const cost::LeaveOneOut& errors,
                     const std::string& about, const std::string& path) {
  YamlNode root;
  root.add("offcut-device", YamlNode::scalar("1"));
  root.add("about", YamlNode::scalar(about));
  YamlNode medians;
  medians.add("median-model", number(errors.median_model_error));
  medians.add("median-layer", number(errors.median_layer_error));
  root.add("errors", std::move(medians));
  YamlNode table;
  for (const cost::ModelError& error : errors.models) {
    YamlNode row;
    row.add("measured", number(error.measured));
    row.add("predicted", number(error.predicted));
    table.add(error.batch == 1 ? error.model : fmt::format("{} x {}", error.model, error.batch),
              std::move(row));
  }
  root.add("leave-one-out", std::move(table));
  YamlNode kinds;
  for (const auto& [name, kind] : predictor.kinds) {
    kinds.add(name, node_of(kind));
  }
  root.add("kinds", std::move(kinds));
  std::ofstream file(path, std::ios::binary);
  file << to_yaml(root);
  file.close();
  if (!file) {
    throw InputError({path}, "cannot be written");
  }
}

cost::Predictor read_predictor(const std::string& path) {
  std::vector<Diagnostic> diagnostics;
  const YamlNode root = read_yaml(path, diagnostics);
  YamlNode unused;
  MapReader top(root, "", diagnostics, unused);
  top.integer("offcut-device", {}, {.least = 1, .most = 1});
  for (const char* told : {"about", "errors", "leave-one-out"}) {
    top.raw(told);
  }
  cost::Predictor predictor;
  MapReader kinds = top.map("kinds", true);
  for (const std::string& name : kinds.keys()) {
    MapReader reader = kinds.map(name, true);
    predictor.kinds[name] = KindReader(reader, diagnostics).read();
  }
  top.done();
  if (!diagnostics.empty()) {
    sort_by_place(diagnostics, path);
    throw InputError(std::move(diagnostics));
  }
  return predictor;
}

}  // namespace offcut::scenario
