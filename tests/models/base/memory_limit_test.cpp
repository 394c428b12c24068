#include "models/base/memory_limit.h"

#include <doctest/doctest.h>

#include <fstream>
#include <limits>

#include "models/graph/parameter_value.h"

namespace offcut::memory_limit_test {
namespace {

/// Sets a limit above what is in use, until it goes out of scope.
class LimitAbove {
 public:
  explicit LimitAbove(std::uint64_t more) : before_(memory_limit()) {
    set_memory_limit(memory_in_use() + more);
  }
  ~LimitAbove() { set_memory_limit(before_); }
  LimitAbove(const LimitAbove&) = delete;
  LimitAbove& operator=(const LimitAbove&) = delete;

 private:
  std::uint64_t before_;
};

Tensor tensor_of(std::int64_t bytes) { return Tensor({DataType::uint8, {bytes}}); }

}  // namespace

TEST_CASE("memory limit: tensors count while they live, and together") {
  const std::uint64_t before = memory_in_use();
  {
    const LimitAbove limit(1000);
    const Tensor first = tensor_of(600);
    CHECK(memory_in_use() == before + 600);
    const Tensor same = first;  // A handle takes no memory.
    CHECK_THROWS_AS(tensor_of(401), MemoryError);
    CHECK(memory_in_use() == before + 600);
    const Tensor second = tensor_of(400);
    CHECK(memory_in_use() == before + 1000);
  }
  CHECK(memory_in_use() == before);
}

TEST_CASE("memory limit: a size that no machine has is refused before it is allocated") {
  CHECK_THROWS_AS(tensor_of(std::numeric_limits<std::int64_t>::max() / 16), MemoryError);
}

TEST_CASE("memory limit: an error names the subject, the need and the limit") {
  const std::uint64_t before = memory_limit();
  set_memory_limit(2'000'000'000);
  const MemoryError error("float32 30000x30000", 3'600'000'000, memory_limit());
  CHECK(std::string(error.what()) ==
        "--max-memory: error: float32 30000x30000 needs 3.6 GB of memory, with the tensors that "
        "there are; the limit is 2 GB");
  CHECK(std::string(error.within("layer 'a' (Conv)").what())
            .find("error: layer 'a' (Conv): float32 30000x30000 needs 3.6 GB") !=
        std::string::npos);
  set_memory_limit(before);
}

TEST_CASE("memory limit: a parameter that is too large is named") {
  Graph graph("g");
  const TensorType type{DataType::float32, {1000}};
  const TensorId weights = graph.add_parameter(
      "weights", type, std::make_shared<Parameter>([type] { return Tensor(type); }));
  {
    const LimitAbove limit(3999);
    CHECK_THROWS_WITH_AS(parameter_value(graph.tensor(weights)),
                         doctest::Contains("tensor 'weights': float32 1000 needs"), MemoryError);
  }
  CHECK(parameter_value(graph.tensor(weights)).size() == 1000);  // The parameter can still be made.
}

TEST_CASE("memory limit: the machine's memory") {
  std::uint64_t total = std::numeric_limits<std::uint64_t>::max();
  std::ifstream file("/proc/meminfo");
  for (std::string name; file >> name && name != "MemTotal:";) {
    file.ignore(1000, '\n');
  }
  if (std::uint64_t kibibytes = 0; file >> kibibytes) {
    total = kibibytes * 1024;
  }
  CHECK(available_memory() > 10'000'000);
  CHECK(available_memory() <= total);
}

}  // namespace offcut::memory_limit_test
