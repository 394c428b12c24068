// Writes and reads fitted devices as YAML; the tables below declare the keys. A tree is a text of
// its nodes, the root first: "feature<threshold:left:right", or a leaf's value. Numbers are written
// in their shortest exact form, so that a file reads back bit by bit.

#include "sim/scenario/predictor_file.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <fstream>
#include <sstream>

#include "sim/scenario/yaml/map_reader.h"

namespace offcut::scenario {
namespace {

constexpr KeySpec kKind[] = {
    {.name = "samples",
     .kind = ValueKind::whole,
     .bounds = {0, 1e9},
     .doc = "The number of measured layers of this kind. With 0, the layers take no time.",
     .example = "Relu: {samples: 0}"},
    {.name = "line",
     .kind = ValueKind::number,
     .lists = Lists::only,
     .absent = "required with `samples`",
     .doc =
         "Five coefficients, each at least 0: the seconds of a layer, and those per MAC, byte of "
         "parameters, byte of activations and exponential.",
     .example = "Relu: {samples: 8, line: [1e-6, 0, 1e-10, 0, 0], trees: ['1']}"},
    {.name = "trees",
     .kind = ValueKind::text,
     .lists = Lists::only,
     .absent = "required with `samples`",
     .doc = "The trees whose sum corrects the logarithm of that time. A tree is a text of its "
            "nodes, the root "
            "first: `feature<threshold:left:right`, or the value of a leaf.",
     .example = "Relu: {samples: 8, line: [1e-6, 0, 0, 0, 0], trees: ['0<0.5:1:2 0.9 1.1']}"},
};
constexpr KeyTable kKindKeys{.doc = "The model of the layers of one kind.", .keys = kKind};
constexpr KeySpec kKinds[] = {
    {.name = "KIND",
     .below = &kKindKeys,
     .doc = "An operator such as `Conv`, or one with its neighbour such as `Relu after Conv`.",
     .example = "Relu: {samples: 0}"},
};
constexpr KeyTable kKindsKeys{.doc = "The models of the layers, by kind.", .keys = kKinds};
constexpr KeySpec kPredictor[] = {
    {.name = "offcut-device",
     .kind = ValueKind::whole,
     .bounds = {1, 1},
     .doc = "The version of the format.",
     .example = "offcut-device: 1"},
    {.name = "about",
     .kind = ValueKind::text,
     .absent = "empty",
     .doc = "The profiles to which the device was fitted. The reader ignores it.",
     .example = "about: fitted to three profiles"},
    {.name = "errors",
     .absent = "empty",
     .doc = "`median-model` and `median-layer`, the relative errors of whole models and of layers, "
            "each predicted from the other models. A run prints the first.",
     .example = "errors: {median-model: 0.07, median-layer: 0.2}"},
    {.name = "leave-one-out",
     .absent = "empty",
     .doc = "`measured` and `predicted`, the seconds of each model, predicted from the other "
            "models. The reader ignores them.",
     .example = "leave-one-out: {resnet50: {measured: 0.024, predicted: 0.025}}"},
    {.name = "kinds",
     .below = &kKindsKeys,
     .doc = "The models of the layers, by kind.",
     .example = "kinds: {Relu: {samples: 0}}"},
};

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

/// Reads numbers from a text, one after the other.
class Scanner {
 public:
  explicit Scanner(const std::string& text) : next_(text.data()), end_(text.data() + text.size()) {}

  template <class T>
  bool read(T& value) {
    const auto [next, error] = std::from_chars(next_, end_, value);
    next_ = next;
    return error == std::errc();
  }
  bool skip(char c) {
    const bool found = next_ != end_ && *next_ == c;
    next_ += found ? 1 : 0;
    return found;
  }
  bool at_end() const { return next_ == end_; }

 private:
  const char* next_;
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

/// Returns false if the text is not a tree. Children come after their parent, so that it ends.
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
    cost::KindModel kind{.samples = static_cast<std::size_t>(reader_.integer("samples"))};
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
                                "is not a tree: expected nodes such as '3<0.5:1:2' and "
                                "leaves, the root first"});
      }
    }
  }

  MapReader& reader_;
  std::vector<Diagnostic>& diagnostics_;
};

/// Returns the median error of whole models, if it is a number.
std::optional<double> read_left_out_error(const YamlNode* errors) {
  const YamlNode* median = errors != nullptr ? errors->find("median-model") : nullptr;
  double value = 0;
  if (median == nullptr) {
    return std::nullopt;
  }
  Scanner scanner(median->text);
  return scanner.read(value) && scanner.at_end() && value >= 0 && std::isfinite(value)
             ? std::optional(value)
             : std::nullopt;
}

}  // namespace

constinit const KeyTable kPredictorKeys{
    .doc = "The file that `offcut fit` writes, and that the key `fitted` names.",
    .keys = kPredictor};

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
  MapReader top(root, "", kPredictorKeys, diagnostics, unused);
  top.integer("offcut-device");
  for (const char* ignored : {"about", "leave-one-out"}) {
    top.raw(ignored);
  }
  cost::Predictor predictor{.left_out_error = read_left_out_error(top.raw("errors"))};
  MapReader kinds = top.map("kinds");
  for (const std::string& name : kinds.keys()) {
    MapReader reader = kinds.map(name);
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
