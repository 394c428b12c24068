#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <random>

#include "models/ops/operator.h"
#include "tests/models/ops/examples.h"

namespace offcut::ops::contract_test {
namespace {

using Integers = std::vector<std::int64_t>;

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

const Registry<Operator>& operators() {
  static const Registry<Operator> registry = [] {
    Registry<Operator> filled;
    register_operators(filled);
    return filled;
  }();
  return registry;
}

/// Makes random uses, from sensible to absurd: many are refused, and those that are accepted must
/// work.
class UseGenerator {
 public:
  explicit UseGenerator(unsigned seed) : random_(seed) {}

  Use use() {
    Use use;
    use.opset = pick({1, 4, 6, 7, 10, 11, 12, 13, 14, 17});
    counts_ = one_in(50);
    first_ = shape(pick<std::size_t>({0, 1, 2, 2, 3, 4, 4, 5}));
    const std::size_t inputs = pick<std::size_t>({0, 1, 1, 2, 2, 3, 4, 5, 5});
    for (std::size_t i = 0; i < inputs; ++i) {
      add_input(use);
    }
    const std::size_t spatial = first_.size() < 2 ? 0 : first_.size() - 2;
    set(use, "kernel_shape", 2, [&] { return list(spatial); });
    for (const char* name : {"strides", "dilations"}) {
      set(use, name, 4, [&] { return list(spatial); });
    }
    set(use, "pads", 2, [&] { return list(2 * pick({spatial, first_.size()})); });
    set(use, "perm", 4, [&] { return order(first_.size()); });
    set(use, "shape", 2, [&] { return list(2); });
    for (const char* name : {"axis", "size"}) {
      set(use, name, 2, [&] { return integer(); });
    }
    for (const char* name : {"group", "transA", "transB", "ceil_mode", "is_test", "allowzero",
                             "count_include_pad", "training_mode", "spatial"}) {
      set(use, name, 4, [&] { return integer(); });
    }
    for (const char* name : {"alpha", "beta", "bias", "epsilon", "min", "max", "value"}) {
      set(use, name, 4, [&] { return pick({0.0F, 0.75F, -1.0F, 1e30F}); });
    }
    set(use, "to", 2, [&] { return pick<std::int64_t>({1, 2, 3, 6, 7, 9, 10, 11}); });
    set(use, "blocksize", 2, [&] { return pick<std::int64_t>({0, 1, 2, kMost}); });
    set(use, "keepdims", 4, [&] { return integer(); });
    for (const char* name : {"axes", "split", "starts", "ends", "output_padding", "output_shape"}) {
      set(use, name, 4, [&] { return list(pick({spatial, std::size_t{1}})); });
    }
    set(use, "auto_pad", 4, [&] {
      return std::string(pick({"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER", "OTHER"}));
    });
    set(use, "mode", 2, [&] {
      return std::string(pick({"constant", "reflect", "edge", "other"}));
    });
    return use;
  }

  /// Makes a sensible use with up to two changes.
  Use changed(Use use) {
    for (auto changes = random_() % 3; changes > 0; --changes) {
      const std::size_t i = random_() % use.types.size();
      switch (random_() % 5) {
        case 0:
          use.types[i] = {DataType::absent, {}};
          use.parameters[i] = nullptr;
          break;
        case 1:
          use.parameters[i] = nullptr;
          if (!use.types[i].shape.empty()) {
            use.types[i].shape[random_() % use.types[i].shape.size()] = integer();
          }
          break;
        case 2:
          use.parameters[i] = nullptr;
          use.types[i].type = pick({DataType::float32, DataType::int64, DataType::uint8});
          break;
        case 3:
          use.attributes.set(pick({"axis", "k", "layout", "p", "group", "batch_dims"}), integer());
          break;
        default:
          use.opset = pick({7, 9, 11, 13, 14, 16, 17});
      }
    }
    return use;
  }

  Tensor tensor(const TensorType& type) {
    Tensor filled(type);
    if (type.type == DataType::float32) {
      for (float& x : filled.values<float>()) {
        x = static_cast<float>(random_() % 64) / 8 - 4;
      }
    } else if (type.type == DataType::int64) {
      for (std::int64_t& x : filled.values<std::int64_t>()) {
        x = static_cast<std::int64_t>(random_() % 4) - 1;
      }
    } else {
      for (std::byte& byte : filled.bytes()) {
        byte = static_cast<std::byte>(random_() % 2);
      }
    }
    return filled;
  }

 private:
  template <class T>
  T pick(std::initializer_list<T> from) {
    return from.begin()[random_() % from.size()];
  }

  bool one_in(unsigned n) { return random_() % n == 0; }

  /// Sets the attribute one time in n, now and then to a type that no attribute here has.
  template <class F>
  void set(Use& use, const char* name, unsigned n, F value) {
    if (one_in(100)) {
      use.attributes.set(name, Tensor());
    } else if (one_in(n)) {
      use.attributes.set(name, value());
    }
  }

  void add_input(Use& use) {
    if (use.types.size() > 1 && one_in(2)) {
      use.types.push_back(use.types.back());
      use.parameters.push_back(use.parameters.back());
      return;
    }
    if (counts_) {
      const std::int64_t number = integer();
      Tensor value({}, std::span<const std::int64_t>(&number, 1));
      use.types.push_back(value.type());
      use.parameters.push_back(std::make_shared<Parameter>([value] { return value; }));
      return;
    }
    TensorType type{pick({DataType::float32, DataType::float32, DataType::float32,
                          DataType::float32, DataType::float32, DataType::float32, DataType::int64,
                          DataType::int32, DataType::uint8, DataType::boolean, DataType::absent}),
                    {}};
    std::shared_ptr<Parameter> known;
    if (type.type == DataType::int64 && one_in(2)) {
      const Integers numbers = list(pick({first_.size(), 2 * first_.size(), std::size_t{2}}));
      Tensor value({static_cast<std::int64_t>(numbers.size())},
                   std::span<const std::int64_t>(numbers));
      type = value.type();
      known = std::make_shared<Parameter>([value] { return value; });
    } else if (type.type == DataType::float32 && !use.types.empty() && one_in(8)) {
      const std::vector<float> scales(first_.size(), 2.0F);
      Tensor value({static_cast<std::int64_t>(scales.size())}, std::span<const float>(scales));
      type = value.type();
      known = std::make_shared<Parameter>([value] { return value; });
    } else if (type.type != DataType::absent) {
      type.shape = use.types.empty() ? first_ : like_first();
    }
    use.types.push_back(type);
    use.parameters.push_back(known);
  }

  /// Makes a shape that is usually related to the first one.
  Shape like_first() {
    switch (random_() % 5) {
      case 0:
        return first_;
      case 1:
        return first_.size() < 2 ? Shape{1} : Shape{first_[1]};
      case 2:
        return {first_.rbegin(), first_.rend()};
      case 3:
        return shape(first_.size());
      default:
        return shape(random_() % 6);
    }
  }

  Shape shape(std::size_t rank) {
    Shape result(rank);
    for (auto& extent : result) {
      extent = one_in(60) ? pick<std::int64_t>({-1, kLeast, kMost, std::int64_t{1} << 59, 1 << 30})
                          : pick<std::int64_t>({0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6});
    }
    return result;
  }

  std::int64_t integer() {
    return one_in(10) ? pick<std::int64_t>({kLeast, kMost, -1000, std::int64_t{1} << 30,
                                            (std::int64_t{1} << 30) + 1, std::int64_t{1} << 40})
                      : pick<std::int64_t>({-1, 0, 0, 1, 1, 2, 3});
  }

  Integers list(std::size_t length) {
    Integers result(one_in(10) ? random_() % 8 : length);
    for (auto& value : result) {
      value = one_in(5) ? integer() : pick<std::int64_t>({0, 1, 1, 2});
    }
    return result;
  }

  Integers order(std::size_t length) {
    Integers result(length);
    std::iota(result.begin(), result.end(), 0);
    std::shuffle(result.begin(), result.end(), random_);
    return one_in(5) ? list(length) : result;
  }

  std::mt19937 random_;
  Shape first_;          // The first shape of the use that is being made.
  bool counts_ = false;  // Its inputs are known numbers.
};

bool is_small(const std::vector<TensorType>& types) {
  return std::all_of(types.begin(), types.end(),
                     [](const TensorType& type) { return elements(type.shape) <= 4096; });
}

/// Runs the operator twice. Returns its outputs, or none if it refused.
std::optional<std::vector<Tensor>> run_twice(const Operator& op, const Call& call,
                                             const std::vector<Tensor>& inputs) {
  try {
    auto first = op.forward(call, inputs);
    const auto second = op.forward(call, inputs);
    for (std::size_t i = 0; i < first.size(); ++i) {
      const auto bytes = first[i].bytes();
      CHECK(std::equal(bytes.begin(), bytes.end(), second[i].bytes().begin()));
    }
    return first;
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

/// Infers and, if that works, counts and computes. Returns whether it worked.
bool try_use(const Operator& op, Use& use, UseGenerator& generator) {
  const Call call = use.call();
  std::vector<TensorType> outputs;
  try {
    outputs = op.infer(call);
  } catch (const std::invalid_argument&) {
    return false;
  }
  REQUIRE(!outputs.empty());
  CHECK(op.macs(call, outputs) >= 0);
  CHECK(op.kind(call) != LayerKind::table);
  const bool empty = std::all_of(outputs.begin(), outputs.end(),
                                 [](const TensorType& type) { return elements(type.shape) == 0; });
  if (empty || !is_small(outputs) || !is_small(use.types)) {
    return false;
  }
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < use.types.size(); ++i) {
    inputs.push_back(call.known[i] != nullptr                ? call.known[i]->value()
                     : use.types[i].type == DataType::absent ? Tensor()
                                                             : generator.tensor(use.types[i]));
  }
  const auto results = run_twice(op, call, inputs);
  if (!results) {
    return false;
  }
  REQUIRE(results->size() == outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    CHECK((*results)[i].type() == outputs[i]);
  }
  return true;
}

}  // namespace

TEST_CASE("every operator has a name and a description of one line") {
  CHECK(operators().size() >= 148);
  for (const auto& entry : operators()) {
    const Operator& op = entry.second;
    CAPTURE(op.name);
    CHECK(op.name == entry.first);
    CHECK(!op.doc.empty());
    CHECK(op.doc.find('\n') == std::string::npos);
  }
}

TEST_CASE("every operator refuses to be called without inputs") {
  for (const auto& entry : operators()) {
    const Operator& op = entry.second;
    CAPTURE(op.name);
    Use none;
    CHECK_THROWS_WITH_AS(op.infer(none.call()), doctest::Contains("missing"),
                         std::invalid_argument);
    Use absent;
    absent.types.resize(3);
    CHECK_THROWS_WITH_AS(op.infer(absent.call()), doctest::Contains("missing"),
                         std::invalid_argument);
  }
}

TEST_CASE("every operator refuses shapes that no tensor can have") {
  constexpr std::int64_t kHuge = std::int64_t{1} << 40;
  const std::vector<Shape> nonsense = {{-1},           {2, -3, 4, 4},        {1, kLeast},
                                       {kMost, kMost}, {1, 1, kHuge, kHuge}, {0, 1, kHuge, kHuge},
                                       {kMost, 0}};
  for (const auto& entry : operators()) {
    const Operator& op = entry.second;
    CAPTURE(op.name);
    for (const Shape& shape : nonsense) {
      CAPTURE(to_text(shape));
      for (std::size_t inputs = 1; inputs <= 5; ++inputs) {
        Use use;
        use.types.assign(inputs, {DataType::float32, shape});
        use.attributes.set("axis", std::int64_t{0});
        use.attributes.set("size", std::int64_t{1});
        use.attributes.set("kernel_shape", Integers(shape.size() > 2 ? shape.size() - 2 : 1, 1));
        CHECK_THROWS_AS(op.infer(use.call()), std::invalid_argument);
      }
    }
  }
}

TEST_CASE("every operator survives random uses and computes those that it accepts" *
          doctest::test_suite("slow")) {
  const std::map<std::string, Use> sensible = examples();
  for (const auto& entry : operators()) {
    const Operator& op = entry.second;
    CAPTURE(op.name);
    UseGenerator generator(5);
    int worked = 0;
    for (int round = 0; round < 10000; ++round) {
      CAPTURE(round);
      const auto example = sensible.find(op.name);
      Use use = example != sensible.end() && round % 4 == 0 ? generator.changed(example->second)
                                                            : generator.use();
      worked += try_use(op, use, generator) ? 1 : 0;
    }
    CHECK(worked > 0);  // Otherwise the generator never gets through to the computation.
  }
}

}  // namespace offcut::ops::contract_test
